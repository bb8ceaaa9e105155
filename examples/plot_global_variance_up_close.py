"""
Global variance, up close
=========================

The post-filter of :ref:`sphx_glr_auto_examples_plot_global_variance.py` gives a converted voice
the movement of the target. Here is what it does to one column along time, and to the spectrum of
one moment. Synthetic speakers tell what a perfect conversion would be, in the timing of the
source.
"""

# %%
# With and without
# ----------------
import matplotlib.pyplot as plt
import numpy as np

from skstyle import MelCepstrum, make_voice_converter
from skstyle.datasets import make_parallel_speakers
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion

sample_rate = 16000
X, y, truth = make_parallel_speakers(9, random_state=0, return_truth=True)
converter = make_voice_converter(sample_rate, f0_min_hz=80, f0_max_hz=300, random_state=0)
converter.set_params(features__learn_f0_range=False).fit(X[:8], y[:8])
ideal = truth.targets[8]
lines = {"target": MelCepstrum(sample_rate).fit(y[:8]).transform([ideal])[0]}
clips = {"target": ideal}
mcep = converter.target_features_.feature_blocks_["mcep"]
for morph in (0.0, 1.0):
    # It is read when clips are converted: one fit serves both.
    converter.regressor_.post_filter_.set_params(morph=morph)
    lines[f"morph {morph:g}"] = converter.predict_features(X[8:])[0][:, mcep]
    clips[f"morph {morph:g}"] = converter.predict(X[8:])[0]
for name, sequence in lines.items():
    print(f"{name}: {mel_cepstral_distortion([lines['target']], [sequence]):.2f} dB")

# %%
# One column along time
# ---------------------
# The post-filter stretches the column about its mean: what is low gets lower, and what is high gets
# higher. What the conversion missed at some moment stays missed: that is the price.
column, frame = 20, 260
colours = {"target": "k", "morph 0": "C0", "morph 1": "C1"}
figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
for name, sequence in lines.items():
    ax.plot(0.005 * np.arange(len(sequence)), sequence[:, column], colours[name], label=name)
ax.axvline(0.005 * frame, color="0.8", zorder=0)
ax.set(xlabel="time (s)", ylabel=f"c_{column}")
ax.legend(ncols=3, loc="upper center")
plt.show()

# %%
# Envelopes
# ---------
# A mel-cepstrum is a sum of cosines over warped frequency. At the moment of the grey line, in a
# vowel, the valley between two formants gets deeper: here deeper than that of the target, for the
# filter knows how much the target moves, and not what is due at this moment.
omega, alpha = np.linspace(0, np.pi, 400), converter.target_features_.alpha_
warped = omega + 2 * np.arctan(alpha * np.sin(omega) / (1 - alpha * np.cos(omega)))
cosines = np.cos(np.outer(np.arange(1, 25), warped))
figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
for name, sequence in lines.items():
    level = 20 / np.log(10) * sequence[frame, 1:] @ cosines
    ax.plot(omega / np.pi * sample_rate / 2000, level, colours[name], label=name)
ax.set(xlabel="frequency (kHz)", ylabel="envelope (dB)", xlim=(0, sample_rate / 2000))
ax.legend()
plt.show()

# %%
# Listen
# ------
AudioRow(clips, sample_rate)
