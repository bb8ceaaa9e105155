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
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from skstyle import MelSpectrogram, make_style_transfer
from skstyle.audio import read_clip
from skstyle.datasets import make_parallel_speakers, make_texture
from skstyle.inspection import AudioPlayer

sample_rate, data = 16000, os.environ.get("SKSTYLE_DATA")
recordings = {"rain": "rain_1-17367-A", "fire": "fire_crackling_1-17150-A"}
recordings["sea"] = "sea_waves_1-28135-A"
if data:
    voice = read_clip(Path(data, "speech/vcc2018/SF1/30001.flac"), sample_rate=sample_rate)[0]
    folder = Path(data, "textures", "esc10")
    textures = {
        name: read_clip(folder / f"{recording}.flac", sample_rate=sample_rate)[0]
        for name, recording in recordings.items()
    }
else:
    voice = make_parallel_speakers(1, sample_rate=sample_rate, duration=3.0, random_state=0)[0][0]
    textures = {
        name: make_texture(name, sample_rate=sample_rate, random_state=0) for name in recordings
    }

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
        ax.specgram(x, NFFT=512, Fs=sample_rate, noverlap=384, vmin=-120, vmax=-40)
        ax.set(title=title, xlim=(0, len(voice) / sample_rate))
figure.supxlabel("time in s")
figure.supylabel("frequency in Hz")
plt.show()

# %%
# Listen
# ------
AudioPlayer(voice, sample_rate, title="the voice")

# %%
AudioPlayer(transformed["rain"], sample_rate, title="the voice as rain")

# %%
AudioPlayer(transformed["fire"], sample_rate, title="the voice as fire")

# %%
AudioPlayer(transformed["sea"], sample_rate, title="the voice as the sea")
