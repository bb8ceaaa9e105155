"""Regressors of every kind tell a mean and a spread."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import BayesianRidge, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle import JointGMMRegressor
from skstyle.trajectory import TrajectoryRegressor
from skstyle.trajectory._gaussians import (
    fit_regressors,
    has_return_std,
    is_single_output,
    predict_gaussians,
)
from skstyle.utils.pairing import straight_paths


@pytest.mark.parametrize(
    ("regressor", "tells_spread", "single"),
    [
        (Ridge(), False, False),
        (ExtraTreesRegressor(), False, False),
        (BayesianRidge(), True, True),
        (GaussianProcessRegressor(), True, False),
        (JointGMMRegressor(), True, False),
        (TrajectoryRegressor(Ridge()), True, False),
        (make_pipeline(StandardScaler(), BayesianRidge()), True, True),
        (make_pipeline(StandardScaler(), Ridge()), False, False),
    ],
)
def test_kinds(regressor, tells_spread, single):
    assert has_return_std(regressor) == tells_spread
    assert is_single_output(regressor) == single


def test_one_clone_for_every_column():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 2)) for n in (20, 30)]
    y = [x @ rng.normal(size=(2, 3)) + 0.1 * rng.normal(size=(len(x), 3)) for x in X]
    regressor = BayesianRidge()
    fitted = fit_regressors(regressor, X, y, straight_paths(X, y))
    assert len(fitted) == 3
    assert not hasattr(regressor, "coef_")
    mean, std = predict_gaussians(fitted, X, True)
    one = BayesianRidge().fit(np.vstack(X), np.vstack(y)[:, 1])
    expected = one.predict(X[1], return_std=True)
    np.testing.assert_allclose(mean[1][:, 1], expected[0])
    np.testing.assert_allclose(std[1][:, 1], expected[1])
    assert [m.shape for m in mean] == [s.shape for s in std] == [(20, 3), (30, 3)]
