"""
Five ways to change a style
===========================

All transformers of style have one interface: ``fit`` on clips of the style, ``transform`` of any
contents. Here they meet side by side, on a tune, and on a texture that has no notes.
"""

# %%
# A tune, a style, and the truth
# ------------------------------
# The truth is the tune played on the style's instrument. No method hears it.
from time import perf_counter

import matplotlib.pyplot as plt

import skstyle as sks
from skstyle.datasets import example_textures, example_tunes
from skstyle.inspection import AudioRow, SpectrogramDisplay
from skstyle.metrics import chroma_similarity, log_spectral_distance, timbre_distance
from skstyle.transfer import RandomConvFeatures

content, style, truth, rate = example_tunes()
content, truth = content[: 3 * rate], truth[: 3 * rate]

# %%
# Five transformers
# -----------------
# Transport filters the content's frames, and concatenation puts the style's own sounds together.
# ``AutoStyleTransformer`` listens to content and style, and takes the one that suits. The last two
# follow a loss downhill until statistics of random filters are those of the style: on spectrograms,
# whose phases are found in the end, or on the very samples.
gram = sks.GramStyleTransformer(
    RandomConvFeatures(n_filters=None),
    style_statistic="gram",
    contrast=30,
    content_weight=0.01,
    max_iter=25,
    random_state=0,
)
transformers = {
    "transport": sks.TransportStyleTransformer(rate, random_state=0),
    "concatenative": sks.ConcatenativeStyleTransformer(rate, random_state=0),
    "auto": sks.AutoStyleTransformer(rate, random_state=0),
    "spectrogram": sks.SpectrogramStyleTransformer(rate, gram),
    "waveform": sks.WaveformStyleTransformer(
        rate, content_weight=0.01, max_iter=15, random_state=0
    ),
}
results, seconds = {"content": content}, {"content": 0.0, "truth": 0.0}
for name, transformer in transformers.items():
    start = perf_counter()
    results[name] = transformer.fit([style]).transform([content])[0]
    seconds[name] = perf_counter() - start
results["truth"] = truth

# %%
# Distances to the truth and to the timbre of the style are better small, the similarity to the
# melody of the content is better near 1. The content itself and the truth are the rows to compare
# with.
for name, x in results.items():
    to_truth = log_spectral_distance([truth], [x], sample_rate=rate)
    to_style = timbre_distance([style], [x], sample_rate=rate)
    melody = chroma_similarity([content], [x], sample_rate=rate)
    print(
        f"{name:14s} {to_truth:5.1f} dB  timbre {to_style:.3f}  melody {melody:.2f}"
        f"  {seconds[name]:4.1f} s"
    )

# %%
# What suits?
# -----------
# Rain holds no pitch: there are no notes to concatenate, and the tune is filtered by the rain.
rain = example_textures()[0]["rain"]
auto = transformers["auto"]
print(f"style held {auto.style_held_:.2f} of its pitches: {auto.methods_}")
wet = auto.fit([rain]).transform([content])[0]
print(f"rain held {auto.style_held_:.2f} of its pitches: {auto.methods_}")

# %%
# Look
# ----
results["in rain"] = wet
figure, axes = plt.subplots(2, 4, figsize=(11, 5.5), layout="constrained")
for ax, (name, x) in zip(axes.flat, results.items(), strict=True):
    SpectrogramDisplay.from_predictions(x, rate, ax=ax, title=name, colorbar=False)
    ax.set_ylim(0, 5)
    ax.label_outer()
plt.show()

# %%
# Listen
# ------
AudioRow({"style": style, "rain": rain, **results}, rate)
