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
from sklearn.compose import TransformedTargetRegressor
from sklearn.cross_decomposition import PLSRegression
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import BayesianRidge, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

from skstyle import JointGMMRegressor, make_voice_converter
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion

X, y, sample_rate = example_speakers(9)
X_train, X_test, y_train, y_test = X[:6], X[6:], y[:6], y[6:]

# %%
# Eight regressors
# ----------------
# Their own parameters, and those of the converter around them. The trees see five frames on either
# side, too. Trajectories weigh frames against differences by how well both are known, and what a
# regressor knows by heart tells nothing of that: neighbours, trees and the network go without.
process = GaussianProcessRegressor(RBF(2.0) + WhiteKernel(0.1), optimizer=None, normalize_y=True)
trees = ExtraTreesRegressor(20, min_samples_leaf=3, max_features=0.3, random_state=0)
network = MLPRegressor(
    hidden_layer_sizes=64, alpha=1.0, early_stopping=True, max_iter=500, random_state=0
)
network = TransformedTargetRegressor(network, transformer=StandardScaler())
mixture = JointGMMRegressor(4, reg_covar=0.1, random_state=0)
regressors = {
    "Ridge": (Ridge(), {}),
    "BayesianRidge": (BayesianRidge(), {}),
    "PLS": (PLSRegression(20), {}),
    "KNeighbors": (KNeighborsRegressor(5, weights="distance"), {"trajectory": False}),
    "ExtraTrees": (trees, {"n_context": 5, "trajectory": False}),
    "MLP": (network, {"trajectory": False}),
    "GaussianProcess": (process, {"trajectory": False}),
    "JointGMM": (mixture, {}),
}

# %%
# Fit, convert, measure
# ---------------------
# All else is the same: pitch, breath, alignment, and global variance, which gives the converted
# voice the variance of the target. With a cache the clips are analysed once.
converted, distortion = {"source": X_test}, {}
with tempfile.TemporaryDirectory() as cache:
    for name, (regressor, options) in regressors.items():
        start = time.perf_counter()
        converter = make_voice_converter(
            sample_rate, regressor, n_iter=1, memory=cache, random_state=0, **options
        ).set_params(features__learn_f0_range=False)
        converted[name] = converter.fit(X_train, y_train).predict(X_test)
        print(f"{name:15s} {time.perf_counter() - start:4.1f} s")

# %%
# The table
# ---------
# The first one's seconds include the analysis of the clips. Whatever the regressor, the result is
# much nearer to the target than the source is; how they differ is small beside it.
for name, clips in converted.items():
    distortion[name] = mel_cepstral_distortion(y_test, clips, sample_rate=sample_rate)
    print(f"{name:15s} {distortion[name]:.2f} dB")

# %%
figure, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
bars = ax.barh(list(distortion), distortion.values(), color=["0.7"] + 8 * ["tab:orange"])
ax.bar_label(bars, fmt="%.2f", padding=4)
ax.set(xlabel="mel-cepstral distortion (dB)", xlim=(0, 1.1 * max(distortion.values())))
ax.invert_yaxis()
plt.show()

# %%
# Listen
# ------
clips = {**{name: sounds[0] for name, sounds in converted.items()}, "target": y_test[0]}
AudioRow(clips, sample_rate)
