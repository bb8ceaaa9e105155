"""
One matrix to many
==================

The oldest way to change a voice is a matrix: every frame of the source times A, plus b. One
matrix for all frames blurs, so A and b are made to depend on the frame,
:math:`\\hat y_t = A_t x_t + b_t`. Here is the family, from one matrix to a network that writes one
for every frame.
"""

# %%
# Two speakers
# ------------
import tempfile
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Ridge

from skstyle import make_voice_converter
from skstyle.datasets import make_parallel_speakers
from skstyle.features import MelCepstrum
from skstyle.inspection import AudioPlayer
from skstyle.mapping import (
    FrequencyWarpingRegressor,
    LocallyLinearRegressor,
    MixtureOfLinearRegressor,
)
from skstyle.metrics import mel_cepstral_distortion
from skstyle.neural import NeuralTimeVariantRegressor
from skstyle.signal import STFTTransformer

sample_rate = 16000
X, y = make_parallel_speakers(12, sample_rate=sample_rate, random_state=0)
X_train, X_test, y_train, y_test = X[:8], X[8:], y[:8], y[8:]

# %%
# Six ways to choose a matrix
# ---------------------------
# *Global*: one for all frames. *Hard classes*: that of the nearest centre. *Weighted*: the mean
# of those of all classes, by the posteriors of a mixture. *Warped*: matrices that do nothing but
# move formants, one number a class. *Locally linear*: what puts the frame together from its
# neighbours puts the target together from theirs. *Neural*: networks write the matrix, the warp
# and the biases of every frame, and are trained through the trajectory that comes out.
regressors = {
    "global": Ridge(),
    "hard classes": MixtureOfLinearRegressor(8, gate="kmeans", random_state=0),
    "weighted": MixtureOfLinearRegressor(8, random_state=0),
    "warped": FrequencyWarpingRegressor(n_components=8, random_state=0),
    "locally linear": LocallyLinearRegressor(),
    "neural": NeuralTimeVariantRegressor(random_state=0),
}

# %%
# Fit, convert, measure
# ---------------------
# All else is the same: pitch, breath, alignment. Without trajectories (but the network's own) and
# without global variance, the matrices alone are heard. Speed is that of the prediction, in
# seconds of sound a second.
wanted = MelCepstrum(sample_rate).fit_transform(y_test)
settings = {"f0_min_hz": 80, "f0_max_hz": 300, "n_iter": 1, "trajectory": False}
duration = sum(map(len, X_test)) / sample_rate


def measure(cepstra):
    """Distortion in dB, and the mean of |log(variance / variance of the target)|."""
    ratios = []
    for pair in zip(cepstra, wanted, strict=True):
        # Silence, 30 dB (3.5 nepers) below the loud frames, does not count.
        a, b = (s[s[:, 0] > np.quantile(s[:, 0], 0.95) - 3.5, 1:].var(axis=0) for s in pair)
        ratios.append(np.abs(np.log(a / b)))
    return mel_cepstral_distortion(wanted, cepstra), np.mean(ratios)


clips, maps = {}, {}
distortion, ratio = measure(MelCepstrum(sample_rate).fit_transform(X_test))
print(f"{'source':14s} {distortion:5.2f} dB  GV {ratio:4.2f}")
with tempfile.TemporaryDirectory() as cache:
    for name, regressor in regressors.items():
        converter = make_voice_converter(
            sample_rate, regressor, global_variance=0, memory=cache, **settings
        )
        # The range of pitch is given: nothing has to be learned of it every time.
        converter.set_params(features__learn_f0_range=False).fit(X_train, y_train)
        features = converter.source_features_
        sequences, mcep = features.transform(X_test), features.feature_blocks_["mcep"]
        start = time.perf_counter()
        converted = converter.regressor_.predict(sequences)
        speed = duration / (time.perf_counter() - start)
        distortion, ratio = measure([s[:, mcep] for s in converted])
        print(f"{name:14s} {distortion:5.2f} dB  GV {ratio:4.2f}  {speed:6.0f} x real time")
        clips[name] = converter.predict(X_test[:1])[0]
        streams = converter.regressor_.regressor_.streams_
        maps[name] = next(fitted for stream, fitted, *_ in streams if stream == "mcep")

