"""
Voice conversion without pairs
==============================

Two speakers, and not one sentence that both have said: nothing can be aligned. What is left are
two clouds of frames. One can be carried onto the other as a whole, or frames of the source can be
replaced by their nearest neighbours among those of the target.
"""

# %%
# Two speakers without a sentence in common
# -----------------------------------------
import matplotlib.pyplot as plt
import numpy as np

from skstyle import make_unpaired_converter
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow
from skstyle.mapping import CorrelationAlignment, GaussianTransport, WhiteningColoring
from skstyle.metrics import mel_cepstral_distortion

anna, ben, sample_rate = example_speakers(23)
clips = anna[:10] + ben[10:20]
speakers = ["anna"] * 10 + ["ben"] * 10

# %%
# Four ways
# ---------
# Labels tell whose voice a clip is. Three maps are affine, and carry the mean and the covariance
# of one cloud to those of the other: the Gaussian transport moves frames least of all such maps,
# the other two whiten and colour. "knn" averages the target's own frames.
transports = {
    "GaussianTransport": GaussianTransport(),
    "CorrelationAlignment": CorrelationAlignment(),
    "WhiteningColoring": WhiteningColoring(),
    "knn": "knn",
}
test, truth = anna[20:], ben[20:]
print(f"{'source':20s} {mel_cepstral_distortion(truth, test, sample_rate=sample_rate):.2f} dB")
converters, converted = {}, {}
for name, transport in transports.items():
    converters[name] = make_unpaired_converter(
        sample_rate, transport, target="ben", f0_min_hz=80, f0_max_hz=300
    ).fit(clips, speakers)
    converted[name] = converters[name].predict(test)
    distortion = mel_cepstral_distortion(truth, converted[name], sample_rate=sample_rate)
    print(f"{name:20s} {distortion:.2f} dB")

# %%
# The clouds
# ----------
# Two cepstral coefficients of the held-out sentences. The truth is shown, but was seen by nobody.
converter = converters["GaussianTransport"]
mcep = converter.source_features_.feature_blocks_["mcep"]
clouds = {
    "source": converter.source_features_.transform(test),
    "GaussianTransport": converter.predict_features(test),
    "knn": converters["knn"].predict_features(test),
    "truth": converter.target_features_.transform(truth),
}
figure, axes = plt.subplots(1, 4, sharex=True, sharey=True, figsize=(9, 2.8), layout="constrained")
centre = np.concatenate(clouds["truth"])[:, mcep][:, 1:3].mean(axis=0)
for ax, (name, sequences) in zip(axes, clouds.items(), strict=True):
    ax.plot(*np.concatenate(sequences)[:, mcep][:, 1:3].T, ".", markersize=2)
    ax.plot(*centre, "k+", markersize=12)
    ax.set(title=name, xlabel="c_1")
axes[0].set(ylabel="c_2")
plt.show()

# %%
# Listen
# ------
sounds = {name: x[0] for name, x in converted.items()}
AudioRow({"source": test[0], **sounds, "what the target would say": truth[0]}, sample_rate)
