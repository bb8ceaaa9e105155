"""Good defaults, built of public parts."""

from sklearn.linear_model import Ridge

from ..alignment import DTWAligner
from ..features import SourceFilterVocoder
from ..features._vocoder import feature_blocks
from ..mapping import JointGMMRegressor, MeanVarianceRegressor
from ..utils.rates import check_sample_rate
from ._aligned import AlignedRegressor
from ._converter import SignalConverter
from ._stream import StreamRegressor


def make_voice_converter(
    sample_rate,
    regressor=None,
    *,
    order=24,
    frame_period_ms=5.0,
    f0_min_hz=71.0,
    f0_max_hz=600.0,
    n_iter=3,
    synthesis="vocoder",
    memory=None,
    n_jobs=None,
    random_state=None,
    verbose=0,
):
    """Build a converter that learns one voice from another's paired sentences.

    The result is a :class:`SignalConverter` of public parts::

        SignalConverter(
            features=SourceFilterVocoder(sample_rate),
            regressor=AlignedRegressor(
                StreamRegressor([
                    ("lf0", MeanVarianceRegressor(), ...),   # pitch: log-Gaussian normalisation
                    ("mcep", JointGMMRegressor(8), ...),     # timbre: c_1 .. c_order
                    ("bap", Ridge(), ...),                   # breathiness
                ]),                                          # voicing and level stay the source's
                aligner=DTWAligner(...),
                n_iter=3,
            ),
        )

    so that every parameter can be searched, such as
    ``regressor__regressor__mcep__n_components``.

    Parameters
    ----------
    sample_rate : float
        Of all clips, in Hz.
    regressor : regressor, optional
        Any frame-level regressor with several outputs for the mel-cepstrum; by default
        ``JointGMMRegressor(n_components=8, reg_covar=0.1)``.
    order : int, default=24
        Order of the mel-cepstrum.
    frame_period_ms : float, default=5.0
        Time between frames in milliseconds.
    f0_min_hz, f0_max_hz : float, default=71.0 and 600.0
        Range of the pitch search.
    n_iter : int, default=3
        Rounds of alignment.
    synthesis : {"vocoder", "differential"}, default="vocoder"
        How the sound is made: see :class:`SignalConverter`.
    memory : str or joblib.Memory, optional
        Cache of the analyses.
    n_jobs : int, optional
        Number of clips handled at once.
    random_state : int, RandomState or None, default=None
        Seed of the default regressor. A regressor of your own keeps its seed.
    verbose : int, default=0
        1 shows progress.

    Returns
    -------
    converter : SignalConverter

    Examples
    --------
    >>> from skstyle import make_voice_converter
    >>> from skstyle.datasets import make_parallel_speakers
    >>> X, y = make_parallel_speakers(n_sentences=4, random_state=0)
    >>> converter = make_voice_converter(16000, random_state=0).fit(X[:3], y[:3])
    >>> round(len(converter.predict(X[3:])[0]) / len(X[3]), 3)
    1.0
    """
    check_sample_rate(sample_rate)
    if regressor is None:
        # Chosen by cross-validation on training sentences: as good as less regularisation
        # with 35 of them, and 0.2 dB better with 9, where slopes are poorly known.
        regressor = JointGMMRegressor(n_components=8, reg_covar=0.1, random_state=random_state)
    # Counted from the end where the order matters, so that the order can be searched too.
    bap = feature_blocks(sample_rate, order)["bap"]
    n_bands = bap.stop - bap.start
    streams = [
        ("lf0", MeanVarianceRegressor(voicing_column=1), slice(0, 2)),
        ("mcep", regressor, slice(3, -n_bands)),
        ("bap", Ridge(), ([1, *range(-n_bands, 0)], slice(-n_bands, None))),
    ]
    return SignalConverter(
        SourceFilterVocoder(
            sample_rate,
            order=order,
            frame_period_ms=frame_period_ms,
            f0_min_hz=f0_min_hz,
            f0_max_hz=f0_max_hz,
        ),
        AlignedRegressor(
            StreamRegressor(streams),
            aligner=DTWAligner(columns=slice(3, -n_bands), level_column=2, n_jobs=n_jobs),
            n_iter=n_iter,
        ),
        synthesis=synthesis,
        memory=memory,
        n_jobs=n_jobs,
        verbose=verbose,
    )
