"""
The latent space of six voices
==============================

A variational autoencoder describes every frame of speech by a code of a few numbers. What do they
tell: what was said, or who said it? One that knows nothing of voices has to keep both. One that is
told the voice can leave it out of the code, and that is how it converts voices.
"""

# %%
# Six voices
# ----------
# Synthetic; or recordings, where the environment variable ``SKSTYLE_DATA`` names a folder that has
# ``speech/vcc2018``. A call of :func:`~skstyle.datasets.make_parallel_speakers` makes two voices,
# and the first is always the same: five calls with one seed make six who say the same sentences.
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import TSNE
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle.alignment import dtw_path
from skstyle.audio import read_clip
from skstyle.datasets import make_parallel_speakers
from skstyle.features import MelCepstrum, SourceFilterVocoder
from skstyle.inspection import AudioPlayer
from skstyle.metrics import mel_cepstral_distortion
from skstyle.neural import VAETransformer, VAETransport

sample_rate, data, voices = 16000, os.environ.get("SKSTYLE_DATA"), {}
if data:
    for name in ("SF1", "SF2", "SM1", "SM2", "TF1", "TM1"):
        paths = [Path(data, "speech", "vcc2018", name, f"{i}.flac") for i in range(30001, 30007)]
        voices[name] = [read_clip(path, sample_rate=sample_rate)[0] for path in paths]
else:
    # Formants and pitch, as multiples of those of anna.
    traits = {"ben": (0.78, 0.7), "carl": (0.88, 1.1), "dora": (1.13, 1.4), "eve": (1.27, 2.0)}
    for name, (tract, pitch) in {**traits, "flo": (1.43, 1.7)}.items():
        voices["anna"], voices[name] = make_parallel_speakers(
            7, vocal_tract_ratio=tract, f0_ratio=pitch, sample_rate=sample_rate, random_state=0
        )

# %%
# Who, and what
# -------------
# Frames are mel-cepstra without silence and without the level, c_0. Who said them is known. For
# what was said, the frames of the first voice fall into eight classes by k-means, and alignment
# carries the classes over to the other voices. Only the probes and the map below need that. The
# last two sentences are held out.
mel_cepstrum = MelCepstrum(sample_rate, frame_period_ms=10, learn_f0_range=False)
spoken = {}
for name, clips in voices.items():
    cepstra = mel_cepstrum.fit_transform(clips)
    # Silence is 30 dB (3.5 nepers) below the loud frames.
    spoken[name] = [s[s[:, 0] > np.quantile(s[:, 0], 0.95) - 3.5][:, 1:] for s in cepstra]
first = next(iter(spoken.values()))
sounds = KMeans(8, random_state=0).fit(np.concatenate(first))
table = []
for name, sentences in spoken.items():
    offset = np.concatenate(sentences).mean(axis=0) - np.concatenate(first).mean(axis=0)
    for i, (x, reference) in enumerate(zip(sentences, first, strict=True)):
        path, _ = dtw_path(x - offset, reference)
        sound = np.empty(len(x), int)
        sound[path[:, 0]] = sounds.predict(reference)[path[:, 1]]
        table.append((x, [name] * len(x), sound, [i >= len(first) - 2] * len(x)))
X, who, what, test = (np.concatenate(column) for column in zip(*table, strict=True))
print(f"{np.sum(~test)} frames to learn from, {np.sum(test)} held out")

# %%
# Two autoencoders
# ----------------
# :class:`~skstyle.neural.VAETransformer` sees frames alone: ``transform`` returns their codes.
# :class:`~skstyle.neural.VAETransport` is also told the voice of each: ``encode`` returns what is
# left for its codes to tell.
settings = {"n_epochs": 40, "random_state": 0}
plain = VAETransformer(**settings).fit(X[~test])
told = VAETransport(**settings).fit(X[~test], who[~test])
codes = np.empty((len(X), told.latent_dim))
for name in voices:
    codes[who == name] = told.encode(X[who == name], name)
views = {"mel-cepstra": X, "codes": plain.transform(X), "codes, voice told": codes}

# %%
# Two probes
# ----------
# A linear classifier learns to name the voice of a frame, and another one to name its sound. Shares
# of held-out frames that they get right, and how often the most frequent name would be right:
probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
print(f"{'':18s} {'who':>5s} {'what':>5s}")
for name, Z in views.items():
    right = [probe.fit(Z[~test], y[~test]).score(Z[test], y[test]) for y in (who, what)]
    print(f"{name:18s} {right[0]:5.0%} {right[1]:5.0%}")
most = [np.unique(y[test], return_counts=True)[1].max() / test.sum() for y in (who, what)]
print(f"{'most frequent':18s} {most[0]:5.0%} {most[1]:5.0%}")

# %%
# The voice is in the mel-cepstra and stays in the codes of the plain autoencoder, which needs it to
# make the frame again. Once the voice is told, little more than chance is left of it, while sounds
# are named no worse than from plain codes. What both lose of them is the price of a short code.

# %%
# A map
# -----
# Held-out frames in two dimensions by t-SNE, which puts those side by side that are neighbours in
# all dimensions. Above, colours tell who; below, what.
chosen = np.random.RandomState(0).permutation(np.flatnonzero(test))[:600]
figure, axes = plt.subplots(2, 3, figsize=(9.5, 6), layout="constrained")
for column, (name, Z) in zip(axes.T, views.items(), strict=True):
    x, y = TSNE(random_state=0).fit_transform(Z[chosen]).T
    for ax, labels, colours in zip(column, (who, what), ("tab10", "Dark2"), strict=True):
        _, numbers = np.unique(labels, return_inverse=True)
        ax.scatter(x, y, c=numbers[chosen], s=5, cmap=colours, vmin=0)
        ax.set(xticks=[], yticks=[])
    column[0].set(title=name)
axes[0, 0].set(ylabel="who")
axes[1, 0].set(ylabel="what")
plt.show()

# %%
# Among mel-cepstra, and among codes of the plain autoencoder, neighbours are mostly of one voice.
# Told the voice, voices mix more, and what lies together is one sound.

# %%
# Listen
# ------
# A held-out sentence, its timbre encoded, and decoded as the last voice. Pitch and breath stay
# those of the source; :class:`~skstyle.compose.VAEConverter` moves them too.
source, target = list(voices)[0], list(voices)[-1]
vocoder = SourceFilterVocoder(sample_rate).fit(voices[source])
sequence = vocoder.transform(voices[source][-1:])[0]
timbre = np.arange(sequence.shape[1])[vocoder.feature_blocks_["mcep"]][1:]
sequence[:, timbre] = told.convert(sequence[:, timbre], target, source)
converted = vocoder.inverse_transform([sequence])
for title, clips in (("before", voices[source][-1:]), ("after", converted)):
    away = mel_cepstral_distortion(voices[target][-1:], clips, sample_rate=sample_rate)
    print(f"{title}: {away:.2f} dB from {target}")
AudioPlayer(voices[source][-1], sample_rate, title=f"{source}")

# %%
AudioPlayer(converted[0], sample_rate, title=f"{source}, decoded as {target}")

# %%
AudioPlayer(voices[target][-1], sample_rate, title=f"{target}")
