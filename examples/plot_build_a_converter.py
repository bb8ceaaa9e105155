"""
Build a converter
=================

A voice converter is made of parts that can be seen, searched and replaced: features, an alignment,
a regressor for every stream of columns, a filter behind. Here one is put together by hand, and the
part that moves timbre is exchanged.
"""

# %%
# Two speakers, and what their frames hold
# ----------------------------------------
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Ridge

import skstyle as sks
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion

X, y, rate = example_speakers(10)
X_train, X_test, y_train, y_test = X[:8], X[8:], y[:8], y[8:]
vocoder = sks.SourceFilterVocoder(rate, f0_min_hz=80, f0_max_hz=400, learn_f0_range=False)
blocks = vocoder.fit(X_train).feature_blocks_
print(blocks)

# %%
# The parts
# ---------
# The first cepstral coefficient is the level: it stays the source's, and tells silence. Pitch gets
# the mean and the spread of the target's, breathiness a regression, and timbre what it is given.
# ``AlignedRegressor`` pairs the frames, three times over, and fits the filter behind.
level, timbre = blocks["mcep"].start, slice(blocks["mcep"].start + 1, blocks["mcep"].stop)


def build(regressor, post_filter=None):
    """Put a converter together, around a regressor of timbre."""
    streams = [
        ("lf0", sks.MeanVarianceRegressor(voicing_column=1, robust=True), slice(0, 2)),
        ("mcep", regressor, timbre),
        ("bap", Ridge(), blocks["bap"]),
    ]
    aligned = sks.AlignedRegressor(
        sks.StreamRegressor(streams),
        aligner=sks.DTWAligner(columns=timbre, level_column=level),
        post_filter=post_filter,
    )
    return sks.SignalConverter(vocoder, aligned, level="target")


# %%
# What moves timbre?
# ------------------
# A linear map of frames; the same with five frames on either side; the mean of the nearest training
# frames; a trajectory that agrees with predicted frames and predicted differences; and the same
# with the target's variance along time. ``memory`` keeps the analyses, which are all alike.
#
# On synthetic voices, the first four come out alike: these need one matrix, and there is nothing
# for the others to add. What they are worth on recordings is told in :doc:`/which_method`.
lively = sks.GlobalVarianceScaler(own_share=0.6, columns=timbre, level_column=level)
converters = {
    "frames": build(Ridge()),
    "in context": build(sks.ContextRegressor(Ridge())),
    "neighbours": build(sks.KNNFrameRegressor(16)),
    "trajectory": build(sks.TrajectoryRegressor(Ridge())),
    "lively": build(sks.TrajectoryRegressor(Ridge()), post_filter=lively),
}
converted, features = {"source": X_test}, {"source": vocoder.transform(X_test)}
with tempfile.TemporaryDirectory() as folder:
    for name, converter in converters.items():
        converter.set_params(memory=folder).fit(X_train, y_train)
        converted[name] = converter.predict(X_test)
        features[name] = converter.predict_features(X_test)
for name, clips in converted.items():
    print(f"{name:10s} {mel_cepstral_distortion(y_test, clips, sample_rate=rate):.2f} dB")

# %%
# A converter is saved as a whole, and needs none of the clips that it was made from:
# it makes the same sound, which is printed as True.
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "lively.skstyle")
    sks.save_model(converters["lively"], path)
    again = sks.load_model(path).set_params(memory=None).predict(X_test)
    print(f"{path.stat().st_size / 1000:.0f} kB, {(again[0] == converted['lively'][0]).all()}")

# %%
# Look
# ----
# One coefficient along time, and that of the target, which is brought into the time of the source.
# Trajectories are smoother than frames. The filter behind makes every swing wider, to what the
# target has as a whole: farther from it frame by frame, and less muffled where much was averaged.
target = vocoder.transform(y_test[:1])[0]
path, _ = sks.alignment.dtw_path(features["lively"][0][:, timbre], target[:, timbre])
later = path[np.unique(path[:, 0], return_index=True)[1], 1]
figure, ax = plt.subplots(figsize=(10, 4), layout="constrained")
for name in ("source", "frames", "trajectory", "lively"):
    ax.plot(range(100, 300), features[name][0][100:300, timbre][:, 1], label=name)
ax.plot(range(100, 300), target[later[100:300], timbre][:, 1], "k:", label="target")
ax.set(xlabel="frame (5 ms)", ylabel="c_2")
ax.legend(ncols=5)
plt.show()

# %%
# Listen
# ------
AudioRow({**{name: clips[0] for name, clips in converted.items()}, "target": y_test[0]}, rate)
