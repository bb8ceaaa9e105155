"""
Search the parameters of a voice converter
==========================================

Clips have different lengths, so the data are lists. ``GridSearchCV`` splits lists as it splits
arrays, and every parameter of every step has a name that it can search.
"""

# %%
# Six sentences of two speakers
# -----------------------------
import tempfile

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV, KFold

from skstyle import make_voice_converter
from skstyle.datasets import make_parallel_speakers

X, y = make_parallel_speakers(6, random_state=0)
print(f"{len(X)} sentences of {min(map(len, X))} to {max(map(len, X))} samples")

# %%
# Names of parameters
# -------------------
# They come from the nesting of the steps. This is the size of the mixture that maps timbre; the
# ``regressor`` before it is what the mixture is to the ``TrajectoryRegressor`` around it:
converter = make_voice_converter(16000, n_iter=1, random_state=0)
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
grid = {size: [1, 2, 4, 8], shape: ["diag", "full"]}
with tempfile.TemporaryDirectory() as cache:
    converter.set_params(memory=cache)
    search = GridSearchCV(converter, grid, cv=KFold(3), error_score="raise").fit(X, y)

# %%
# Results
# -------
results = search.cv_results_
print(f"{'covariance':>10} {'components':>10}  {'distortion':>10}    {'std':>4}  {'fit':>6}")
for i in np.argsort(results["rank_test_score"]):
    print(
        f"{results['params'][i][shape]:>10} {results['params'][i][size]:>10}"
        f"  {-results['mean_test_score'][i]:>7.2f} dB  {results['std_test_score'][i]:>6.2f}"
        f"  {results['mean_fit_time'][i]:>4.2f} s"
    )

# %%
# A mixture of diagonal covariances knows no link between source and target but the component
# that a frame belongs to: it needs many of them.
figure, ax = plt.subplots(layout="constrained")
for kind in grid[shape]:
    rows = [i for i, params in enumerate(results["params"]) if params[shape] == kind]
    ax.errorbar(
        [results["params"][i][size] for i in rows],
        -results["mean_test_score"][rows],
        results["std_test_score"][rows],
        marker="o",
        capsize=4,
        label=kind,
    )
ax.set_xscale("log", base=2)
ax.set_xticks(grid[size], grid[size])
ax.set(xlabel="components of the mixture", ylabel="mel-cepstral distortion (dB)")
ax.legend(title="covariance")
plt.show()
