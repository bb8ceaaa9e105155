"""
One instrument in the style of another
======================================

A tune goes in, and another tune on another instrument; the first tune comes out on the second
instrument. Nothing was trained before: a few seconds of the style are all there is.
"""

# %%
# Content, style and truth
# ------------------------
# Synthetic instruments; or recorded notes, where the environment variable ``SKSTYLE_DATA`` names a
# folder that has ``music/phrases_recorded_notes``. The truth is the content's tune on the style's
# instrument. No method sees it.
import matplotlib.pyplot as plt

from skstyle import make_style_transfer
from skstyle.datasets import example_tunes
from skstyle.inspection import AudioRow, SpectrogramDisplay
from skstyle.metrics import chroma_similarity, log_spectral_distance, timbre_distance

content, style, truth, sample_rate = example_tunes()

# %%
# Three methods
# -------------
# "transport" filters every frame of the content. "concatenative" puts the content together from
# the style's own sounds, shifted in pitch where need be. "gram" changes the spectrogram until
# statistics of random filters are those of the style. Each is fitted on the style, and transforms
# any number of contents.
results = {"content": content}
for method in ("transport", "concatenative", "gram"):
    transfer = make_style_transfer(sample_rate, method, random_state=0)
    results[method] = transfer.fit([style]).transform([content])[0]
results["truth"] = truth

# %%
# How near, and how alike?
# ------------------------
# Distances to the truth and to the timbre of the style are better small; the chroma tells whether
# the melody is still that of the content. A copy of the content is the row to beat.
for name, x in results.items():
    to_truth = log_spectral_distance([truth], [x], sample_rate=sample_rate)
    to_style = timbre_distance([style], [x], sample_rate=sample_rate)
    melody = chroma_similarity([content], [x], sample_rate=sample_rate)
    print(f"{name:14s} {to_truth:5.1f} dB  timbre {to_style:.3f}  chroma {melody:.2f}")

# %%
# Look
# ----
clips = {"content": content, "style": style, **results}
figure, axes = plt.subplots(2, 3, sharex=True, sharey=True, figsize=(11, 6), layout="constrained")
for ax, (name, x) in zip(axes.flat, clips.items(), strict=True):
    SpectrogramDisplay.from_predictions(x, sample_rate, ax=ax, title=name, colorbar=False)
    ax.set(ylim=(0, 5), xlim=(0, len(content) / sample_rate))
    ax.label_outer()
plt.show()

# %%
# Listen
# ------
AudioRow(clips, sample_rate)
