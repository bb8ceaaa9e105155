"""
A voice that came later
=======================

An autoencoder has learned five voices, and a sixth turns up. No fit is needed: a few of its
sentences are enough to find the code of a voice under which they are likeliest. Here the
autoencoder also looks at neighbouring frames.
"""

# %%
# Five voices, and one for later
# ------------------------------
# Four sentences of each to learn from, and two that are held out, which the newcomer says, too.
import matplotlib.pyplot as plt
import numpy as np

from skstyle import ConvVAETransport, MelCepstrum, SourceFilterVocoder, VAEConverter
from skstyle.datasets import example_voices
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion

voices, sample_rate = example_voices(6)
newcomer = voices.pop(list(voices)[2])
last = list(voices)[-1]
test, truth = voices[last][4:], newcomer[4:]
clips = [x for sentences in voices.values() for x in sentences[:4]]

# %%
# One fit of five
# ---------------
# :class:`~skstyle.neural.ConvVAETransport` is made of convolutions over time, where
# :class:`~skstyle.neural.VAETransport` knows one frame at a time.
settings = {"n_epochs": 60, "batch_size": 4, "learning_rate": 0.003, "random_state": 0}
vae = ConvVAETransport(decoder_variance="one", hidden_layer_sizes=(64, 64), **settings)
vocoder = SourceFilterVocoder(sample_rate, frame_period_ms=10, learn_f0_range=False)
converter = VAEConverter(vocoder, vae).fit(clips, np.repeat(list(voices), 4))

# %%
# The code of the sixth
# ---------------------
# ``style_from`` looks for it, with encoder and decoder as they are. Five voices span few others: of
# a voice unlike all of them expect less.
style = converter.style_from(newcomer[:4])
replaced = converter.convert(test, style, source=last)

# %%
# Replace, or multiply
# --------------------
# A decoded frame is smooth. With ``ratio=True`` a frame keeps its detail, and its spectrum is only
# multiplied by the ratio of the decoded spectra of both voices. That is read when frames are
# converted, so that the fitted autoencoder can be switched. What keeps detail keeps some of the
# source, too.
converter.vae_.set_params(ratio=True)
multiplied = converter.convert(test, style, source=last)

# %%
# How near?
# ---------
# The newcomer says the held-out sentences, too.
results = {last: test, "replaced": replaced, "multiplied": multiplied}
for name, x in results.items():
    distortion = mel_cepstral_distortion(truth, x, sample_rate=sample_rate)
    print(f"{name:10s} {distortion:.2f} dB from the newcomer")

# %%
# Mean frames tell the same: the newcomer's vowels and fricatives on the average, without silence.
mel_cepstrum = MelCepstrum(sample_rate, frame_period_ms=10, learn_f0_range=False).fit(clips)
figure, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
for name, x in {**results, "newcomer": truth}.items():
    frames = np.concatenate(mel_cepstrum.transform(x))
    loud = frames[frames[:, 0] > np.quantile(frames[:, 0], 0.95) - 3.5]
    ax.plot(range(1, 13), loud[:, 1:13].mean(axis=0), "o-", label=name)
ax.set(xlabel="coefficient of the mel-cepstrum", ylabel="mean")
ax.legend()
plt.show()

# %%
# Listen
# ------
sounds = {name: x[0] for name, x in results.items()}
AudioRow({**sounds, "the newcomer": truth[0]}, sample_rate)
