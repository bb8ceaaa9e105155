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
# Mel-cepstra without silence and without the level, c_0. The last two sentences are held out.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV

from skstyle import MelCepstrum, SourceFilterVocoder, VAETransformer
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow

clips, _, sample_rate = example_speakers(8)
cepstra = MelCepstrum(sample_rate, frame_period_ms=20).fit_transform(clips)
# Silence is 30 dB (3.5 nepers) below the loud frames.
frames = [s[s[:, 0] > np.quantile(s[:, 0], 0.95) - 3.5][:, 1:] for s in cepstra]
split = [np.split(np.arange(len(frames)), [-2])]

# %%
# What is searched
# ----------------
# ``beta`` is the price of what codes tell: so many nats of likelihood for every nat.
# ``warmup_epochs`` lets the price grow from nothing, so that codes are of use before they cost.
# ``free_bits`` are nats that every dimension may tell for nothing.
grid = {"beta": [0.1, 1, 3, 10], "warmup_epochs": [0, 20], "free_bits": [0, 0.5]}
options = {"n_epochs": 30, "batch_size": 64, "learning_rate": 0.003, "validation_fraction": 0}
vae = VAETransformer(latent_dim=8, hidden_layer_sizes=(64, 64), **options, random_state=0)


def measure(vae, X, y=None):
    """Return the default score, and what it does not tell."""
    again = np.concatenate(vae.inverse_transform(vae.transform(X)))
    squares = np.square(again - np.concatenate(X)).sum(axis=1)
    distortion = 10 / np.log(10) * np.sqrt(2 * squares).mean()
    kl = {f"kl_{i}": value for i, value in enumerate(np.sort(vae.kl_per_dim_)[::-1])}
    return {"elbo": vae.score(X), "active": vae.active_units_, "dB": distortion, **kl}


search = GridSearchCV(vae, grid, scoring=measure, refit="elbo", cv=split, error_score="raise").fit(
    frames
)

# %%
# Results
# -------
# The evidence lower bound, ELBO, is in nats a frame. Active are dimensions whose mean varies from
# frame to frame.
results = search.cv_results_
columns = [results[f"mean_test_{name}"] for name in ("elbo", "active", "dB")]
for params, elbo, active, away in zip(results["params"], *columns, strict=True):
    told = ", ".join(f"{name} {value}" for name, value in params.items())
    print(f"{told:44s} {elbo:6.2f} nats {active:2.0f} active {away:5.2f} dB")
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
vocoder = SourceFilterVocoder(sample_rate).fit(clips[:-2])
sequence = vocoder.transform(clips[-1:])[0]
timbre = np.arange(sequence.shape[1])[vocoder.feature_blocks_["mcep"]][1:]
sounds = {"as spoken": clips[-1]}
for name, free_bits in (("collapsed: beta=10", 0), ("cured: beta=10, free_bits=0.5", 0.5)):
    vae.set_params(beta=10, warmup_epochs=0, free_bits=free_bits).fit(frames[:-2])
    changed = sequence.copy()
    changed[:, timbre] = vae.inverse_transform(vae.transform(sequence[:, timbre]))
    sounds[name] = vocoder.inverse_transform([changed])[0]
AudioRow(sounds, sample_rate)
