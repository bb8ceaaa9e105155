"""
Speech in rain, fire and the sea
================================

A style need not be an instrument. Here a voice is filtered until its spectra, frame by frame, are
distributed as those of a texture: the rhythm of the words stays, in the colours of rain.
"""

# %%
# A voice and three textures
# --------------------------
# Synthetic; or recordings, where the environment variable ``SKSTYLE_DATA`` names a folder that has
# ``speech/vcc2018`` and ``textures/esc10``.
import matplotlib.pyplot as plt
import numpy as np

from skstyle import MelSpectrogram, SilenceTrimmer, make_style_transfer
from skstyle.datasets import example_textures, example_voices
from skstyle.inspection import AudioRow, SpectrogramDisplay

textures, sample_rate = example_textures()
voices, _ = example_voices(2)
sentences = next(iter(voices.values()))
voice = np.concatenate(SilenceTrimmer(sample_rate).fit_transform(sentences))

# %%
# Which method?
# -------------
# By default the sounds decide: what has no pitch cannot be put together note by note, so the voice
# is filtered. ``method_`` tells what the style allows.
transformed = {}
for name, texture in textures.items():
    transfer = make_style_transfer(sample_rate, random_state=0).fit([texture])
    transformed[name] = transfer.transform([voice])[0]
    print(f"{name}: {transfer.method_}")

# %%
# Did it become the texture?
# --------------------------
# Mean levels of mel bands, relative to their mean: those of the voice, and of what came out, beside
# those of the texture.
mel = MelSpectrogram(sample_rate, n_mels=40, output="db").fit([voice])


def colour(x):
    levels = mel.transform([x])[0].mean(axis=0)
    return levels - levels.mean()


for name, texture in textures.items():
    before, after = (
        np.sqrt(np.mean((colour(x) - colour(texture)) ** 2)) for x in (voice, transformed[name])
    )
    print(f"{name}: {before:.1f} dB from the voice, {after:.1f} dB from what came out")

# %%
# Look
# ----
figure, axes = plt.subplots(3, 3, sharex=True, sharey=True, figsize=(11, 8), layout="constrained")
for row, (name, texture) in zip(axes, textures.items(), strict=True):
    clips = {"the voice": voice, f"{name}": texture, f"the voice as {name}": transformed[name]}
    for ax, (title, x) in zip(row, clips.items(), strict=True):
        SpectrogramDisplay.from_predictions(x, sample_rate, ax=ax, title=title, colorbar=False)
        ax.set(xlim=(0, len(voice) / sample_rate))
        ax.label_outer()
plt.show()

# %%
# Listen
# ------
AudioRow({"the voice": voice, **transformed}, sample_rate)
