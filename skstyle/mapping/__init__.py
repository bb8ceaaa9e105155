"""Frame-to-frame regressors."""

from ._joint_gmm import JointGMMRegressor
from ._mean_variance import MeanVarianceRegressor

__all__ = ["JointGMMRegressor", "MeanVarianceRegressor"]
