"""Every public estimator against scikit-learn's checks and against ours."""

import inspect
import warnings

import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.linear_model import BayesianRidge, LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import skstyle
from skstyle import (
    AlignedRegressor,
    AutoStyleTransformer,
    ConcatenativeStyleTransformer,
    ContextRegressor,
    ConvVAETransport,
    CorrelationAlignment,
    CQTTransformer,
    CTWAligner,
    DeltaFeatures,
    DTWAligner,
    FrequencyWarpingRegressor,
    GaussianTransport,
    GlobalVarianceScaler,
    GramFeatures,
    GramStyleTransformer,
    JointGMMRegressor,
    KNNFrameRegressor,
    LocallyLinearRegressor,
    LoudnessNormalizer,
    MeanVarianceRegressor,
    MelCepstrum,
    MelSpectrogram,
    MixtureOfLinearRegressor,
    ModulationSpectrumScaler,
    NeuralTimeVariantRegressor,
    PeakGuard,
    PerFrame,
    PhaseReconstructor,
    Preemphasis,
    Resampler,
    SequenceVAE,
    SequenceVAEConverter,
    SignalConverter,
    SilenceTrimmer,
    SourceFilterVocoder,
    SpectrogramStyleTransformer,
    STFTTransformer,
    StreamRegressor,
    TrajectoryRegressor,
    TransportStyleTransformer,
    UnpairedConverter,
    VAEConverter,
    VAETransformer,
    VAETransport,
    WaveformStyleTransformer,
    WhiteningColoring,
    make_voice_converter,
)
from skstyle.exceptions import SkstyleWarning
from skstyle.testing import check_signal_estimator, signal_checks
from skstyle.transfer import RandomConvFeatures

SIGNAL_LEVEL = [
    Resampler(16000, 11025),
    SilenceTrimmer(16000),
    SilenceTrimmer(16000, mode="remove"),
    SilenceTrimmer(16000, mode="mask"),
    PeakGuard(),
    LoudnessNormalizer(16000),
    LoudnessNormalizer(16000, method="rms"),
    Preemphasis(),
    STFTTransformer(),
    STFTTransformer(n_fft=256, output="log-magnitude"),
    STFTTransformer(n_fft=100, output="real-imag", pad_mode="reflect"),
    CQTTransformer(16000, f_min_hz=440, bins_per_octave=12),
    CQTTransformer(16000, hop_length=100, f_min_hz=440, n_bins=20, output="real-imag"),
    MelSpectrogram(16000),
    MelSpectrogram(16000, n_fft=512, n_mels=20, output="db", inverse="pinv"),
    MelCepstrum(16000),
    SourceFilterVocoder(16000),
    SignalConverter(SourceFilterVocoder(16000), AlignedRegressor(Ridge())),
    make_voice_converter(16000, JointGMMRegressor(2, random_state=0)),
    UnpairedConverter(SourceFilterVocoder(16000)),
    VAEConverter(
        SourceFilterVocoder(16000),
        VAETransport(latent_dim=2, hidden_layer_sizes=(16,), n_epochs=2, random_state=0),
    ),
    SequenceVAEConverter(
        MelSpectrogram(16000, n_fft=512, n_mels=8, output="log"),
        SequenceVAE("frames", content_dim=8, decoder_dim=8, n_epochs=1, random_state=0),
    ),
    TransportStyleTransformer(16000, random_state=0),
    TransportStyleTransformer(16000, n_mels=20, n_steps=0, smoothing=0, random_state=0),
    ConcatenativeStyleTransformer(16000, max_shift=1, random_state=0),
    ConcatenativeStyleTransformer(16000, max_shift=0, note_weight=0, n_mels=20, random_state=0),
    AutoStyleTransformer(16000, random_state=0),
    SpectrogramStyleTransformer(
        16000,
        GramStyleTransformer(RandomConvFeatures((3,), n_filters=8), max_iter=2, random_state=0),
    ),
    WaveformStyleTransformer(
        16000, RandomConvFeatures((3,), n_filters=8), max_iter=2, random_state=0
    ),
    WaveformStyleTransformer(
        16000,
        RandomConvFeatures((3,), n_filters=8),
        n_ffts=(64, 256),
        spectra="real-imag",
        init="noise",
        max_iter=2,
        random_state=0,
    ),
]
SEQUENCE_LEVEL = [
    PhaseReconstructor(n_iter=4),
    PhaseReconstructor(method="rtisi-la", n_iter=4),
    DeltaFeatures(),
    DTWAligner(),
    DTWAligner(band=0.2, slope="symmetric", multi_resolution=True, radius=4),
    CTWAligner(),
    CTWAligner(2, init="linear", slope="asymmetric"),
    PerFrame(StandardScaler()),
    PerFrame(GaussianTransport()),
    AlignedRegressor(Ridge()),
    AlignedRegressor(TrajectoryRegressor(Ridge()), post_filter=GlobalVarianceScaler()),
    ContextRegressor(Ridge(), n_context=2),
    TrajectoryRegressor(ContextRegressor(Ridge(), n_context=1)),
    KNNFrameRegressor(),
    KNNFrameRegressor(2, n_context=0),
    TrajectoryRegressor(KNNFrameRegressor(3)),
    TrajectoryRegressor(LocallyLinearRegressor(5)),
    GlobalVarianceScaler(),
    GlobalVarianceScaler(columns=slice(1, None), level_column=0),
    ModulationSpectrumScaler(),
    TrajectoryRegressor(Ridge()),
    TrajectoryRegressor(BayesianRidge(), global_variance="optimise"),
    TrajectoryRegressor(JointGMMRegressor(2, random_state=0)),
    NeuralTimeVariantRegressor((16,), n_matrices=4, n_epochs=5, random_state=0),
    VAETransformer(2, hidden_layer_sizes=(16,), n_epochs=5, random_state=0),
    ConvVAETransport(latent_dim=2, hidden_layer_sizes=(16,), n_epochs=2, random_state=0),
    GramStyleTransformer(RandomConvFeatures((5,), n_filters=8), max_iter=4, random_state=0),
    GramStyleTransformer("random-conv-2d", init="noise", max_iter=2, random_state=0),
    GramStyleTransformer(RandomConvFeatures((5,), n_filters=None), max_iter=4, random_state=0),
    GramStyleTransformer(style_statistic="whitening-coloring", random_state=0),
    GramStyleTransformer(
        RandomConvFeatures((3,), n_filters=8),
        style_statistic="sliced-wasserstein",
        representation="log-magnitude",
        max_iter=2,
        random_state=0,
    ),
]
FRAME_LEVEL = [
    # Sequences come in, but a vector a clip goes out: no list.
    GramFeatures(RandomConvFeatures((5,), n_filters=8), random_state=0),
    GramFeatures(style_statistic="moments", representation="log-magnitude", random_state=0),
    # Of texts: tests/neural/test_sequence_vae.py, where our checks of sequences are, too.
    SequenceVAE("frames", latent_dim=2, content_dim=16, decoder_dim=16, n_epochs=1, random_state=0),
    FrequencyWarpingRegressor(),
    FrequencyWarpingRegressor(n_components=1, residual="tilt"),
    FrequencyWarpingRegressor(n_components=1, residual="none"),
    FrequencyWarpingRegressor("dfw"),
    FrequencyWarpingRegressor("dfw", 2, random_state=0),
    JointGMMRegressor(),
    JointGMMRegressor(covariance_type="tied"),
    JointGMMRegressor(covariance_type="block_diag"),
    JointGMMRegressor(covariance_type="diag"),
    JointGMMRegressor("auto"),
    JointGMMRegressor("bic"),
    LocallyLinearRegressor(),
    LocallyLinearRegressor(5, reg=1e-6),
    LocallyLinearRegressor(method="transformation"),
    LocallyLinearRegressor(joint_selection=False),
    # Takes numbers of clips that differ: tests/mapping/test_knn.py has its sequence checks.
    KNNFrameRegressor(dictionary="target"),
    MeanVarianceRegressor(),
    MeanVarianceRegressor(robust=True),
    MixtureOfLinearRegressor(random_state=0),
    MixtureOfLinearRegressor(ridge=0),
    MixtureOfLinearRegressor(gate="kmeans"),
    MixtureOfLinearRegressor(gate=LogisticRegression()),
    MixtureOfLinearRegressor(gate=KMeans(2)),
    MixtureOfLinearRegressor(structure="diag"),
    MixtureOfLinearRegressor(structure="tridiag"),
    MixtureOfLinearRegressor(structure="warp"),
    StreamRegressor([("all", Ridge(), (slice(None), slice(None)))]),
    GaussianTransport(),
    GaussianTransport(n_components=2, random_state=0),
    CorrelationAlignment(),
    CorrelationAlignment(shrinkage="auto"),
    VAETransport(latent_dim=2, hidden_layer_sizes=(16,), n_epochs=5, random_state=0),
    WhiteningColoring(),
    WhiteningColoring(shrinkage=0),
]

