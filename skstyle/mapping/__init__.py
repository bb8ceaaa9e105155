"""Maps of frames: regressors learned from pairs, and maps between domains that need none."""

from ._correlation_alignment import CorrelationAlignment
from ._frequency_warping import FrequencyWarpingRegressor
from ._gaussian_transport import GaussianTransport
from ._joint_gmm import JointGMMRegressor
from ._knn import KNNFrameRegressor
from ._locally_linear import LocallyLinearRegressor
from ._mean_variance import MeanVarianceRegressor
from ._mixture_of_linear import MixtureOfLinearRegressor
from ._warping import warping_matrix
from ._whitening_coloring import WhiteningColoring

__all__ = [
    "CorrelationAlignment",
    "FrequencyWarpingRegressor",
    "GaussianTransport",
    "JointGMMRegressor",
    "KNNFrameRegressor",
    "LocallyLinearRegressor",
    "MeanVarianceRegressor",
    "MixtureOfLinearRegressor",
    "WhiteningColoring",
    "warping_matrix",
]
