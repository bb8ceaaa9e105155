"""
Between two styles
==================

A style is an object apart from clips: it can be measured, stored, compared and mixed. What lies
between a guitar and a fiddle?
"""

# %%
# Two styles
# ----------
import matplotlib.pyplot as plt
import numpy as np

from skstyle import make_style_transfer
from skstyle.datasets import make_tune
from skstyle.inspection import AudioRow
from skstyle.metrics import log_spectral_distance
from skstyle.transfer import RandomConvFeatures

sample_rate = 16000
content = make_tune("ode_to_joy", "clarinet", sample_rate=sample_rate, random_state=0)
guitar = make_tune("frere_jacques", "guitar", sample_rate=sample_rate, random_state=1)
fiddle = make_tune("frere_jacques", "fiddle", sample_rate=sample_rate, random_state=2)

transfer = make_style_transfer(
    sample_rate,
    "gram",
    features=RandomConvFeatures(n_filters=None),
    style_statistic="gram",
    contrast=30,
    max_iter=25,
    random_state=0,
)
plucked, bowed = (transfer.fit([x]).style_ for x in (guitar, fiddle))
print(plucked)

# %%
# Mixtures
# --------
# A mixture is the weighted mean of what was measured, and ``fit`` takes it in place of clips. What
# comes out is measured again: its distances to both styles, in units of the distance between them,
# move from one to the other.
shares, results, away = (0.0, 0.25, 0.5, 0.75, 1.0), {}, []
for share in shares:
    transfer.fit((1 - share) * plucked + share * bowed)
    results[share] = transfer.transform([content])[0]
    reached = transfer.measure([results[share]])
    away.append([reached.distance(plucked), reached.distance(bowed)])
    change = log_spectral_distance([content], [results[share]], sample_rate=sample_rate)
    print(f"{share:4.0%} fiddle: {change:.1f} dB from the content")

away = np.array(away) / plucked.distance(bowed)
figure, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.plot(shares, away[:, 0], "o-", label="to the guitar")
ax.plot(shares, away[:, 1], "o-", label="to the fiddle")
ax.set(xlabel="share of the fiddle", ylabel="distance", ylim=0)
ax.legend()
plt.show()

# %%
# Styles of sounds
# ----------------
# The engines that need no net have styles too, of the sounds themselves: transport by a mixture has
# gains between those towards either style.
transport = make_style_transfer(sample_rate, "transport", random_state=0)
mixture = sum(transport.fit([x]).style_ for x in (guitar, fiddle))
print(mixture)
filtered = transport.fit(mixture).transform([content])[0]

# %%
# Listen
# ------
clips = {"content: a clarinet": content, "guitar": results[0.0], "half and half": results[0.5]}
AudioRow({**clips, "fiddle": results[1.0], "half and half, filtered": filtered}, sample_rate)
