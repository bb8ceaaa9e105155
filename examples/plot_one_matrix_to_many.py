"""
One matrix to many
==================

The oldest way to change a voice is a matrix: every frame of the source times A, plus b. One
matrix for all sounds is little for a real voice, so A and b are made to depend on the frame,
:math:`\\hat y_t = A_t x_t + b_t`. Here is the family, from one matrix to a network that writes one
for every frame.
"""

# %%
# Six ways to choose a matrix
# ---------------------------
# *Global*: one for all frames. *Hard classes*: that of the nearest centre. *Weighted*: the mean
# of those of all classes, by the posteriors of a mixture. *Warped*: matrices that do nothing but
# move formants, one number a class. *Locally linear*: what puts the frame together from its
# neighbours puts the target together from theirs. *Neural*: networks write the matrix, the warp
# and the biases of every frame, and are trained through the trajectory that comes out.
import tempfile
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Ridge

import skstyle
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion

X, y, sample_rate = example_speakers(8)
X_train, X_test, y_train, y_test = X[:6], X[6:], y[:6], y[6:]
regressors = {
    "global": Ridge(),
    "hard classes": skstyle.MixtureOfLinearRegressor(8, gate="kmeans", random_state=0),
    "weighted": skstyle.MixtureOfLinearRegressor(8, random_state=0),
    "warped": skstyle.FrequencyWarpingRegressor(n_components=8, random_state=0),
    "locally linear": skstyle.LocallyLinearRegressor(),
    "neural": skstyle.NeuralTimeVariantRegressor(random_state=0),
}

# %%
# Fit, convert, measure
# ---------------------
# All else is the same: pitch, breath, alignment. Without trajectories (but the network's own) and
# without global variance, the matrices alone are heard. Speed is that of the prediction, in
# seconds of sound a second.
#
# The synthetic voices need one matrix, and no more: they differ by a vocal tract, the same for all
# sounds, and all six come within a tenth of a decibel. With 50 recorded sentences, one matrix comes
# within 5.79 dB of the target, those of a mixture within 5.52 dB and locally linear ones within
# 5.34 dB (``make bench-linear``).
options = {"f0_min_hz": 80, "f0_max_hz": 300, "n_iter": 1}
duration = sum(map(len, X_test)) / sample_rate
clips, maps = {"source": X_test[0]}, {}
with tempfile.TemporaryDirectory() as cache:
    for name, regressor in regressors.items():
        converter = skstyle.make_voice_converter(
            sample_rate, regressor, trajectory=False, global_variance=0, memory=cache, **options
        )
        # The range of pitch is given: nothing has to be learned of it every time.
        converter.set_params(features__learn_f0_range=False).fit(X_train, y_train)
        features, fitted = converter.source_features_, converter.regressor_
        sequences, mcep = features.transform(X_test), features.feature_blocks_["mcep"]
        start = time.perf_counter()
        fitted.predict(sequences)
        speed = duration / (time.perf_counter() - start)
        converted = converter.predict(X_test)
        distortion = mel_cepstral_distortion(y_test, converted, sample_rate=sample_rate)
        print(f"{name:14s} {distortion:5.2f} dB  {speed:6.0f} x real time")
        clips[name] = converted[0]
        maps[name] = next(
            part for stream, part, *_ in fitted.regressor_.streams_ if stream == "mcep"
        )

# %%
# Which matrix acts when
# ----------------------
# Every member tells the matrices that it used. Here are their diagonals along one sentence: what
# is left of each cepstral coefficient. One matrix has one colour a row; those of classes, of
# neighbours and of the network change with the sound. Neighbours in a steady vowel are nearly
# the same frame: no slope is left to learn there, and the bias says it all.
frames = sequences[0][:, mcep][:, 1:]
matrices = {"global": np.repeat(maps["global"].coef_[None], len(frames), axis=0)}
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
# Those of least squares fade towards high coefficients, which one voice tells little of in the
# other: that makes converted speech dull. Where formants go is told in
# :ref:`sphx_glr_auto_examples_plot_where_formants_go.py`.

# %%
# Listen
# ------
AudioRow({**clips, "target": y_test[0]}, sample_rate)
