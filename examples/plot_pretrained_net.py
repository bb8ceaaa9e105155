"""
Any torch module
================

The default features are random filters, which need no training. Any net may take their place: here
one with random weights, and beside it the same net trained to tag music, where its weights are at
hand.
"""

# %%
# A net
# -----
# The first two blocks of the VGG of `musicnn <https://github.com/jordipons/musicnn>`_, trained on
# the Million Song Dataset. It hears logarithms of 96 mel bands, and transfer gives it
# ``log(1 + contrast * magnitude / level)``: its first layer makes one of the other, and gradients
# pass through it as through all layers.
import os
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from skstyle import make_style_transfer
from skstyle.datasets import make_tune
from skstyle.features import MelSpectrogram
from skstyle.inspection import AudioRow, SpectrogramDisplay
from skstyle.metrics import log_spectral_distance
from skstyle.transfer import ModuleFeatures, RandomConv2dFeatures

rate, n_fft, hop_length, contrast = 16000, 512, 256, 1000
mel = MelSpectrogram(rate, n_fft=n_fft, n_mels=96).fit([np.zeros(n_fft)])


class LogMel(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("filters", torch.tensor(mel.filters_, dtype=torch.float32))

    def forward(self, z):
        return torch.log10(1e4 * (torch.expm1(z) / contrast) ** 2 @ self.filters + 1)


def make_net():
    layers = [LogMel(), nn.BatchNorm2d(1, eps=1e-3)]
    for n_channels, pool in ((1, (4, 1)), (128, (2, 2))):
        layers += [nn.Conv2d(n_channels, 128, 3, padding=1), nn.ReLU()]
        layers += [nn.BatchNorm2d(128, eps=1e-3), nn.MaxPool2d(pool, stride=2)]
    return nn.Sequential(*layers)


torch.manual_seed(0)
nets = {"net, random weights": make_net()}

# %%
# Its weights
# -----------
# They are no part of skstyle, and this page is made without them: it has the net with random
# weights alone. With ``models/MSD_vgg.npz`` beside the folder that the environment variable
# ``SKSTYLE_DATA`` names, the trained net is heard too.
file = Path(os.environ.get("SKSTYLE_DATA", "nowhere")).parent / "models" / "MSD_vgg.npz"
if file.is_file():
    net, arrays, trained = make_net(), np.load(file), []
    for i, name in enumerate(["", "_1", "_2"]):
        if i:
            # There filters are last.
            trained += [arrays[f"{i}CNN.kernel"].transpose(3, 2, 0, 1), arrays[f"{i}CNN.bias"]]
        for part in ("gamma", "beta", "moving_mean", "moving_variance"):
            trained.append(arrays[f"batch_normalization{name}.{part}"])
    # Without the bands, and the numbers of batches that were seen.
    own = [a for a in net[1:].state_dict().values() if a.ndim]
    for a, values in zip(own, trained, strict=True):
        a.copy_(torch.from_numpy(values))
    nets["net, trained"] = net

# %%
# Transfer
# --------
# Layers are submodules by name, here the rectifiers. The pools leave nothing of fewer than six
# frames, which ``widest`` says; shorter clips are padded. All features get the short windows that
# the net has learned with.
tunes = ("ode_to_joy", "guitar"), ("frere_jacques", "flute"), ("ode_to_joy", "flute")
content, style, truth = (make_tune(*of, beat=0.28, random_state=i) for i, of in enumerate(tunes))
kinds = {"filters over time": "random-conv", "filters as for pictures": RandomConv2dFeatures()}
for name, net in nets.items():
    kinds[name] = ModuleFeatures(net, layers=("3", "7"), layout="image", widest=6)
results = {"content": content, "truth": truth}
for name, kind in kinds.items():
    transfer = make_style_transfer(rate, "gram", features=kind, contrast=contrast, random_state=0)
    transfer.set_params(stft__n_fft=n_fft, stft__hop_length=hop_length)
    start = time.perf_counter()
    results[name] = transfer.fit([style]).transform([content])[0]
    print(f"{name:24s} {time.perf_counter() - start:.1f} s")

# %%
# Look
# ----
# Training is worth nothing in this transfer: random weights do as well as trained ones, where those
# are at hand, or better. Filters over time do nearly as well in less time. Filters as for
# pictures are the worst on the spectrogram itself, as in
# :ref:`sphx_glr_auto_examples_plot_why_not_a_picture.py`. The net has such filters too; what
# differs is what they hear, 96 mel bands and not 257 frequencies.
figure, axes = plt.subplots(1, len(results), figsize=(13, 3.5), layout="constrained")
for ax, (name, x) in zip(axes, results.items(), strict=True):
    print(f"{name:24s} {log_spectral_distance([truth], [x], sample_rate=rate):4.1f} dB")
    SpectrogramDisplay.from_predictions(x, rate, ax=ax, title=name, colorbar=False)
    ax.set(ylim=(0, 4))
plt.show()

# %%
# Listen
# ------
AudioRow(results, rate)
