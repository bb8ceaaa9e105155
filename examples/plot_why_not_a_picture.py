"""
Why a spectrogram is not a picture
==================================

The first transfers of audio style drew the spectrogram as a picture, gave it to a net for
pictures, and read the result back. It does not work, for reasons that can be measured. The smaller
one is that a picture is coarse, the greater one that a net for pictures does not know how high a
sound is.
"""

# %%
# A picture is coarse
# -------------------
# 224 by 224 pixels of 256 grey levels, as nets for pictures want them, and back. The phases are
# the true ones: what is lost is lost by the picture. That is little beside the distances that
# transfer leaves below.
import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import zoom
from scipy.signal import butter, sosfilt

from skstyle import GramStyleTransformer, STFTTransformer, make_style_transfer
from skstyle.datasets import make_tune
from skstyle.inspection import AudioRow, SpectrogramDisplay
from skstyle.metrics import log_spectral_distance, timbre_distance
from skstyle.transfer import RandomConv2dFeatures, RandomConvFeatures

sample_rate = 16000
content = make_tune("ode_to_joy", "guitar", beat=0.28, random_state=0)
style = make_tune("frere_jacques", "flute", beat=0.28, random_state=1)
truth = make_tune("ode_to_joy", "flute", beat=0.28, random_state=2)


def distance(x, to=truth):
    return log_spectral_distance([to], [x], sample_rate=sample_rate)


stft = STFTTransformer(n_fft=1024)
spectra = stft.fit_transform([content])
level = 20 * np.log10(np.maximum(np.abs(spectra[0]), 1e-5))
top, depth = level.max(), 80.0
grey = np.round(255 * np.clip(1 + (level - top) / depth, 0, 1))
picture = np.round(zoom(grey, 224 / np.array(grey.shape), order=1))
read = zoom(picture, np.array(grey.shape) / picture.shape, order=1)
magnitude = 10 ** ((top + depth * (read / 255 - 1)) / 20)
spectra[0] = magnitude * np.exp(1j * np.angle(spectra[0]))
redrawn = stft.inverse_transform(spectra)[0]
print(f"drawn and read back: {distance(redrawn, to=content):.1f} dB from the content")

# %%
# A net for pictures does not know how high a sound is
# ----------------------------------------------------
# Its filters move along frequency as along time, as they must to find a cat anywhere. To them, a
# low hiss and a high one are nearly the same style. To filters over time, that have frequencies as
# channels, they are as different as can be.
rng = np.random.default_rng(0)


def hiss(low_hz):
    sos = butter(4, (low_hz, low_hz + 1000), "bandpass", fs=sample_rate, output="sos")
    return sosfilt(sos, 0.1 * rng.standard_normal(3 * sample_rate))


stft = STFTTransformer(n_fft=512, output="magnitude")
low, again, high = (stft.fit_transform([hiss(low_hz)]) for low_hz in (1500, 1500, 5500))
for features in (RandomConv2dFeatures(n_filters=32), RandomConvFeatures(n_filters=256)):
    gram = GramStyleTransformer(features, random_state=0).fit(low)
    same, other = (gram.style_.distance(gram.measure(x)) for x in (again, high))
    print(f"{type(features).__name__}: low to high {other / same:.0f} times low to low")

# %%
# Transfer
# --------
# Two-dimensional filters, filters over time, and the two engines that need no net. The first end
# farther from the truth than the content was. What they hear matters: a net of such filters does
# better on mel bands: :ref:`sphx_glr_auto_examples_plot_pretrained_net.py`.
results = {"content": content}
for name, method, options in (
    ("filters as for pictures", "gram", {"features": RandomConv2dFeatures()}),
    ("filters over time", "gram", {"features": RandomConvFeatures()}),
    ("transport", "transport", {}),
    ("concatenative", "concatenative", {}),
):
    transfer = make_style_transfer(sample_rate, method, random_state=0, **options)
    results[name] = transfer.fit([style]).transform([content])[0]
results["truth"] = truth
for name, x in results.items():
    timbre = timbre_distance([style], [x], sample_rate=sample_rate)
    print(f"{name:24s} {distance(x):4.1f} dB from the truth, timbre {timbre:.3f} from the style")

# %%
# Look
# ----
figure, axes = plt.subplots(2, 3, sharex=True, sharey=True, figsize=(11, 6), layout="constrained")
for ax, (name, x) in zip(axes.flat, results.items(), strict=True):
    SpectrogramDisplay.from_predictions(x, sample_rate, ax=ax, title=name, colorbar=False)
    ax.set(ylim=(0, 4))
    ax.label_outer()
plt.show()

# %%
# Listen
# ------
AudioRow({**results, "content, drawn and read back": redrawn}, sample_rate)
