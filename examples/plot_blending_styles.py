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
from sklearn.pipeline import make_pipeline

from skstyle import GramStyleTransformer, PhaseReconstructor, STFTTransformer
from skstyle.datasets import make_tune
from skstyle.inspection import AudioPlayer
from skstyle.metrics import log_spectral_distance
from skstyle.transfer import RandomConvFeatures

sample_rate = 16000
content = make_tune("ode_to_joy", "clarinet", random_state=0)
guitar = make_tune("frere_jacques", "guitar", random_state=1)
fiddle = make_tune("frere_jacques", "fiddle", random_state=2)

stft = STFTTransformer(n_fft=512, output="magnitude", keep_source=True)
gram = GramStyleTransformer(RandomConvFeatures(n_filters=256), random_state=0)
phase = PhaseReconstructor(init="source")
plucked, bowed = (gram.fit(stft.fit_transform([x])).style_ for x in (guitar, fiddle))
print(plucked)

# %%
# Mixtures
# --------
# A mixture is the weighted mean of what was measured, and ``fit`` takes it in place of clips.
spectra = stft.transform([content])
shares, results = (0.0, 0.25, 0.5, 0.75, 1.0), {}
away = []
for share in shares:
    gram.fit((1 - share) * plucked + share * bowed)
    changed = gram.transform(spectra)
    results[share] = phase.fit_transform(changed)[0]
    reached = gram.measure(changed)
    away.append([reached.distance(plucked), reached.distance(bowed)])
    distance = log_spectral_distance([content], [results[share]], sample_rate=sample_rate)
    print(f"{share:4.0%} fiddle: {distance:.1f} dB from the content")

# %%
# Styles can be compared
# ----------------------
# What came out is measured again. Its distances to both styles, in units of the distance between
# them, move from one to the other.
away = np.array(away) / plucked.distance(bowed)
figure, ax = plt.subplots(figsize=(6, 3.5), layout="constrained")
ax.plot(shares, away[:, 0], "o-", label="to the guitar")
ax.plot(shares, away[:, 1], "o-", label="to the fiddle")
ax.set(xlabel="share of the fiddle", ylabel="distance", ylim=0)
ax.legend()
plt.show()

# %%
# Listen
# ------
AudioPlayer(content, sample_rate, title="content: a clarinet")

# %%
AudioPlayer(results[0.0], sample_rate, title="guitar")

# %%
AudioPlayer(results[0.5], sample_rate, title="half guitar, half fiddle")

# %%
AudioPlayer(results[1.0], sample_rate, title="fiddle")
