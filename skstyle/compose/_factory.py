"""Good defaults, built of public parts."""

from sklearn.linear_model import Ridge

from ..alignment import DTWAligner
from ..features import SourceFilterVocoder
from ..features._vocoder import feature_blocks
from ..mapping import JointGMMRegressor, KNNFrameRegressor, MeanVarianceRegressor
from ..trajectory import GlobalVarianceScaler, TrajectoryRegressor
from ..utils.rates import check_sample_rate
from ._aligned import AlignedRegressor
from ._context import ContextRegressor
from ._converter import SignalConverter
from ._stream import StreamRegressor
from ._unpaired import UnpairedConverter

# A clip that varies more than others when converted does so by chance for the greater part. On
# held-out training sentences global variances agreed better than without (mean absolute
# log-ratio 0.19 against 0.24), for 0.1 dB of distortion.
OWN_SHARE = 0.6


def make_voice_converter(
    sample_rate,
    regressor="jointgmm",
    *,
    order=24,
    frame_period_ms=5.0,
    f0_min_hz=71.0,
    f0_max_hz=600.0,
    n_context=0,
    trajectory=True,
    global_variance=1.0,
    n_iter=3,
    synthesis="vocoder",
    level="target",
    memory=None,
    n_jobs=None,
    random_state=None,
    verbose=0,
):
    """Build a converter that learns one voice from another's paired sentences.

    The result is a :class:`SignalConverter` of public parts::

        SignalConverter(
            features=SourceFilterVocoder(sample_rate),
            regressor=AlignedRegressor(                      # silence excluded, 3 rounds
                StreamRegressor([
                    ("lf0", MeanVarianceRegressor(), ...),   # pitch: log-Gaussian normalisation
                    ("mcep", TrajectoryRegressor(            # timbre: c_1 .. c_order, deltas, MLPG
                        JointGMMRegressor("auto")), ...),
                    ("bap", Ridge(), ...),                   # breathiness
                ]),                                          # voicing stays the source's
                aligner=DTWAligner(...),
                n_iter=3,
                post_filter=GlobalVarianceScaler(...),       # as lively as the target
            ),
        )

    so that every parameter can be searched, such as
    ``regressor__regressor__mcep__regressor__n_components`` or
    ``regressor__post_filter__morph``.

    Parameters
    ----------
    sample_rate : float
        Of all clips, in Hz.
    regressor : "jointgmm" or regressor, default="jointgmm"
        For the mel-cepstrum: any frame-level regressor with several outputs. "jointgmm" is a
        :class:`~skstyle.mapping.JointGMMRegressor` with settings chosen by cross-validation.
    order : int, default=24
        Order of the mel-cepstrum.
    frame_period_ms : float, default=5.0
        Time between frames in milliseconds.
    f0_min_hz, f0_max_hz : float, default=71.0 and 600.0
        Range of the pitch search.
    n_context : int, default=0
        Frames on either side that the regressor sees beside the frame itself: see
        :class:`ContextRegressor`.
    trajectory : bool, default=True
        Whether the regressor learns differences along time too, and trajectories are those
        that agree best with both: see :class:`~skstyle.trajectory.TrajectoryRegressor`. A
        regressor that makes trajectories itself is left alone.
    global_variance : float, default=1.0
        How far the variance along time goes from the converted (0) to the target's (1). More
        sounds clearer and nearer to the target; less is nearer in distortion, and muffled. See
        :class:`~skstyle.trajectory.GlobalVarianceScaler`.
    n_iter : int, default=3
        Rounds of alignment.
    synthesis : {"vocoder", "differential"}, default="vocoder"
        How the sound is made: see :class:`SignalConverter`.
    level : {"target", "source", "free"}, default="target"
        How loud the result is: see :class:`SignalConverter`. The contour of loudness stays the
        source's.
    memory : str or joblib.Memory, optional
        Cache of the analyses.
    n_jobs : int, optional
        Number of clips handled at once.
    random_state : int, RandomState or None, default=None
        Seed of "jointgmm". A regressor of your own keeps its seed.
    verbose : int, default=0
        1 shows progress.

    Returns
    -------
    converter : SignalConverter
        Its clips may exceed 1 here and there: :func:`skstyle.audio.write_clip` and
        :class:`~skstyle.signal.PeakGuard` see to that.

    Raises
    ------
    TypeError, ValueError
        When the sample rate is no positive number in Hz, `n_context` or `global_variance` is
        negative, or `regressor` is neither "jointgmm" nor an instance with ``predict``.

    References
    ----------
    .. [1] T. Toda, A. W. Black and K. Tokuda, "Voice conversion based on maximum-likelihood
       estimation of spectral parameter trajectory", IEEE Trans. ASLP 15, 2007.
       doi:10.1109/TASL.2007.907344

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
    _check_not_negative(n_context=n_context, global_variance=global_variance)
    if isinstance(regressor, str):
        regressor = _named_regressor(regressor, random_state)
    if isinstance(regressor, type) or not hasattr(regressor, "predict"):
        raise TypeError(
            f"regressor must be 'jointgmm' or an instance with fit and predict, got {regressor!r}. "
            "Maps between domains belong to make_unpaired_converter."
        )
    if n_context:
        regressor = ContextRegressor(regressor, n_context=n_context)
    if trajectory and not getattr(regressor, "_makes_trajectories", False):
        regressor = TrajectoryRegressor(regressor)
    c_0, mcep, bap = _columns(sample_rate, order)
    streams = [
        ("lf0", MeanVarianceRegressor(voicing_column=1, robust=True), slice(0, 2)),
        ("mcep", regressor, mcep),
        ("bap", Ridge(), ([1, *range(bap.start, 0)], bap)),
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
            aligner=DTWAligner(columns=mcep, level_column=c_0, n_jobs=n_jobs),
            n_iter=n_iter,
            post_filter=_liveliness(global_variance, mcep, c_0),
            verbose=verbose,
        ),
        synthesis=synthesis,
        level=level,
        memory=memory,
        n_jobs=n_jobs,
        verbose=verbose,
    )


def make_unpaired_converter(
    sample_rate,
    transport="knn",
    *,
    target=None,
    source=None,
    order=24,
    frame_period_ms=5.0,
    f0_min_hz=71.0,
    f0_max_hz=600.0,
    global_variance=None,
    synthesis="vocoder",
    level="target",
    memory=None,
    n_jobs=None,
    verbose=0,
):
    """Build a converter that learns two voices from unrelated sentences.

    The result is an :class:`UnpairedConverter` of public parts::

        UnpairedConverter(
            features=SourceFilterVocoder(sample_rate),
            transport=KNNFrameRegressor(dictionary="target"),
            post_filter=GlobalVarianceScaler(...),           # as lively as the target
        )

    Parameters
    ----------
    sample_rate : float
        Of all clips, in Hz.
    transport : "knn", transformer or regressor, default="knn"
        What moves timbre and breathiness. "knn" puts frames together from the target's own,
        :class:`~skstyle.mapping.KNNFrameRegressor`, and comes nearest to the voice. A
        :class:`~skstyle.mapping.GaussianTransport` or another map between domains goes half
        the way, is learned in a blink, and leaves words clearer.
    target, source : label, optional
        Of the voice to convert to, by default the last one in sorted order, and of that to
        convert from, by default all others together.
    order : int, default=24
        Order of the mel-cepstrum.
    frame_period_ms : float, default=5.0
        Time between frames in milliseconds.
    f0_min_hz, f0_max_hz : float, default=71.0 and 600.0
        Range of the pitch search.
    global_variance : float, optional
        How far the variance along time goes from the converted (0) to the target's (1). By
        default 1 for "knn", whose averages are muffled, and 0 for others.
    synthesis : {"vocoder", "differential"}, default="vocoder"
        How the sound is made: see :class:`SignalConverter`.
    level : {"target", "source", "free"}, default="target"
        How loud the result is: see :class:`SignalConverter`.
    memory : str or joblib.Memory, optional
        Cache of the analyses.
    n_jobs : int, optional
        Number of clips handled at once.
    verbose : int, default=0
        1 shows progress.

    Returns
    -------
    converter : UnpairedConverter
        Its clips may exceed 1 here and there: :func:`skstyle.audio.write_clip` and
        :class:`~skstyle.signal.PeakGuard` see to that.

    Raises
    ------
    TypeError, ValueError
        When the sample rate is no positive number in Hz, `global_variance` is negative, or
        `transport` is another string than "knn".

    See Also
    --------
    make_voice_converter : Better where both voices said the same sentences.

    References
    ----------
    .. [1] M. Baas, B. van Niekerk, H. Kamper, "Voice conversion with just nearest neighbors",
       Interspeech 2023. https://doi.org/10.21437/Interspeech.2023-419

    Examples
    --------
    >>> from skstyle import make_unpaired_converter
    >>> from skstyle.datasets import make_parallel_speakers
    >>> anna, ben = make_parallel_speakers(n_sentences=6, random_state=0)
    >>> X, speakers = anna[:3] + ben[3:], ["anna"] * 3 + ["ben"] * 3  # no sentence in common
    >>> converter = make_unpaired_converter(16000, target="ben").fit(X, speakers)
    >>> len(converter.predict(anna[3:4])[0]) == len(anna[3])
    True
    """
    check_sample_rate(sample_rate)
    if global_variance is None:
        global_variance = float(isinstance(transport, str))
    _check_not_negative(global_variance=global_variance)
    if isinstance(transport, str):
        if transport != "knn":
            raise ValueError(f"transport must be 'knn', a map or a regressor, got {transport!r}.")
        transport = KNNFrameRegressor(dictionary="target")
    c_0, mcep, _ = _columns(sample_rate, order)
    return UnpairedConverter(
        SourceFilterVocoder(
            sample_rate,
            order=order,
            frame_period_ms=frame_period_ms,
            f0_min_hz=f0_min_hz,
            f0_max_hz=f0_max_hz,
        ),
        transport,
        target=target,
        source=source,
        post_filter=_liveliness(global_variance, mcep, c_0),
        synthesis=synthesis,
        level=level,
        memory=memory,
        n_jobs=n_jobs,
        verbose=verbose,
    )


def _check_not_negative(**values):
    for name, value in values.items():
        if value < 0:
            raise ValueError(f"{name} must be at least 0 (0 leaves it out), got {value!r}.")


def _columns(sample_rate, order):
    """Return the column of c_0, and those of the other mel-cepstra and of aperiodicity.

    Counted from the end where the order matters, so that the order can be searched too.
    """
    bap = feature_blocks(sample_rate, order)["bap"]
    n_bands = bap.stop - bap.start
    return 2, slice(3, -n_bands), slice(-n_bands, None)


def _liveliness(global_variance, mcep, c_0):
    """Return the post-filter of global variance, or None where it is not wanted."""
    if not global_variance:
        return None
    return GlobalVarianceScaler(
        morph=global_variance, own_share=OWN_SHARE, columns=mcep, level_column=c_0
    )


def _named_regressor(name, random_state):
    if name != "jointgmm":
        raise ValueError(f"regressor must be 'jointgmm' or a regressor, got {name!r}.")
    # Chosen by cross-validation on training sentences: so much regularisation costs nothing with
    # 50 of them, and helps with 4, where slopes are poorly known.
    return JointGMMRegressor(n_components="auto", reg_covar=0.03, random_state=random_state)