# %%
# Which matrix acts when
# ----------------------
# Every member tells the matrices that it used. Here are their diagonals along one sentence: what
# is left of each cepstral coefficient. One matrix has one colour a row; those of classes, of
# neighbours and of the network change with the sound. Neighbours in a steady vowel are nearly
# the same frame: no slope is left to learn there, and the bias says it all.
frames = sequences[0][:, mcep][:, 1:]
global_matrix = np.repeat(maps["global"].coef_[None], len(frames), axis=0)
matrices = {"global": global_matrix}
for name in ("hard classes", "weighted", "warped", "locally linear"):
    matrices[name] = maps[name].transition(frames)[0]
matrices["neural"] = maps["neural"].transition([frames])[0][0]
figure, axes = plt.subplots(6, sharex=True, figsize=(8, 9), layout="constrained")
for ax, (name, A) in zip(axes, matrices.items(), strict=True):
    diagonals = np.einsum("tdd->dt", A)
    image = ax.imshow(diagonals, aspect="auto", origin="lower", vmin=-0.2, vmax=1.2)
    ax.set(ylabel=f"{name}\ncoefficient", yticks=[0, 11, 23], yticklabels=[1, 12, 24])
axes[-1].set(xlabel="frame")
figure.colorbar(image, ax=axes, label="diagonal of A")
plt.show()

# %%
# The whole matrices of one frame. A warp is a fan. Those of least squares fade towards high
# coefficients, which one voice tells little of in the other: that makes converted speech dull,
# and is why the warp's variances come out nearest in the table.
loud = int(sequences[0][:, mcep.start].argmax())
figure, axes = plt.subplots(2, 3, figsize=(8, 5.5), layout="constrained")
for ax, (name, A) in zip(axes.flat, matrices.items(), strict=True):
    image = ax.imshow(A[loud], cmap="RdBu_r", vmin=-1.2, vmax=1.2)
    ax.set(title=name, xticks=[], yticks=[])
figure.colorbar(image, ax=axes, label=f"A at frame {loud}")
plt.show()

# %%
# Where formants go
# -----------------
# The warp of a frame is one number, the all-pass constant: above zero formants move up. One of
# these two speakers has the shorter vocal tract, in all sounds alike, and both find that. The
# network starts there; its matrices do the rest.
log_magnitude = STFTTransformer(n_fft=512, hop_length=80, output="log-magnitude")
spectrogram = log_magnitude.fit_transform(X_test[:1])[0]
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
extent = (0, len(frames), 0, sample_rate / 2000)
ax.imshow(spectrogram.T, aspect="auto", origin="lower", cmap="gray_r", extent=extent)
ax.set(xlabel="frame", ylabel="kHz")
curve = ax.twinx()
curve.plot(maps["warped"].warping(frames), color="C1", label="warped")
curve.plot(maps["neural"].warping([frames])[0], color="C0", label="neural")
curve.axhline(0, color="C7", linewidth=0.5)
curve.set(ylabel="all-pass constant", ylim=(-0.25, 0.25))
curve.legend(loc="upper right")
plt.show()

# %%
# Listen
# ------
AudioPlayer(X_test[0], sample_rate, title="source")

# %%
AudioPlayer(y_test[0], sample_rate, title="target")

# %%
AudioPlayer(clips["global"], sample_rate, title="global")

# %%
AudioPlayer(clips["hard classes"], sample_rate, title="hard classes")

# %%
AudioPlayer(clips["weighted"], sample_rate, title="weighted")

# %%
AudioPlayer(clips["warped"], sample_rate, title="warped")

# %%
AudioPlayer(clips["locally linear"], sample_rate, title="locally linear")

# %%
AudioPlayer(clips["neural"], sample_rate, title="neural")
