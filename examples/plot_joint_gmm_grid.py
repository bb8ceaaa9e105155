"""
Components, covariances and trajectories of a mixture
=====================================================

How many Gaussians does a voice need, of which shape, and what does a trajectory add to them? A
grid of all three on one pair of speakers, with the sound of some cells.
"""

# %%
# One pair of speakers
# --------------------
import tempfile

import matplotlib.pyplot as plt
import numpy as np

from skstyle import JointGMMRegressor, MelCepstrum, make_voice_converter
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow, ComponentDisplay
from skstyle.metrics import mel_cepstral_distortion

X, y, sample_rate = example_speakers(13)
X_train, X_test, y_train, y_test = X[:10], X[10:], y[:10], y[10:]
print(f"{sum(map(len, X_train)) / sample_rate:.0f} s to learn from")

# %%
# The grid
# --------
# "tied" components share one covariance, so that all their regressions have one slope.
# "block_diag" links every column of the source with the same column of the target only. "diag"
# knows no link but the component that a frame belongs to. Global variance, which is for the ear, is
# left out. The analysis of the clips is the same in all cells: with a cache it happens once per
# clip. The distortion is measured on features; only a few cells are made audible.
sizes, shapes = [1, 4, 8, 32], ["full", "tied", "block_diag", "diag"]
audible = [(1, "diag"), (1, "full"), (32, "diag"), (8, "full")]
mel_cepstrum = MelCepstrum(sample_rate).fit(y_test)
wanted = mel_cepstrum.transform(y_test)
distortion, clips = np.empty((2, 4, 4)), {"source": X_test[0]}
options = {"f0_min_hz": 80, "f0_max_hz": 300, "global_variance": 0, "n_iter": 1}
with tempfile.TemporaryDirectory() as cache:
    for cell in np.ndindex(distortion.shape):
        trajectory, shape, size = bool(cell[0]), shapes[cell[1]], sizes[cell[2]]
        mixture = JointGMMRegressor(size, covariance_type=shape, reg_covar=0.1, random_state=0)
        converter = make_voice_converter(
            sample_rate, mixture, trajectory=trajectory, memory=cache, **options
        )
        # The range of pitch is given: nothing has to be learned of it in every cell.
        converter.set_params(features__learn_f0_range=False).fit(X_train, y_train)
        mcep = converter.target_features_.feature_blocks_["mcep"]
        found = [sequence[:, mcep] for sequence in converter.predict_features(X_test)]
        distortion[cell] = mel_cepstral_distortion(wanted, found)
        if (size, shape) in audible and trajectory:
            clips[f"{size} x {shape}"] = converter.predict(X_test[:1])[0]
        if (trajectory, size, shape) == (True, 8, "full"):
            mixed = converter

# %%
# What it shows
# -------------
# One component is a linear regression, the same for "full" and "tied". With more of them the
# map can bend. The fewer links a covariance has, the more components it needs: with one "diag"
# answers every frame with the mean of the target.
before = mel_cepstral_distortion(wanted, mel_cepstrum.transform(X_test))
print(f"before conversion: {before:.2f} dB; best: {distortion.min():.2f} dB")

# %%
# Trajectories also learn the differences along time: twice the columns, of the same frames. Eight
# components that know few links are helped by differences; where 32 full covariances share few
# frames, they ask for too much. On these voices, which move smoothly, the rest is nearly even.
figure, axes = plt.subplots(2, 1, figsize=(7, 6), layout="constrained", sharex=True)
titles = ("frame by frame", "trajectories out of frames and differences")
for ax, title, table in zip(axes, titles, distortion, strict=True):
    image = ax.imshow(table, aspect="auto", vmin=distortion.min(), vmax=4.0)
    for (i, j), value in np.ndenumerate(table):
        color = "black" if value > 2.8 else "white"
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", color=color)
    ax.set(yticks=range(4), yticklabels=shapes, xticks=range(4), xticklabels=sizes)
    ax.set_title(title, loc="left")
axes[1].set_xlabel("components of the mixture")
figure.colorbar(image, ax=axes, label="mel-cepstral distortion (dB)", extend="max", aspect=35)
plt.show()

# %%
# Who speaks when
# ---------------
# Eight full components along a sentence that was not in the training: a component is a kind of
# sound, and mostly one at a time has nearly all the weight.
figure, ax = plt.subplots(figsize=(9, 5), layout="constrained")
# sphinx_gallery_thumbnail_number = 2
ComponentDisplay.from_estimator(mixed, X_test[0], ax=ax)
plt.show()

# %%
# Listen
# ------
# Trajectories. With one component without links the vowels are gone, all frames have one colour.
# One linear regression brings them back. A codebook of 32 mean spectra does without links, and
# eight regressions come nearest.
AudioRow({**clips, "target": y_test[0]}, sample_rate)
