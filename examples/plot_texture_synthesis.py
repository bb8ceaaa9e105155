"""
Textures from noise
===================

Rain, fire and the sea have no melody, only statistics. A few seconds of them are measured, and
noise is changed until it has the same statistics: rain that never fell.
"""

# %%
# Three textures
# --------------
# Synthetic ones; or recordings, where the environment variable ``SKSTYLE_DATA`` names a folder
# that has ``textures/esc10``.
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from skstyle import GramStyleTransformer, PhaseReconstructor, STFTTransformer
from skstyle.audio import read_clip
from skstyle.datasets import make_texture
from skstyle.inspection import AudioPlayer
from skstyle.transfer import RandomConvFeatures

sample_rate, data = 16000, os.environ.get("SKSTYLE_DATA")
recordings = {"rain": "rain_1-17367-A", "fire": "fire_crackling_1-17150-A"}
recordings["sea"] = "sea_waves_1-28135-A"
textures = {}
for name, recording in recordings.items():
    textures[name] = make_texture(name, 4.0, sample_rate=sample_rate, random_state=0)
    if data:
        path = Path(data, "textures", "esc10", f"{recording}.flac")
        textures[name] = read_clip(path, sample_rate=sample_rate)[0][: 4 * sample_rate]

# %%
# Measure, and sample
# -------------------
# Random filters of several lengths answer to a texture; which ones answer together is its style.
# ``sample`` begins at noise and descends until the statistics are those of the texture. Phases are
# found at the end.
stft = STFTTransformer(n_fft=512, output="magnitude")
phase = PhaseReconstructor()
samples = {}
for name, x in textures.items():
    spectra = stft.fit_transform([x])
    gram = GramStyleTransformer(RandomConvFeatures((3, 11, 31), n_filters=256), random_state=0)
    made = gram.fit(spectra).sample(len(spectra[0]))
    samples[name] = phase.fit_transform(made)[0]
    noise, sample = gram.loss_curve_[0][[0, -1]]
    tone = np.sqrt(np.mean((20 * np.log10(made[0].mean(0) / spectra[0].mean(0))) ** 2))
    print(f"{name}: loss {noise:.3g} of noise, {sample:.3g} of the sample")
    print(f"{'':{len(name)}}  mean spectra {tone:.1f} dB apart")

# %%
# Look
# ----
# Drops, crackles and waves came back, at other times.
figure, axes = plt.subplots(3, 2, sharex=True, sharey=True, figsize=(9, 7), layout="constrained")
for row, name in zip(axes, textures, strict=True):
    for ax, x, kind in zip(row, (textures[name], samples[name]), ("", ", sampled"), strict=True):
        ax.specgram(x, NFFT=512, Fs=sample_rate, noverlap=384, vmin=-120, vmax=-40)
        ax.set_title(name + kind)
figure.supxlabel("time in s")
figure.supylabel("frequency in Hz")
plt.show()

# %%
# Listen
# ------
AudioPlayer(textures["rain"], sample_rate, title="rain")

# %%
AudioPlayer(samples["rain"], sample_rate, title="rain, sampled")

# %%
AudioPlayer(textures["fire"], sample_rate, title="fire")

# %%
AudioPlayer(samples["fire"], sample_rate, title="fire, sampled")

# %%
AudioPlayer(textures["sea"], sample_rate, title="sea")

# %%
AudioPlayer(samples["sea"], sample_rate, title="sea, sampled")
