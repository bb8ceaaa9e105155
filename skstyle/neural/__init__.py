"""Neural networks: torch, trained through skorch."""

from importlib.util import find_spec

_MISSING = [name for name in ("torch", "skorch") if find_spec(name) is None]
if _MISSING:
    raise ImportError(
        f"skstyle.neural needs {' and '.join(_MISSING)}, not installed here: "
        "pip install skstyle[neural]"
    )

from ._conv_vae_transport import ConvVAETransport  # noqa: E402
from ._sequence_vae import SequenceVAE  # noqa: E402
from ._time_variant import NeuralTimeVariantRegressor  # noqa: E402
from ._trajectory_layer import trajectory  # noqa: E402
from ._vae import VAETransformer  # noqa: E402
from ._vae_transport import VAETransport  # noqa: E402

__all__ = [
    "ConvVAETransport",
    "NeuralTimeVariantRegressor",
    "SequenceVAE",
    "VAETransformer",
    "VAETransport",
    "trajectory",
]
