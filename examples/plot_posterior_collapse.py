"""
Posterior collapse and its cure
===============================

A variational autoencoder pays for what its codes tell. Where that is dear, the cheapest codes tell
nothing, and every frame is decoded to the mean: the posterior has collapsed to the prior. Three
parameters act against it, and ``GridSearchCV`` reaches all of them.
"""

# %%
# Frames of one voice
# -------------------
# Mel-cepstra without silence and without the level, c_0, of a synthetic voice; or of a recorded
# one, where the environment variable ``SKSTYLE_DATA`` names a folder that has ``speech/vcc2018``.
# The last sentences are held out.
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV

from skstyle.audio import read_clip
from skstyle.datasets import make_parallel_speakers
from skstyle.features import MelCepstrum, SourceFilterVocoder
from skstyle.inspection import AudioPlayer
from skstyle.neural import VAETransformer

sample_rate, data = 16000, os.environ.get("SKSTYLE_DATA")
if data:
    paths = [Path(data, "speech", "vcc2018", "SF1", f"{i}.flac") for i in range(30001, 30009)]
    clips = [read_clip(path, sample_rate=sample_rate)[0] for path in paths]
else:
    clips, _ = make_parallel_speakers(8, sample_rate=sample_rate, random_state=0)
cepstra = MelCepstrum(sample_rate, frame_period_ms=20).fit_transform(clips)
# Silence is 30 dB (3.5 nepers) below the loud frames.
frames = [s[s[:, 0] > np.quantile(s[:, 0], 0.95) - 3.5][:, 1:] for s in cepstra]
n_test = 2
split = [np.split(np.arange(len(frames)), [-n_test])]

# %%
# What is searched
# ----------------
# ``beta`` is the price of what codes tell: so many nats of likelihood for every nat.
# ``warmup_epochs`` lets the price grow from nothing, so that codes are of use before they cost.
# ``free_bits`` are nats that every dimension may tell for nothing.
grid = {"beta": [0.1, 1, 3, 10], "warmup_epochs": [0, 20], "free_bits": [0, 0.5]}
vae = VAETransformer(
    latent_dim=8,
    hidden_layer_sizes=(64, 64),
    n_epochs=30,
    batch_size=64,
    learning_rate=0.003,
    warmup_epochs=0,
    validation_fraction=0,
    random_state=0,
)


def distortion(vae, X):
    """Return the mel-cepstral distortion of frames that are encoded and decoded, in dB."""
    again = vae.inverse_transform(vae.transform(X))
    squares = np.square(np.concatenate(again) - np.concatenate(X)).sum(axis=1)
    return 10 / np.log(10) * np.sqrt(2 * squares).mean()


def measure(vae, X, y=None):
    """Return the default score, and what it does not tell."""
    kl = {f"kl_{i}": value for i, value in enumerate(np.sort(vae.kl_per_dim_)[::-1])}
    found = {"elbo": vae.score(X), "active": vae.active_units_, "dB": distortion(vae, X)}
    return {**found, **kl}


search = GridSearchCV(
    vae, grid, scoring=measure, refit="elbo", cv=split, n_jobs=2, error_score="raise"
).fit(frames)

# %%
# Results
# -------
# The evidence lower bound, ELBO, is in nats a frame. Active are dimensions whose mean varies from
# frame to frame.
results = search.cv_results_
columns = {name: results[f"mean_test_{name}"] for name in ("elbo", "active", "dB")}
print("beta  warm-up  free bits    ELBO  active  distortion")
for i, params in enumerate(results["params"]):
    elbo, active, away = (values[i] for values in columns.values())
    print(
        f"{params['beta']:4}  {params['warmup_epochs']:7}  {params['free_bits']:9}  {elbo:6.2f}"
        f"  {active:6.0f}  {away:7.2f} dB"
    )
print(f"best ELBO: {search.best_params_}")

# %%
# At ``beta=10`` without free bits no dimension is in use, and the distortion is that of the mean
# frame: collapse. Warm-up helps at 3, where a dimension that is of use already can pay for itself,
# and not at 10. Free bits keep all dimensions at every price; where the price is right, at 1, they
# cost some ELBO.

# %%
# What every dimension tells
# --------------------------
# ``kl_per_dim_``, the mean divergence of a dimension from its prior, the greatest first. Without
# free bits, dimensions are given up one after the other; with them, all are kept and tell little
# each.
cures = [(w, f) for f in grid["free_bits"] for w in grid["warmup_epochs"]]
figure, axes = plt.subplots(1, 4, sharey=True, figsize=(11, 3), layout="constrained")
for ax, cure in zip(axes, cures, strict=True):
    chosen = [(p["warmup_epochs"], p["free_bits"]) == cure for p in results["params"]]
    kl = [results[f"mean_test_kl_{k}"][chosen] for k in range(vae.latent_dim)]
    image = ax.imshow(np.transpose(kl), vmin=0, vmax=2, aspect="auto")
    ax.set(title=f"warm-up {cure[0]}, free bits {cure[1]}", xlabel="dimension")
    ax.set(yticks=range(len(grid["beta"])), yticklabels=grid["beta"])
axes[0].set(ylabel="beta")
figure.colorbar(image, ax=axes, label="nats a frame", extend="max")
plt.show()

# %%
# What the score sees
# -------------------
# ``score`` is the bound with ``beta=1``, whatever ``beta`` was in training, so that models compare.
# Training with ``beta=1`` makes just that number great: that it wins says that training works, not
# that its codes are the best. The bound asks how likely frames are, and not who explains them, the
# code or a decoder that knows mean and variance. So it likes ``beta=0.1`` less, although frames
# come back better.
#
# What codes are for has to be measured beside it. To let distortion choose, return it with its sign
# turned, since greater has to be better, and give its name to ``refit``. The number of active
# dimensions does not do: with free bits all are active, however little they tell.

# %%
# Listen
# ------
# The last sentence, its timbre encoded and decoded. A collapsed autoencoder leaves pitch, level and
# breath, on one and the same vowel.
vocoder = SourceFilterVocoder(sample_rate).fit(clips[:-n_test])
sequence = vocoder.transform(clips[-1:])[0]
timbre = np.arange(sequence.shape[1])[vocoder.feature_blocks_["mcep"]][1:]


def again(fitted):
    """Return the sentence as an autoencoder makes it again."""
    changed = sequence.copy()
    changed[:, timbre] = fitted.inverse_transform(fitted.transform(sequence[:, timbre]))
    return vocoder.inverse_transform([changed])[0]


collapsed = vae.set_params(beta=10).fit(frames[:-n_test])
print(
    f"collapsed: {collapsed.active_units_} active, {distortion(collapsed, frames[-n_test:]):.2f} dB"
)
AudioPlayer(again(collapsed), sample_rate, title="collapsed: beta=10")

# %%
cured = vae.set_params(free_bits=0.5).fit(frames[:-n_test])
print(f"cured: {cured.active_units_} active, {distortion(cured, frames[-n_test:]):.2f} dB")
AudioPlayer(again(cured), sample_rate, title="cured: beta=10, free_bits=0.5")

# %%
AudioPlayer(clips[-1], sample_rate, title="as spoken")
