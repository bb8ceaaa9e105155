"""
A first voice conversion
========================

Learn how one speaker sounds from a few sentences that another speaker says too, then convert
sentences that were never heard. Clips of any length go in as a list, and come out as a list.

The speakers are synthetic. With recordings at hand, set the environment variable
``SKSTYLE_DATA`` to a folder that has ``speech/vcc2018`` and run this file again.
"""

# %%
# Two speakers, the same sentences
# --------------------------------
import matplotlib.pyplot as plt

from skstyle import make_voice_converter
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow, ConversionDisplay
from skstyle.metrics import mel_cepstral_distortion

X, y, sample_rate = example_speakers(14)
X_train, X_test, y_train, y_test = X[:12], X[12:], y[:12], y[12:]
print([f"{len(x) / sample_rate:.2f} s" for x in X_train])

# %%
# Fit and predict
# ---------------
# The converter is an ordinary scikit-learn estimator, made of ordinary parts.
converter = make_voice_converter(sample_rate, random_state=0)
converter.fit(X_train, y_train)
converted = converter.predict(X_test)

# %%
# Is it closer to the target?
# ---------------------------
# The mel-cepstral distortion compares the timbre of aligned frames; it is 0 dB for the target
# itself.
before = mel_cepstral_distortion(y_test, X_test, sample_rate=sample_rate)
after = mel_cepstral_distortion(y_test, converted, sample_rate=sample_rate)
print(f"{before:.2f} dB before, {after:.2f} dB after")

# %%
# Look
# ----
figure = plt.figure(figsize=(11, 6.5))
ConversionDisplay.from_predictions(
    X_test[0], converted[0], y_test[0], sample_rate=sample_rate, fig=figure
)
plt.show()

# %%
# Listen
# ------
AudioRow({"source": X_test[0], "converted": converted[0], "target": y_test[0]}, sample_rate)
