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

from skstyle import make_voice_converter
from skstyle.datasets import make_parallel_speakers
from skstyle.features import MelCepstrum
from skstyle.inspection import AudioPlayer
from skstyle.mapping import JointGMMRegressor
from skstyle.metrics import mel_cepstral_distortion

sample_rate = 16000
X, y = make_parallel_speakers(16, sample_rate=sample_rate, random_state=0)
X_train, X_test, y_train, y_test = X[:12], X[12:], y[:12], y[12:]
seconds = sum(map(len, X_train)) / sample_rate
print(f"{len(X_train)} sentences to learn from, {seconds:.0f} s; {len(X_test)} to convert")

# %%
# The grid
# --------
# "tied" components share one covariance, so that all their regressions have one slope.
# "block_diag" links every column of the source with the same column of the target only. "diag"
# knows no link but the component that a frame belongs to.
sizes = [1, 4, 8, 32]
shapes = ["full", "tied", "block_diag", "diag"]


def make_converter(size, shape, trajectory, memory):
    """Make the converter of one cell; without global variance, which is for the ear."""
    mixture = JointGMMRegressor(size, covariance_type=shape, reg_covar=0.1, random_state=0)
    converter = make_voice_converter(
        sample_rate,
        mixture,
        f0_min_hz=80,
        f0_max_hz=300,
        trajectory=trajectory,
        global_variance=0,
        n_iter=1,
        memory=memory,
    )
    # The range of pitch is given: nothing has to be learned of it in every cell.
    return converter.set_params(features__learn_f0_range=False)


# %%
# The analysis of the clips is the same in all cells: with a cache it happens once per clip. The
# distortion is measured on features; only the cells below are made audible.
audible = [(1, "diag", False), (1, "full", False), (32, "diag", False), (32, "diag", True)]
audible += [(8, "full", False), (8, "full", True)]
wanted = MelCepstrum(sample_rate).fit_transform(y_test)
distortion = np.empty((2, len(shapes), len(sizes)))
clips = {}
with tempfile.TemporaryDirectory() as cache:
    for cell in np.ndindex(distortion.shape):
        trajectory, shape, size = bool(cell[0]), shapes[cell[1]], sizes[cell[2]]
        converter = make_converter(size, shape, trajectory, cache).fit(X_train, y_train)
        mcep = converter.target_features_.feature_blocks_["mcep"]
        found = [sequence[:, mcep] for sequence in converter.predict_features(X_test)]
        distortion[cell] = mel_cepstral_distortion(wanted, found)
        if (size, shape, trajectory) in audible:
            clips[size, shape, trajectory] = converter.predict(X_test[:1])[0]

# %%
# What it shows
# -------------
# One component is a linear regression, the same for "full" and "tied". With more of them the
# map can bend. The fewer links a covariance has, the more components it needs: with one "diag"
# answers every frame with the mean of the target.
before = mel_cepstral_distortion(wanted, MelCepstrum(sample_rate).fit_transform(X_test))
print(f"before conversion: {before:.2f} dB")
for name, table in zip(("frame by frame", "trajectories"), distortion, strict=True):
    row, column = np.unravel_index(table.argmin(), table.shape)
    print(f"best {name}: {table.min():.2f} dB, {sizes[column]} components, {shapes[row]}")

# %%
figure, axes = plt.subplots(2, 1, figsize=(7, 6), layout="constrained", sharex=True)
titles = ("frame by frame", "trajectories out of frames and differences")
for ax, title, table in zip(axes, titles, distortion, strict=True):
    image = ax.imshow(table, aspect="auto", vmin=distortion.min(), vmax=4.0)
    for (i, j), value in np.ndenumerate(table):
        color = "black" if value > 2.8 else "white"
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", color=color)
    ax.set_yticks(range(len(shapes)), shapes)
    ax.set_title(title, loc="left")
axes[1].set_xticks(range(len(sizes)), sizes)
axes[1].set_xlabel("components of the mixture")
figure.colorbar(image, ax=axes, label="mel-cepstral distortion (dB)", extend="max", aspect=35)
plt.show()

# %%
# Trajectories
# ------------
# A model of trajectories also learns the differences along time: twice the columns, of the same
# frames. Where four components know few links, differences help; where 32 full covariances share
# few frames, they ask for too much. On these voices, which move smoothly, the rest is even.
print("gain in distortion by trajectories (dB), for", *sizes, "components")
for shape, row in zip(shapes, distortion[0] - distortion[1], strict=True):
    print(f"{shape:>12}  " + "  ".join(f"{value:+.2f}" for value in row))

# %%
# Listen
# ------
# The source, and the target that all cells aim at:
AudioPlayer(X_test[0], sample_rate, title="source")

# %%
AudioPlayer(y_test[0], sample_rate, title="target")

# %%
# One component without links: the vowels are gone, all frames have one colour.
AudioPlayer(clips[1, "diag", False], sample_rate, title="1 x diag, frame by frame")

# %%
# One linear regression brings them back.
AudioPlayer(clips[1, "full", False], sample_rate, title="1 x full, frame by frame")

# %%
# A codebook of 32 mean spectra, and the same with trajectories:
AudioPlayer(clips[32, "diag", False], sample_rate, title="32 x diag, frame by frame")

# %%
AudioPlayer(clips[32, "diag", True], sample_rate, title="32 x diag, trajectories")

# %%
# Eight regressions, and the same with trajectories; they differ by little.
AudioPlayer(clips[8, "full", False], sample_rate, title="8 x full, frame by frame")

# %%
AudioPlayer(clips[8, "full", True], sample_rate, title="8 x full, trajectories")