# 2-D arrays of a few columns are clips of a few samples: short, silent or one frame long.
ODD_CLIPS = pytest.mark.filterwarnings("ignore::skstyle.exceptions.SkstyleWarning")
FEW_FRAMES = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@ODD_CLIPS
@FEW_FRAMES
@parametrize_with_checks([*SIGNAL_LEVEL, *SEQUENCE_LEVEL, *FRAME_LEVEL])
def test_sklearn_checks(estimator, check):
    check(estimator)


def _our_cases():
    for level, estimators in (("signal", SIGNAL_LEVEL), ("sequence", SEQUENCE_LEVEL)):
        for estimator in estimators:
            for name, check in signal_checks(estimator, level=level):
                yield pytest.param(check, id=f"{type(estimator).__name__}-{name}")


@FEW_FRAMES
@pytest.mark.parametrize("check", list(_our_cases()))
def test_our_checks(check):
    with warnings.catch_warnings():
        warnings.simplefilter("error", SkstyleWarning)
        check()


def test_every_public_estimator_is_checked():
    public = {
        name
        for name in skstyle.__all__
        if inspect.isclass(value := getattr(skstyle, name)) and issubclass(value, BaseEstimator)
    }
    checked = {type(e).__name__ for e in [*SIGNAL_LEVEL, *SEQUENCE_LEVEL, *FRAME_LEVEL]}
    assert public == checked


class _Forgetful(STFTTransformer):
    """Mixes neighbouring clips up: what the checks must find."""

    def transform(self, X):
        return super().transform(X)[::-1]


def test_checks_can_fail():
    with pytest.raises(AssertionError, match="clip 0 differs"):
        check_signal_estimator(_Forgetful(n_fft=256))
