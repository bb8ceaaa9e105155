"""
Conversion between six voices
=============================

One fit on unrelated sentences of six voices, and every voice can be carried to every other: thirty
conversions by one autoencoder, which is told whose voice it hears and whose it shall make. A voice
that comes later needs a few sentences, and no fit.
"""

# %%
# Six voices, no sentence in common
# ---------------------------------
# Synthetic; or recordings, where the environment variable ``SKSTYLE_DATA`` names a folder that has
# ``speech/vcc2018`` and ``speech/vctk``. The last sentence is held out; all voices say it, so that
# results can be compared with the truth. A seventh voice is kept for later.
import os
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from skstyle.audio import read_clip
from skstyle.compose import VAEConverter
from skstyle.datasets import make_parallel_speakers
from skstyle.features import MelCepstrum, SourceFilterVocoder
from skstyle.inspection import AudioPlayer
from skstyle.metrics import mel_cepstral_distortion
from skstyle.neural import VAETransport

sample_rate, data = 16000, os.environ.get("SKSTYLE_DATA")
n_each, voices = 3 if data else 4, {}
if data:
    speech, ids = Path(data, "speech"), range(30001, 30002 + 6 * n_each)
    for name in ("SF1", "SF2", "SM1", "SM2", "TF1", "TM1"):
        paths = [speech / "vcc2018" / name / f"{i}.flac" for i in ids]
        voices[name] = [read_clip(path, sample_rate=sample_rate)[0] for path in paths]
    paths = sorted((speech / "vctk" / "p232").glob("*.flac"))[:8]
    newcomer = [read_clip(path, sample_rate=sample_rate)[0] for path in paths]
else:
    # Formants and pitch, as multiples of those of anna, who is the first voice of every call.
    traits = {"ben": (0.78, 0.7), "carl": (0.88, 1.1), "dora": (1.13, 1.4), "eve": (1.27, 2.0)}
    for name, (tract, pitch) in {**traits, "flo": (1.43, 1.7), "new": (1.2, 0.8)}.items():
        ratios = {"vocal_tract_ratio": tract, "f0_ratio": pitch}
        pair = make_parallel_speakers(6 * n_each + 1, **ratios, random_state=0)
        voices["anna"], voices[name] = pair
    newcomer = voices.pop("new")[-8:]
names = list(voices)
test = {name: clips[-1:] for name, clips in voices.items()}
clips = [x for i, name in enumerate(names) for x in voices[name][i * n_each : (i + 1) * n_each]]

# %%
# Fit once, convert thirty times
# ------------------------------
# Labels are all that the fit is told. The analysis of a clip does not depend on the target: with a
# cache it is done once. The source need not be given, but is known here.
cache = tempfile.TemporaryDirectory()
vae = VAETransport(decoder_variance="one", n_epochs=40, learning_rate=0.003, random_state=0)
converter = VAEConverter(SourceFilterVocoder(sample_rate), vae, memory=cache.name)
converter.fit(clips, np.repeat(names, n_each))
converted = {
    (a, b): converter.convert(test[a], b, source=a) for a in names for b in names if a != b
}

# %%
# The table
# ---------
# Mel-cepstral distortion against the target's own sentence. A voice is at 0 dB from itself.
mel_cepstrum = MelCepstrum(sample_rate, learn_f0_range=False).fit(clips)
truth = {name: mel_cepstrum.transform(x) for name, x in test.items()}
before, after = np.zeros((2, 6, 6))
for a, b in converted:
    i, j = names.index(a), names.index(b)
    before[i, j] = mel_cepstral_distortion(truth[b], truth[a])
    after[i, j] = mel_cepstral_distortion(truth[b], mel_cepstrum.transform(converted[a, b]))
pairs = ~np.eye(6, dtype=bool)
print(f"{before[pairs].mean():.2f} dB before, {after[pairs].mean():.2f} dB after")
print(f"{np.sum(after[pairs] < before[pairs])} of 30 pairs are nearer")

figure, axes = plt.subplots(1, 2, sharey=True, figsize=(9, 4.4), layout="constrained")
for ax, title, table in zip(axes, ("before", "after"), (before, after), strict=True):
    image = ax.imshow(np.where(pairs, table, np.nan), vmin=0, vmax=before.max(), cmap="viridis")
    for i, j in zip(*np.nonzero(pairs), strict=True):
        light = table[i, j] < 0.6 * before.max()
        ax.text(j, i, f"{table[i, j]:.1f}", color="w" if light else "k", ha="center", va="center")
    ax.set(title=title, xlabel="to", xticks=range(6), xticklabels=names)
axes[0].set(ylabel="from", yticks=range(6), yticklabels=names)
figure.colorbar(image, ax=axes, label="mel-cepstral distortion (dB)")
plt.show()

# %%
# Before, far voices are far. After, every pair is nearer, and those gain most that were farthest.

# %%
# Replace, or multiply
# --------------------
# A decoded frame is smooth. With ``ratio=True`` a frame keeps its detail, and its spectrum is only
# multiplied by the ratio of the decoded spectra of both voices. That is read when frames are
# converted, so that the fitted autoencoder can be switched. What keeps detail keeps some of the
# source, too.
converter.vae_.set_params(ratio=True)
first, ratio = names[0], []
for b in names[1:]:
    multiplied = converter.convert(test[first], b, source=first)
    ratio.append(mel_cepstral_distortion(truth[b], mel_cepstrum.transform(multiplied)))
converter.vae_.set_params(ratio=False)
print(f"from {first}: {before[0, 1:].mean():.2f} dB before")
print(f"{after[0, 1:].mean():.2f} dB replaced, {np.mean(ratio):.2f} dB multiplied")

# %%
# A voice that was not there
# --------------------------
# ``style_from`` looks for the code under which four sentences of the seventh voice are likeliest,
# with encoder and decoder as they are. A recorded one says other words than the six, so that mean
# frames are compared: that of converted sentences with that of four more sentences of the new
# voice. Six voices span few others: of a voice unlike all of them expect less.
style = converter.style_from(newcomer[:4])
some = clips[:n_each] + test[first]
as_newcomer = converter.convert(some, style, source=first)
cache.cleanup()


def mean_frame(sounds):
    """Return the mean of all frames that are no more than 30 dB (3.5 nepers) below loud ones."""
    frames = np.concatenate(mel_cepstrum.transform(sounds))
    return frames[frames[:, 0] > np.quantile(frames[:, 0], 0.95) - 3.5, 1:].mean(axis=0)


wanted = mean_frame(newcomer[4:])
for title, sounds in (("before", some), ("after", as_newcomer)):
    away = 10 / np.log(10) * np.sqrt(2) * np.linalg.norm(mean_frame(sounds) - wanted)
    print(f"{title}: {away:.2f} dB from the mean frame of the new voice")

# %%
# Listen
# ------
# One sentence in three other voices, the new one among them.
AudioPlayer(test[first][0], sample_rate, title=f"{first}, as spoken")

# %%
AudioPlayer(converted[first, names[2]][0], sample_rate, title=f"{first} as {names[2]}")

# %%
AudioPlayer(converted[first, names[-1]][0], sample_rate, title=f"{first} as {names[-1]}")

# %%
AudioPlayer(as_newcomer[-1], sample_rate, title=f"{first} as the new voice")
