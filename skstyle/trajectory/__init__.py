"""Trajectories in place of single frames: MLPG, global variance, modulation spectrum."""

from ..features._delta import DELTA, DELTA_DELTA
from ._global_variance import GlobalVarianceScaler
from ._gv_mlpg import mlpg_with_gv
from ._mlpg import mlpg
from ._modulation_spectrum import ModulationSpectrumScaler
from ._trajectory import TrajectoryRegressor

__all__ = [
    "DELTA",
    "DELTA_DELTA",
    "GlobalVarianceScaler",
    "ModulationSpectrumScaler",
    "TrajectoryRegressor",
    "mlpg",
    "mlpg_with_gv",
]
