"""
Content against style
=====================

Descent lowers a sum of two losses: activations shall be those of the content, and their statistics
those of the style. Only the ratio of the two weights matters, and where descent begins.
"""

# %%
# A tune in the style of another
# ------------------------------
# A guitar plays one tune, a flute another. The truth, the guitar's tune on the flute, is heard by
# nobody but us.
import matplotlib.pyplot as plt

from skstyle import make_style_transfer
from skstyle.datasets import make_tune
from skstyle.inspection import AudioRow, SpectrogramDisplay
from skstyle.metrics import log_spectral_distance, timbre_distance
from skstyle.transfer import RandomConvFeatures

sample_rate = 16000
content = make_tune("ode_to_joy", "guitar", sample_rate=sample_rate, random_state=0)
style = make_tune("frere_jacques", "flute", sample_rate=sample_rate, random_state=1)
truth = make_tune("ode_to_joy", "flute", sample_rate=sample_rate, random_state=2)


def tell(name, x):
    to_truth = log_spectral_distance([truth], [x], sample_rate=sample_rate)
    to_style = timbre_distance([style], [x], sample_rate=sample_rate)
    print(f"{name:32s} {to_truth:4.1f} dB from the truth, timbre {to_style:.3f} from the style")


# %%
# A grid of weights and starts
# ----------------------------
# The weight of the style is 1. ``n_filters=None`` stands for infinitely many random filters, whose
# Gram matrices are known in closed form: about a second a clip.
transfer = make_style_transfer(
    sample_rate,
    "gram",
    features=RandomConvFeatures(n_filters=None),
    style_statistic="gram",
    contrast=30,
    max_iter=25,
    random_state=0,
)
weights, starts = (0.0, 0.01, 1.0), ("content", "noise")
results = {}
tell("content", content)
for start in starts:
    for weight in weights:
        transfer.set_params(transformer__init=start, transformer__content_weight=weight)
        results[start, weight] = transfer.fit([style]).transform([content])[0]
        tell(f"from {start}, content weight {weight:g}", results[start, weight])

# %%
# Look
# ----
# A row for every start, a column for every weight. With too much of it the content does not change;
# from noise and without it, there is no melody.
figure, axes = plt.subplots(2, 3, sharex=True, sharey=True, figsize=(11, 6), layout="constrained")
for ax, ((start, weight), x) in zip(axes.flat, results.items(), strict=True):
    title = f"from {start}, content weight {weight:g}"
    SpectrogramDisplay.from_predictions(x, sample_rate, ax=ax, title=title, colorbar=False)
    ax.set(ylim=(0, 5))
    ax.label_outer()
plt.show()

# %%
# Listen
# ------
clips = {f"from {start}, {weight:g}": x for (start, weight), x in results.items()}
AudioRow({"content": content, "style": style, **clips}, sample_rate)
