"""
What global variance does
=========================

Statistical conversion answers with what is likely on average, and averages move less than speech
does: converted voices sound muffled. Post-filters give the movement back. This is what they do
to the numbers, to the pictures and to the sound, and what they cost.
"""

# %%
# One voice, four post-filters
# ----------------------------
import tempfile

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone

from skstyle import make_voice_converter
from skstyle.datasets import make_parallel_speakers
from skstyle.features import MelCepstrum
from skstyle.inspection import AudioPlayer
from skstyle.metrics import mel_cepstral_distortion
from skstyle.signal import STFTTransformer
from skstyle.trajectory import ModulationSpectrumScaler

sample_rate = 16000
X, y, truth = make_parallel_speakers(12, random_state=0, return_truth=True)
X_train, X_test, y_train, y_test = X[:8], X[8:], y[:8], y[8:]

# %%
# ``morph`` tells how far to go from the converted variance (0) to the target's (1). The last one
# also looks at how fast the columns move: it restores every modulation frequency.
converter = make_voice_converter(sample_rate, f0_min_hz=80, f0_max_hz=300, random_state=0)
converter.set_params(features__learn_f0_range=False)
columns = converter.get_params()["regressor__post_filter__columns"]
modulation = ModulationSpectrumScaler(columns=columns)
choices = {
    "morph 0": {"regressor__post_filter__morph": 0.0},
    "morph 0.5": {"regressor__post_filter__morph": 0.5},
    "morph 1": {"regressor__post_filter__morph": 1.0},
    "modulation spectrum": {"regressor__post_filter": modulation},
}
converted, clips = {}, {}
with tempfile.TemporaryDirectory() as cache:
    for name, parameters in choices.items():
        model = clone(converter).set_params(memory=cache, **parameters).fit(X_train, y_train)
        mcep = model.target_features_.feature_blocks_["mcep"]
        converted[name] = [sequence[:, mcep] for sequence in model.predict_features(X_test)]
        clips[name] = model.predict(X_test[:1])[0]

# %%
# The price
# ---------
# The variance comes back, and the distortion grows: a guess that moves less is a safer
# guess. The log-ratio is the mean of ``|log(variance of converted / variance of target)|`` over
# the columns, and 0 for the target itself.
analysis = MelCepstrum(sample_rate).fit(y_train)
source, wanted = analysis.transform(X_test), analysis.transform(y_test)


def variances(sequences):
    """Mean variance along time of c_1, c_2, ..., in frames that are not silent."""
    loud = [s[s[:, 0] > np.quantile(s[:, 0], 0.95) - 3.5, 1:] for s in sequences]
    return np.mean([s.var(axis=0) for s in loud], axis=0)


print(f"{'':20s} {'MCD':>8s} {'GV log-ratio':>15s}")
for name, found in {"source": source, **converted}.items():
    distortion = mel_cepstral_distortion(wanted, found)
    ratio = np.abs(np.log(variances(found) / variances(wanted))).mean()
    print(f"{name:20s} {distortion:5.2f} dB {ratio:15.2f}")

# %%
# Variances by coefficient
# ------------------------
# What conversion loses most are the fine details of the spectrum, the high coefficients.
styles = {
    "source": {"color": "0.7", "linestyle": "--"},
    "target": {"color": "black", "linewidth": 2.5},
    "morph 0": {"color": "tab:blue"},
    "morph 1": {"color": "tab:orange"},
    "modulation spectrum": {"color": "tab:green", "linestyle": ":", "linewidth": 2},
}
sequences = {"source": source, "target": wanted, **converted}
figure, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
for name, style in styles.items():
    values = variances(sequences[name])
    ax.semilogy(np.arange(1, len(values) + 1), values, label=name, **style)
ax.set(xlabel="coefficient of the mel-cepstrum", ylabel="variance along time", xlim=(1, 24))
ax.legend()
plt.show()

# %%
# One column along time
# ---------------------
# Synthetic speakers tell what a perfect conversion would be, in the timing of the source. The
# post-filter stretches the column about its mean: what is low gets lower, and what is high gets
# higher. What the conversion missed at some moment stays missed: that is the price.
ideal = analysis.transform(truth.targets[8:9])[0]
column = 20
lines = {"target": ideal, "morph 0": converted["morph 0"][0], "morph 1": converted["morph 1"][0]}
figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
for name, sequence in lines.items():
    ax.plot(0.005 * np.arange(len(sequence)), sequence[:, column], label=name, **styles[name])
ax.set(xlabel="time (s)", ylabel=f"c_{column}")
ax.margins(x=0, y=0.15)
ax.legend(ncols=3, loc="upper center")
plt.show()

# %%
# Envelopes
# ---------
# A mel-cepstrum is a sum of cosines over warped frequency. At one moment of a vowel, the valley
# between two formants gets deeper: here deeper than that of the target, for the filter knows how
# much the target moves, and not what is due at this moment.
omega = np.linspace(0, np.pi, 400)
alpha = analysis.alpha_
warped = omega + 2 * np.arctan(alpha * np.sin(omega) / (1 - alpha * np.cos(omega)))
cosines = np.cos(np.outer(np.arange(1, 25), warped))
frame = 260
figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
for name, sequence in lines.items():
    level = 20 / np.log(10) * sequence[frame, 1:] @ cosines
    ax.plot(omega / np.pi * sample_rate / 2000, level, label=name, **styles[name])
ax.set(xlabel="frequency (kHz)", ylabel="envelope (dB)", xlim=(0, sample_rate / 2000))
ax.set_title(f"at {0.005 * frame:.2f} s", loc="left")
ax.legend()
plt.show()

# %%
# Spectrograms
# ------------
# Of whole clips the eye sees less of it than the ear hears.
stft = STFTTransformer(n_fft=1024, hop_length=80, win_length=480, output="magnitude")
pictures = {"morph 0": clips["morph 0"], "morph 1": clips["morph 1"], "target": truth.targets[8]}
figure, axes = plt.subplots(3, 1, figsize=(8, 7), layout="constrained", sharex=True)
for ax, (name, clip) in zip(axes, pictures.items(), strict=True):
    level = 20 * np.log10(stft.fit_transform([clip])[0] + 1e-10)
    level -= np.quantile(level, 0.99)
    extent = (0, len(clip) / sample_rate, 0, sample_rate / 2000)
    image = ax.imshow(
        level.T, origin="lower", aspect="auto", cmap="magma", vmin=-55, vmax=0, extent=extent
    )
    ax.set_title(name, loc="left")
    ax.set_ylabel("kHz")
axes[-1].set_xlabel("time (s)")
figure.colorbar(image, ax=axes, label="level (dB)", extend="both", aspect=40)
plt.show()

# %%
# Listen
# ------
AudioPlayer(X_test[0], sample_rate, title="source")

# %%
AudioPlayer(clips["morph 0"], sample_rate, title="morph 0: as it was converted")

# %%
AudioPlayer(clips["morph 0.5"], sample_rate, title="morph 0.5")

# %%
AudioPlayer(clips["morph 1"], sample_rate, title="morph 1: the variance of the target")

# %%
AudioPlayer(clips["modulation spectrum"], sample_rate, title="modulation spectrum")

# %%
AudioPlayer(y_test[0], sample_rate, title="target")
