"""
A speaker left out
==================

A converter of *any* voice to one target has to be judged by a voice that it has not heard. A split
of clips does not do that: every voice is in the training, and so is every sentence. Groups do.
"""

# %%
# Five sources, one target
# ------------------------
# All of them say the same three sentences, so that every clip has a partner. One converter learns
# from all pairs.
import tempfile

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, KFold

from skstyle import MelCepstrum, make_voice_converter
from skstyle.datasets import example_voices
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion
from skstyle.model_selection import cross_val_convert

voices, rate = example_voices(3)
*sources, target = voices
X = [x for name in sources for x in voices[name]]
y = [x for _ in sources for x in voices[target]]
speakers, sentences = np.divmod(np.arange(len(X)), 3)

# %%
# Three splits
# ------------
# Clips at random; whole sentences, all voices of which are kept out; and whole speakers. The groups
# of a clip are its sentence, or its speaker.
splits = {
    "clips": (KFold(5, shuffle=True, random_state=0), None),
    "sentences": (GroupKFold(3), sentences),
    "speakers": (GroupKFold(5), speakers),
}
converted = {"not converted": X}
with tempfile.TemporaryDirectory() as folder:
    converter = make_voice_converter(
        rate, Ridge(), trajectory=False, global_variance=0, n_iter=1, memory=folder
    ).set_params(features__learn_f0_range=False)
    for name, (cv, groups) in splits.items():
        converted[name] = cross_val_convert(converter, X, y, groups=groups, cv=cv)

# %%
# What a new voice costs
# ----------------------
# A new sentence of known voices costs next to nothing, for a linear map learns none by heart. A new
# voice costs more, most of a decibel where voices differ as much as the synthetic ones: the map
# knows how those four differ from the target, and not how this one does. Whoever promises a
# converter for all voices should quote the last row.
mel_cepstrum = MelCepstrum(rate).fit(y)
wanted, distortion = 5 * list(mel_cepstrum.transform(voices[target])), {}
for name, clips in converted.items():
    values = mel_cepstral_distortion(wanted, mel_cepstrum.transform(clips), average=False)
    distortion[name] = values.reshape(5, 3).mean(axis=1)
    print(f"{name:13s} {values.mean():.2f} dB")

# %%
# Look
# ----
# Voices one by one. What a mean hides: a left out voice that is near to the target from the start
# may come out no nearer.
figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
for i, (name, values) in enumerate(distortion.items()):
    ax.bar(np.arange(5) + 0.2 * (i - 1.5), values, 0.2, label=name)
ax.set(xticks=range(5), xticklabels=sources, ylabel="mel-cepstral distortion in dB")
figure.legend(ncols=4, loc="outside upper center")
plt.show()

# %%
# Listen
# ------
# The first sentence of the last source.
at = int(np.flatnonzero(speakers == 4)[0])
AudioRow({**{name: clips[at] for name, clips in converted.items()}, target: y[at]}, rate)
