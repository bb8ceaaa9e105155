"""
Any scikit-learn regressor is a voice converter
===============================================

A voice converter maps frames of one voice to frames of another. Whatever has ``fit`` and
``predict`` with several outputs can do that; one with a single output is fitted once for every
column. Eight regressors, the same clips, one table.
"""

# %%
# Two speakers
# ------------
import tempfile
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.cross_decomposition import PLSRegression
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import BayesianRidge, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

from skstyle import make_voice_converter
from skstyle.datasets import make_parallel_speakers
from skstyle.features import MelCepstrum
from skstyle.inspection import AudioPlayer
from skstyle.mapping import JointGMMRegressor
from skstyle.metrics import mel_cepstral_distortion

sample_rate = 16000
X, y = make_parallel_speakers(12, sample_rate=sample_rate, random_state=0)
X_train, X_test, y_train, y_test = X[:8], X[8:], y[:8], y[8:]

# %%
# Eight regressors
# ----------------
# A Gaussian process takes memory with the square of the frames. This one learns a part of them.


class SomeFramesGaussianProcess(GaussianProcessRegressor):
    """Gaussian process of 500 frames drawn at random."""

    def fit(self, X, y):
        """Draw and fit."""
        rows = np.random.default_rng(0).permutation(len(X))[:500]
        return super().fit(X[rows], y[rows])


# %%
# The trees see five frames on either side, too. Trajectories weigh frames against differences by
# how well both are known, and what a regressor knows by heart tells nothing of that: neighbours
# and trees go without, and so does the network, which they would fit column by column.
process = SomeFramesGaussianProcess(RBF(2.0) + WhiteKernel(0.1), normalize_y=True, optimizer=None)
trees = ExtraTreesRegressor(20, min_samples_leaf=3, max_features=0.3, random_state=0)
network = MLPRegressor(
    hidden_layer_sizes=(64,),
    alpha=1.0,
    early_stopping=True,
    n_iter_no_change=5,
    max_iter=500,
    random_state=0,
)
network = TransformedTargetRegressor(network, transformer=StandardScaler())
mixture = JointGMMRegressor(4, reg_covar=0.1, random_state=0)
regressors = {
    "Ridge": (Ridge(), {}),
    "BayesianRidge": (BayesianRidge(), {}),
    "PLSRegression": (PLSRegression(20), {}),
    "KNeighborsRegressor": (KNeighborsRegressor(5, weights="distance"), {"trajectory": False}),
    "ExtraTreesRegressor": (trees, {"n_context": 5, "trajectory": False}),
    "MLPRegressor": (network, {"trajectory": False}),
    "GaussianProcess": (process, {}),
    "JointGMMRegressor": (mixture, {}),
}

# %%
# Fit, convert, measure
# ---------------------
# All else is the same: pitch, breath, alignment, and global variance, which gives the converted
# voice the variance of the target. The table has both: how far the converted voice is without
# it and with it, and how far its variances are from those of the target without it.
wanted = MelCepstrum(sample_rate).fit_transform(y_test)
settings = {"f0_min_hz": 80, "f0_max_hz": 300, "n_iter": 1, "random_state": 0}


def variance_ratio(converted):
    """Mean of ``|log(variance of converted / variance of target)|`` over columns and clips."""
    ratios = []
    for pair in zip(converted, wanted, strict=True):
        # Silence, 30 dB (3.5 nepers) below the loud frames, does not count.
        a, b = (s[s[:, 0] > np.quantile(s[:, 0], 0.95) - 3.5, 1:].var(axis=0) for s in pair)
        ratios.append(np.abs(np.log(a / b)))
    return np.mean(ratios)


rows, clips = {}, {}
with tempfile.TemporaryDirectory() as cache:
    for name, (regressor, options) in regressors.items():
        options |= settings | {"memory": cache}
        converter = make_voice_converter(sample_rate, regressor, **options)
        # The range of pitch is given: nothing has to be learned of it every time.
        converter.set_params(features__learn_f0_range=False)
        start = time.perf_counter()
        converter.fit(X_train, y_train)
        seconds = time.perf_counter() - start
        mcep = converter.target_features_.feature_blocks_["mcep"]
        rows[name] = [seconds]
        for morph in (0.0, 1.0):
            converter.regressor_.post_filter_.set_params(morph=morph)
            found = [sequence[:, mcep] for sequence in converter.predict_features(X_test)]
            rows[name] += [mel_cepstral_distortion(wanted, found), variance_ratio(found)]
        clips[name] = converter.predict(X_test[:1])[0]

# %%
# The table
# ---------
# The first regressor's seconds include the analysis of the clips. Whatever the regressor, the
# result is much nearer to the target than the source is; how they differ is small beside it. All
# move too little without global variance, the average of five neighbours least so. Global
# variance mends that in all of them, at a price in distortion.
before = MelCepstrum(sample_rate).fit_transform(X_test)
distortion, ratio = mel_cepstral_distortion(wanted, before), variance_ratio(before)
print(f"{'':20s} {'without GV':^18s}   {'with GV':^18s}")
print(f"{'':20s} {'MCD':>8s} {'log-ratio':>9s}   {'MCD':>8s} {'log-ratio':>9s}     fit")
print(f"{'source':20s} {distortion:5.2f} dB {ratio:9.2f}")
for name, (seconds, *values) in rows.items():
    cells = [f"{a:5.2f} dB {b:9.2f}" for a, b in zip(values[::2], values[1::2], strict=True)]
    print(f"{name:20s} {'   '.join(cells)}  {seconds:4.1f} s")

# %%
# From every circle, the voice without global variance, a line leads to the one with it. The best
# corner is bottom left.
figure, ax = plt.subplots(figsize=(8, 5), layout="constrained")
for i, (name, (_, *values)) in enumerate(rows.items()):
    ax.plot(values[::2], values[1::2], "-o", color=f"C{i}", markevery=[0], label=name)
    ax.plot(*values[2:], "D", color=f"C{i}", markersize=4)
ax.set(xlabel="mel-cepstral distortion (dB)", ylabel="GV log-ratio", ylim=(0, None))
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %%
# Listen
# ------
# All with global variance.
AudioPlayer(X_test[0], sample_rate, title="source")

# %%
AudioPlayer(y_test[0], sample_rate, title="target")

# %%
AudioPlayer(clips["Ridge"], sample_rate, title="Ridge")

# %%
AudioPlayer(clips["BayesianRidge"], sample_rate, title="BayesianRidge")

# %%
AudioPlayer(clips["PLSRegression"], sample_rate, title="PLSRegression")

# %%
AudioPlayer(clips["KNeighborsRegressor"], sample_rate, title="KNeighborsRegressor")

# %%
AudioPlayer(clips["ExtraTreesRegressor"], sample_rate, title="ExtraTreesRegressor")

# %%
AudioPlayer(clips["MLPRegressor"], sample_rate, title="MLPRegressor")

# %%
AudioPlayer(clips["GaussianProcess"], sample_rate, title="GaussianProcess")

# %%
AudioPlayer(clips["JointGMMRegressor"], sample_rate, title="JointGMMRegressor")
