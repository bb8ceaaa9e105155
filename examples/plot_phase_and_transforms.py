"""
Sound from spectra
==================

Models make spectra, and ears want sound. A complex spectrum goes back exactly; magnitudes have lost
their phases, which have to be found. How well that works depends on where the search starts, more
than on how long it goes on.
"""

# %%
# A sentence and a tune
# ---------------------
import matplotlib.pyplot as plt
import numpy as np

from skstyle import CQTTransformer, MelSpectrogram, PhaseReconstructor, STFTTransformer
from skstyle.datasets import example_speakers, example_tunes
from skstyle.inspection import AudioRow
from skstyle.metrics import spectral_convergence

sentences, _, speech_rate = example_speakers(1)
tune, _, _, music_rate = example_tunes()
clips = {"speech": (sentences[0], speech_rate), "music": (tune, music_rate)}
stft = STFTTransformer(n_fft=1024, output="magnitude")


def tell(name):
    """Print how far magnitudes of the results are from the wanted ones, relative to these."""
    found = [
        20 * np.log10(spectral_convergence([x], [results[name, kind]], sample_rate=rate))
        for kind, (x, rate) in clips.items()
    ]
    print(f"{name:25s} {found[0]:6.1f} dB {found[1]:6.1f} dB")


# %%
# Phases
# ------
# In one pass, "spsi" lets peaks advance by their frequencies, and "pghi" integrates the slopes of
# the logarithm. "griffin-lim" goes to and fro between spectrum and signal, from random phases in
# the classic version, and with momentum in "fast-griffin-lim"; "admm" is a cousin. "rtisi-la" goes
# frame by frame, as one would in real time.
methods = {
    "spsi": {"method": "spsi"},
    "pghi": {"method": "pghi"},
    "rtisi-la": {"method": "rtisi-la", "n_iter": 8},
    "griffin-lim, random": {"method": "griffin-lim", "init": "random"},
    "griffin-lim, pghi": {"method": "griffin-lim"},
    "fast-griffin-lim, random": {"init": "random"},
    "fast-griffin-lim, pghi": {},
    "admm, pghi": {"method": "admm"},
}
results, curves = {}, {}
print(f"{'':25s} speech    music")
for name, settings in methods.items():
    for kind, (x, _) in clips.items():
        phase = PhaseReconstructor(**{"n_iter": 40, **settings})
        results[name, kind] = phase.fit_transform(stft.fit_transform([x]))[0]
        curves[name, kind] = 20 * np.log10(phase.convergence_[0])
    tell(name)

# %%
# Other transforms
# ----------------
# A constant-Q transform has bins at equal musical intervals, and an inverse that is only near:
# treble suffers where wavelets are shorter than the hop. 80 mel bands do not resolve harmonics, and
# what they lost no phase brings back.
for name in ("complex stft", "complex cqt", "cqt magnitudes", "mel bands"):
    for kind, (x, rate) in clips.items():
        transform = {
            "complex stft": STFTTransformer(n_fft=1024),
            "complex cqt": CQTTransformer(rate, hop_length=64),
            "cqt magnitudes": CQTTransformer(rate, hop_length=64, n_iter=12, output="magnitude"),
            "mel bands": MelSpectrogram(rate, n_fft=1024),
        }[name]
        results[name, kind] = transform.inverse_transform(transform.fit_transform([x]))[0]
    tell(name)

# %%
# Look
# ----
figure, axes = plt.subplots(1, 2, sharey=True, figsize=(11, 4), layout="constrained")
for ax, kind in zip(axes, clips, strict=True):
    for name in methods:
        curve = curves[name, kind]
        ax.plot(curve, "o" if len(curve) == 1 else "-", label=name)
    ax.set(title=kind, xlabel="iteration")
axes[0].set(ylabel="spectral convergence in dB")
axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %%
# Listen
# ------
named = ("griffin-lim, random", "fast-griffin-lim, pghi", "cqt magnitudes", "mel bands")
AudioRow({"speech": sentences[0], **{n: results[n, "speech"] for n in named}}, speech_rate)

# %%
AudioRow({"music": tune, **{n: results[n, "music"] for n in named}}, music_rate)
