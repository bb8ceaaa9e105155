"""
Search the parameters of a voice converter
==========================================

Clips have different lengths, so the data are lists. ``GridSearchCV`` splits lists as it splits
arrays, and every parameter of every step has a name that it can search.
"""

# %%
# Sentences of two speakers
# -------------------------
import tempfile

import matplotlib.pyplot as plt
from sklearn.model_selection import GridSearchCV, KFold

from skstyle import make_voice_converter
from skstyle.datasets import example_speakers
from skstyle.inspection import AudioRow, GridDisplay

X, y, sample_rate = example_speakers(7)
X, y, X_test, y_test = X[:6], y[:6], X[6:], y[6:]
print(f"{len(X)} sentences of {min(map(len, X))} to {max(map(len, X))} samples")

# %%
# Names of parameters
# -------------------
# They come from the nesting of the steps. This is the size of the mixture that maps timbre; the
# ``regressor`` before it is what the mixture is to the ``TrajectoryRegressor`` around it:
converter = make_voice_converter(sample_rate, n_iter=1, f0_min_hz=80, f0_max_hz=300, random_state=0)
size, shape = (
    f"regressor__regressor__mcep__regressor__{name}" for name in ("n_components", "covariance_type")
)
print(converter.get_params()[size])

# %%
# Search
# ------
# The score is the negative mel-cepstral distortion in dB, so greater is better. Folds keep
# whole sentences apart: frames of one sentence are never on both sides. The analysis of the
# clips does not depend on what is searched; with a cache it happens once per clip. A failure
# shall stop the search (``error_score="raise"``) and not become a NaN in a table.
grid = {size: [1, 2, 8, "auto"], shape: ["diag", "full"]}
with tempfile.TemporaryDirectory() as cache:
    converter.set_params(memory=cache, features__learn_f0_range=False)
    search = GridSearchCV(converter, grid, cv=KFold(3), error_score="raise").fit(X, y)
    converted = search.predict(X_test)

# %%
# Results
# -------
# A mixture of diagonal covariances knows no link between source and target but the component that a
# frame belongs to: it needs many of them. The best is framed. On synthetic voices it is one
# component with all links, a linear map, since these need no more, and "auto" takes one by itself.
# Six sentences are also few for many full covariances. Recordings have use for more
# (:doc:`/guide/mixtures`).
print(f"best: {-search.best_score_:.2f} dB")
for name, value in search.best_params_.items():
    print(f"{name.split('__')[-1]}: {value}")
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
GridDisplay.from_estimator(search, ax=ax, negate=True, label="mel-cepstral distortion (dB)")
plt.show()

# %%
# Listen
# ------
# The search is an estimator itself: it converts with the best, fitted again on all six sentences.
AudioRow({"source": X_test[0], "converted": converted[0], "target": y_test[0]}, sample_rate)
