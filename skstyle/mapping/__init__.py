"""Frame-to-frame regressors."""

from ._joint_gmm import JointGMMRegressor
from ._mean_variance import MeanVarianceRegressor
from ._warping import warping_matrix

__all__ = ["JointGMMRegressor", "MeanVarianceRegressor", "warping_matrix"]
