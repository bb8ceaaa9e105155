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
import matplotlib.pyplot as plt
import numpy as np

from skstyle import GramStyleTransformer, PhaseReconstructor, STFTTransformer
from skstyle.datasets import example_textures
from skstyle.inspection import AudioRow, SpectrogramDisplay
from skstyle.transfer import RandomConvFeatures

textures, sample_rate = example_textures(3.0)

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
# Drops of rain and crackles of fire came back, at other times. The slow swell of the sea is lost:
# it takes longer than the longest filter reaches, 31 frames or a quarter of a second, and what is
# left are bursts of its hiss.
sampled = {f"{name}, sampled": x for name, x in samples.items()}
figure, axes = plt.subplots(2, 3, sharey=True, figsize=(11, 5.5), layout="constrained")
for ax, (name, x) in zip(axes.flat, {**textures, **sampled}.items(), strict=True):
    SpectrogramDisplay.from_predictions(x, sample_rate, ax=ax, title=name, colorbar=False)
    ax.label_outer()
plt.show()

# %%
# Listen
# ------
AudioRow({**textures, **sampled}, sample_rate)
