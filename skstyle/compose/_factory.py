"""Good defaults, built of public parts."""

from sklearn.linear_model import Ridge

from ..alignment import DTWAligner
from ..features import SourceFilterVocoder
from ..features._vocoder import feature_blocks
from ..mapping import JointGMMRegressor, MeanVarianceRegressor
from ..trajectory import GlobalVarianceScaler, TrajectoryRegressor
from ..utils.rates import check_sample_rate
from ._aligned import AlignedRegressor
from ._context import ContextRegressor
from ._converter import SignalConverter
from ._stream import StreamRegressor

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
        that agree best with both: see :class:`~skstyle.trajectory.TrajectoryRegressor`.
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
    for name, value in (("n_context", n_context), ("global_variance", global_variance)):
        if value < 0:
            raise ValueError(f"{name} must be at least 0 (0 leaves it out), got {value!r}.")
    if isinstance(regressor, str):
        regressor = _named_regressor(regressor, random_state)
    if n_context:
        regressor = ContextRegressor(regressor, n_context=n_context)
    if trajectory:
        regressor = TrajectoryRegressor(regressor)
    # Counted from the end where the order matters, so that the order can be searched too.
    bap = feature_blocks(sample_rate, order)["bap"]
    n_bands = bap.stop - bap.start
    mcep, c_0 = slice(3, -n_bands), 2
    streams = [
        ("lf0", MeanVarianceRegressor(voicing_column=1, robust=True), slice(0, 2)),
        ("mcep", regressor, mcep),
        ("bap", Ridge(), ([1, *range(-n_bands, 0)], slice(-n_bands, None))),
    ]
    post_filter = None
    if global_variance:
        post_filter = GlobalVarianceScaler(
            morph=global_variance, own_share=OWN_SHARE, columns=mcep, level_column=c_0
        )
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
            post_filter=post_filter,
            verbose=verbose,
        ),
        synthesis=synthesis,
        level=level,
        memory=memory,
        n_jobs=n_jobs,
        verbose=verbose,
    )


def _named_regressor(name, random_state):
    if name != "jointgmm":
        raise ValueError(f"regressor must be 'jointgmm' or a regressor, got {name!r}.")
    # Chosen by cross-validation on training sentences: so much regularisation costs nothing with
    # 50 of them, and helps with 4, where slopes are poorly known.
    return JointGMMRegressor(n_components="auto", reg_covar=0.03, random_state=random_state)
