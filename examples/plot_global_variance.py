"""
What global variance does
=========================

Statistical conversion answers with what is likely on average, and averages move less than speech
does: converted voices sound muffled. Post-filters give the movement back. This is what they do
to the numbers and to the sound, and what they cost.
"""

# %%
# One voice, four post-filters
# ----------------------------
# ``morph`` tells how far to go from the converted variance (0) to the target's (1). The last one
# also looks at how fast the columns move: it restores every modulation frequency.
import tempfile

import matplotlib.pyplot as plt
import numpy as np

from skstyle import MelCepstrum, ModulationSpectrumScaler, make_voice_converter
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion

X, y, sample_rate = example_speakers(10)
X_train, X_test, y_train, y_test = X[:7], X[7:], y[:7], y[7:]
converter = make_voice_converter(sample_rate, f0_min_hz=80, f0_max_hz=300, random_state=0)
columns = converter.get_params()["regressor__post_filter__columns"]
modulation = ModulationSpectrumScaler(columns=columns)
choices = {
    "morph 0": {"regressor__post_filter__morph": 0.0},
    "morph 0.5": {"regressor__post_filter__morph": 0.5},
    "morph 1": {"regressor__post_filter__morph": 1.0},
    "modulation spectrum": {"regressor__post_filter": modulation},
}
sequences, clips = {}, {"source": X_test[0]}
with tempfile.TemporaryDirectory() as cache:
    converter.set_params(features__learn_f0_range=False, memory=cache)
    for name, parameters in choices.items():
        converter.set_params(**parameters).fit(X_train, y_train)
        mcep = converter.target_features_.feature_blocks_["mcep"]
        sequences[name] = [sequence[:, mcep] for sequence in converter.predict_features(X_test)]
        clips[name] = converter.predict(X_test[:1])[0]

# %%
# The price
# ---------
# The variance comes back, and the distortion grows: a guess that moves less is a safer
# guess. The log-ratio is the mean of ``|log(variance of converted / variance of target)|`` over
# the columns, and 0 for the target itself.
analysis = MelCepstrum(sample_rate).fit(y_train)
sequences |= {"source": analysis.transform(X_test), "target": analysis.transform(y_test)}


def variances(found):
    """Mean variance along time of c_1, c_2, ..., in frames that are not silent."""
    loud = [s[s[:, 0] > np.quantile(s[:, 0], 0.95) - 3.5, 1:] for s in found]
    return np.mean([s.var(axis=0) for s in loud], axis=0)


print(f"{'':20s} {'MCD':>8s} {'GV log-ratio':>15s}")
for name, found in sequences.items():
    distortion = mel_cepstral_distortion(sequences["target"], found)
    ratio = np.abs(np.log(variances(found) / variances(sequences["target"]))).mean()
    print(f"{name:20s} {distortion:5.2f} dB {ratio:15.2f}")

# %%
# Variances by coefficient
# ------------------------
# What conversion loses most are the fine details of the spectrum, the high coefficients.
figure, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
styles = {"source": "C7--", "target": "k", "morph 0": "C0", "morph 1": "C1"}
styles["modulation spectrum"] = "C2:"
for name, style in styles.items():
    ax.semilogy(range(1, 25), variances(sequences[name]), style, label=name)
ax.set(xlabel="coefficient of the mel-cepstrum", ylabel="variance along time", xlim=(1, 24))
ax.legend()
plt.show()

# %%
# How a single moment changes is shown in
# :ref:`sphx_glr_auto_examples_plot_global_variance_up_close.py`.

# %%
# Listen
# ------
AudioRow({**clips, "target": y_test[0]}, sample_rate)
