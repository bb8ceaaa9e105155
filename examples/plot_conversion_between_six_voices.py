"""
Conversion between six voices
=============================

One fit on unrelated sentences of six voices, and every voice can be carried to every other: thirty
conversions by one autoencoder, which is told whose voice it hears and whose it shall make.
"""

# %%
# Six voices, no sentence in common
# ---------------------------------
# The last sentence is held out; all voices say it, so that results can be compared with the truth.
# Of the others, every voice keeps some that no other voice has.
import tempfile

import matplotlib.pyplot as plt
import numpy as np

from skstyle import MelCepstrum, SourceFilterVocoder, VAEConverter, VAETransport
from skstyle.datasets import example_voices
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion

n_each = 3
voices, sample_rate = example_voices(6 * n_each + 1)
names = list(voices)
test = {name: clips[-1:] for name, clips in voices.items()}
clips = [x for i, name in enumerate(names) for x in voices[name][i * n_each : (i + 1) * n_each]]

# %%
# Fit once, convert thirty times
# ------------------------------
# Labels are all that the fit is told. The analysis of a clip does not depend on the target: with a
# cache it is done once. The source need not be given, but is known here.
settings = {"n_epochs": 40, "batch_size": 128, "learning_rate": 0.005, "random_state": 0}
vae = VAETransport(decoder_variance="one", **settings)
vocoder = SourceFilterVocoder(sample_rate, frame_period_ms=10, learn_f0_range=False)
with tempfile.TemporaryDirectory() as cache:
    converter = VAEConverter(vocoder, vae, memory=cache)
    converter.fit(clips, np.repeat(names, n_each))
    converted = {
        (a, b): test[a] if a == b else converter.convert(test[a], b, source=a)
        for a in names
        for b in names
    }

# %%
# The table
# ---------
# Mel-cepstral distortion against the target's own sentence. A voice is at 0 dB from itself.
mel_cepstrum = MelCepstrum(sample_rate, frame_period_ms=10, learn_f0_range=False).fit(clips)
truth = {name: mel_cepstrum.transform(x) for name, x in test.items()}
before, after = np.zeros((2, 6, 6))
for (a, b), x in converted.items():
    cell = names.index(a), names.index(b)
    before[cell] = mel_cepstral_distortion(truth[b], truth[a])
    after[cell] = mel_cepstral_distortion(truth[b], mel_cepstrum.transform(x))
pairs = ~np.eye(6, dtype=bool)
print(f"{before[pairs].mean():.2f} dB before, {after[pairs].mean():.2f} dB after")
print(f"{np.sum(after[pairs] < before[pairs])} of 30 pairs are nearer")

figure, axes = plt.subplots(1, 2, sharey=True, figsize=(9, 4.4), layout="constrained")
for ax, title, table in zip(axes, ("before", "after"), (before, after), strict=True):
    image = ax.imshow(np.where(pairs, table, np.nan), vmin=0, vmax=before.max())
    ax.set(title=title, xlabel="to", xticks=range(6), xticklabels=names)
axes[0].set(ylabel="from", yticks=range(6), yticklabels=names)
figure.colorbar(image, ax=axes, label="mel-cepstral distortion (dB)")
plt.show()

# %%
# Before, far voices are far. After, nearly every pair is nearer, and those gain most that were
# farthest. A voice that comes later needs no fit:
# :ref:`sphx_glr_auto_examples_plot_a_voice_that_came_later.py`.

# %%
# Listen
# ------
# One sentence in all voices; the first is as spoken.
first = names[0]
AudioRow({f"{first} as {b}": converted[first, b][0] for b in names}, sample_rate)
