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
import matplotlib.pyplot as plt
import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import TSNE
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle import MelCepstrum, SourceFilterVocoder, VAETransformer, VAETransport
from skstyle.alignment import dtw_path
from skstyle.datasets import example_voices
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion

voices, sample_rate = example_voices(7)
names = list(voices)

# %%
# Who, and what
# -------------
# Frames are mel-cepstra without silence and without the level, c_0. Who said them is known. For
# what was said, the frames of the first voice fall into eight classes by k-means, and alignment
# carries the classes over to the other voices. Only the probes and the map below need that. The
# last two sentences are held out.
mel_cepstrum = MelCepstrum(sample_rate, frame_period_ms=10, learn_f0_range=False)
spoken, table = {}, []
for name, clips in voices.items():
    cepstra = mel_cepstrum.fit_transform(clips)
    # Silence is 30 dB (3.5 nepers) below the loud frames.
    spoken[name] = [s[s[:, 0] > np.quantile(s[:, 0], 0.95) - 3.5][:, 1:] for s in cepstra]
first = spoken[names[0]]
sounds = KMeans(8, random_state=0).fit(np.concatenate(first))
for name, sentences in spoken.items():
    offset = np.concatenate(sentences).mean(axis=0) - np.concatenate(first).mean(axis=0)
    for i, (x, reference) in enumerate(zip(sentences, first, strict=True)):
        path, _ = dtw_path(x - offset, reference)
        sound = np.empty(len(x), int)
        sound[path[:, 0]] = sounds.predict(reference)[path[:, 1]]
        table.append((x, [name] * len(x), sound, [i >= len(first) - 2] * len(x)))
X, who, what, test = (np.concatenate(column) for column in zip(*table, strict=True))

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
# of held-out frames that they get right; of the voices, one in six is chance.
probe = make_pipeline(StandardScaler(), LogisticRegression(tol=0.01, max_iter=1000))
for name, Z in views.items():
    right = [probe.fit(Z[~test], y[~test]).score(Z[test], y[test]) for y in (who, what)]
    print(f"{name:18s} who {right[0]:4.0%}, what {right[1]:4.0%}")

# %%
# The voice is in the mel-cepstra and stays in the codes of the plain autoencoder, which needs it to
# make the frame again. Once the voice is told, little more than chance is left of it, while sounds
# are named no worse than from plain codes. What both lose of them is the price of a short code.

# %%
# A map
# -----
# Held-out frames in two dimensions by t-SNE, which puts those side by side that are neighbours in
# all dimensions. Above, colours tell who; below, what. Told the voice, voices mix more, and what
# lies together is one sound.
chosen = np.random.RandomState(0).permutation(np.flatnonzero(test))[:400]
figure, axes = plt.subplots(2, 3, figsize=(9.5, 6), layout="constrained")
for column, (name, Z) in zip(axes.T, views.items(), strict=True):
    x, y = TSNE(random_state=0).fit_transform(Z[chosen]).T
    for ax, labels, colours in zip(column, (who, what), ("tab10", "Dark2"), strict=True):
        numbers = np.unique(labels, return_inverse=True)[1]
        ax.scatter(x, y, c=numbers[chosen], s=5, cmap=colours, vmin=0)
        ax.set(xticks=[], yticks=[], title=f"{name}: {'who' if labels is who else 'what'}")
plt.show()

# %%
# Listen
# ------
# A held-out sentence, its timbre encoded, and decoded as the last voice. Pitch and breath stay
# those of the source; :class:`~skstyle.compose.VAEConverter` moves them too. The way to the target
# is gone by a small part only: this is a look at codes, trained for seconds, and no good converter.
source, target = names[0], names[-1]
vocoder = SourceFilterVocoder(sample_rate).fit(voices[source])
sequence = vocoder.transform(voices[source][-1:])[0]
timbre = np.arange(sequence.shape[1])[vocoder.feature_blocks_["mcep"]][1:]
sequence[:, timbre] = told.convert(sequence[:, timbre], target, source)
clips = {source: voices[source][-1], target: voices[target][-1]}
clips[f"{source}, decoded as {target}"] = vocoder.inverse_transform([sequence])[0]
for title, x in clips.items():
    away = mel_cepstral_distortion([clips[target]], [x], sample_rate=sample_rate)
    print(f"{title}: {away:.2f} dB from {target}")
AudioRow(clips, sample_rate)
