"""
Where formants go
=================

A shorter throat has higher formants: frequencies are stretched, by one number. That is the least
that a map of timbre can learn, an all-pass constant for every frame, and a network may start there.
"""

# %%
# Two warps
# ---------
# One has a constant for each of eight classes of frames. The network writes a constant for every
# frame, and a matrix that does the rest.
import matplotlib.pyplot as plt
import numpy as np

from skstyle import FrequencyWarpingRegressor, NeuralTimeVariantRegressor, make_voice_converter
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow, SpectrogramDisplay
from skstyle.metrics import mel_cepstral_distortion

X, y, sample_rate = example_speakers(6)
regressors = {
    "warped": FrequencyWarpingRegressor(n_components=8, random_state=0),
    "neural": NeuralTimeVariantRegressor(random_state=0),
}
maps, clips = {}, {"source": X[-1]}
options = {"f0_min_hz": 80, "f0_max_hz": 300, "trajectory": False, "global_variance": 0}
for name, regressor in regressors.items():
    converter = make_voice_converter(sample_rate, regressor, n_iter=1, **options)
    converter.set_params(features__learn_f0_range=False).fit(X[:-1], y[:-1])
    streams = converter.regressor_.regressor_.streams_
    maps[name] = next(fitted for stream, fitted, *_ in streams if stream == "mcep")
    clips[name] = converter.predict(X[-1:])[0]
clips["target"] = y[-1]
for name, x in clips.items():
    print(f"{name}: {mel_cepstral_distortion(y[-1:], [x], sample_rate=sample_rate):.2f} dB")

# %%
# Along a sentence
# ----------------
# Above zero formants move up. One of these two speakers has the shorter vocal tract, in all sounds
# alike, and both find that.
features = converter.source_features_
sequence = features.transform(X[-1:])[0]
frames = sequence[:, features.feature_blocks_["mcep"]][:, 1:]
warps = {"warped": maps["warped"].warping(frames), "neural": maps["neural"].warping([frames])[0]}
figure, axes = plt.subplots(2, 1, sharex=True, figsize=(8, 5), layout="constrained")
SpectrogramDisplay.from_predictions(X[-1], sample_rate, ax=axes[0], colorbar=False)
for name, constants in warps.items():
    axes[1].plot(0.005 * np.arange(len(constants)), constants, label=name)
axes[1].axhline(0, color="C7", linewidth=0.5)
axes[1].set(xlabel="time (s)", ylabel="all-pass constant", ylim=(-0.25, 0.25))
axes[1].legend(loc="upper right")
plt.show()

# %%
# The matrices of one frame
# -------------------------
# The loudest one. On mel-cepstra a warp is a matrix, and looks like a fan. The network's has more
# in it.
loud = int(sequence[:, features.feature_blocks_["mcep"].start].argmax())
matrices = {"warped": maps["warped"].transition(frames)[0]}
matrices["neural"] = maps["neural"].transition([frames])[0][0]
figure, axes = plt.subplots(1, 2, figsize=(7, 3.4), layout="constrained")
for ax, (name, A) in zip(axes, matrices.items(), strict=True):
    image = ax.imshow(A[loud], cmap="RdBu_r", vmin=-1.2, vmax=1.2)
    ax.set(title=name, xticks=[], yticks=[])
figure.colorbar(image, ax=axes, label=f"A at frame {loud}")
plt.show()

# %%
# Listen
# ------
AudioRow(clips, sample_rate)
