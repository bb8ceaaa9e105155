"""Audio style transfer and voice conversion as scikit-learn estimators.

Nothing heavy is imported before it is used: ``import skstyle`` loads neither torch nor
librosa nor numba.
"""

from importlib import import_module

__version__ = "0.1.0.dev0"

_HOME = {
    "AlignedRegressor": "compose",
    "AutoStyleTransformer": "transfer",
    "CQTTransformer": "signal",
    "CTWAligner": "alignment",
    "ConcatenativeStyleTransformer": "transfer",
    "ContextRegressor": "compose",
    "ConvVAETransport": "neural",
    "CorrelationAlignment": "mapping",
    "DTWAligner": "alignment",
    "DeltaFeatures": "features",
    "FrequencyWarpingRegressor": "mapping",
    "GaussianTransport": "mapping",
    "GlobalVarianceScaler": "trajectory",
    "GramFeatures": "transfer",
    "GramStyleTransformer": "transfer",
    "JointGMMRegressor": "mapping",
    "KNNFrameRegressor": "mapping",
    "LocallyLinearRegressor": "mapping",
    "LoudnessNormalizer": "signal",
    "MeanVarianceRegressor": "mapping",
    "MelCepstrum": "features",
    "MelSpectrogram": "features",
    "MixtureOfLinearRegressor": "mapping",
    "ModulationSpectrumScaler": "trajectory",
    "NeuralTimeVariantRegressor": "neural",
    "PeakGuard": "signal",
    "PerFrame": "compose",
    "PhaseReconstructor": "signal",
    "Preemphasis": "signal",
    "Resampler": "signal",
    "STFTTransformer": "signal",
    "SequenceVAE": "neural",
    "SequenceVAEConverter": "compose",
    "SignalConverter": "compose",
    "SilenceTrimmer": "signal",
    "SourceFilterVocoder": "features",
    "SpectrogramStyleTransformer": "transfer",
    "StreamRegressor": "compose",
    "TrajectoryRegressor": "trajectory",
    "TransportStyleTransformer": "transfer",
    "WaveformStyleTransformer": "transfer",
    "WhiteningColoring": "mapping",
    "UnpairedConverter": "compose",
    "VAEConverter": "compose",
    "VAETransformer": "neural",
    "VAETransport": "neural",
    "load_model": "utils",
    "make_unpaired_converter": "compose",
    "make_style_transfer": "transfer",
    "make_voice_converter": "compose",
    "save_model": "utils",
}
_MODULES = (
    "alignment",
    "audio",
    "compose",
    "datasets",
    "exceptions",
    "features",
    "inspection",
    "mapping",
    "metrics",
    "model_selection",
    "neural",
    "signal",
    "testing",
    "trajectory",
    "transfer",
    "utils",
)

__all__ = sorted([*_HOME, *_MODULES, "__version__"])


def __getattr__(name):
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module 'skstyle' has no attribute {name!r}")


def __dir__():
    return __all__
