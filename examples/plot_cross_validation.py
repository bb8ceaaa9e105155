"""
Figures one can trust
=====================

A model must not be judged by sentences that it was fitted on. That is less plain than it sounds
where a sentence is there more than once: a split that does not know of it lets the answers through.
And a mean of few sentences is a guess, which has an interval.
"""

# %%
# Every sentence twice
# --------------------
# Copies with noise make a converter robust, and are the usual way to have more data.
import tempfile

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, KFold

from skstyle import KNNFrameRegressor, make_voice_converter
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow
from skstyle.metrics import mel_cepstral_distortion, style_report
from skstyle.model_selection import cross_val_convert

X, y, rate = example_speakers(5)
rng = np.random.default_rng(0)
noisy = [x + np.float32(0.01 * x.std()) * rng.standard_normal(len(x), np.float32) for x in X]
sentences = [*range(5), *range(5)]

# %%
# Convert everything, honestly and not
# ------------------------------------
# ``cross_val_convert`` converts every clip by a model that was fitted on other folds. ``KFold``,
# shuffled, leaves most sentences in the training set, as a copy; ``GroupKFold`` keeps the copies
# together. A nearest neighbour learns by heart, a linear map cannot.
regressors = {"neighbour": KNNFrameRegressor(1), "linear": Ridge()}
splits = {"leaky": KFold(5, shuffle=True, random_state=1), "honest": GroupKFold(5)}
methods = {}
with tempfile.TemporaryDirectory() as folder:
    for name, regressor in regressors.items():
        converter = make_voice_converter(
            rate, regressor, trajectory=False, global_variance=0, n_iter=1, memory=folder
        ).set_params(features__learn_f0_range=False)
        for split, cv in splits.items():
            groups = sentences if split == "honest" else None
            clips = cross_val_convert(converter, X + noisy, y + y, groups=groups, cv=cv)
            methods[f"{name}, {split}"] = clips[: len(X)]

# %%
# Means, and how sure they are
# ----------------------------
# Beside the methods stand the rows that they are read against, and every mean has an interval of
# 95 %, found by drawing sentences again and again. Below the table stands how it was measured.
print(style_report(y, methods, X, sample_rate=rate, measures=["mel_cepstral_distortion"]))

# %%
# Whom copies help
# ----------------
# What the neighbour knows by heart looks like skill, until the copies are kept out; the linear map
# hardly changes. Be wary of what comes near to analysis and synthesis alone. Points are sentences,
# and bars their means.
figure, ax = plt.subplots(figsize=(8, 3.5), layout="constrained")
for place, name in enumerate(methods):
    values = mel_cepstral_distortion(y, methods[name], sample_rate=rate, average=False)
    ax.barh(place, values.mean(), height=0.5, alpha=0.4)
    ax.plot(values, [place] * len(X), "k.")
ax.set(yticks=range(len(methods)), yticklabels=methods, xlabel="mel-cepstral distortion in dB")
ax.invert_yaxis()
plt.show()

# %%
# Listen
# ------
AudioRow({"source": X[0], **{name: m[0] for name, m in methods.items()}, "target": y[0]}, rate)
