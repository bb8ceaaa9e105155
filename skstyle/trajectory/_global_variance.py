"""Global variance: how much every column varies along a clip."""

import numpy as np

from ..features._activity import active_frames
from ._post_filter import PostFilter

# Columns that hardly vary when converted hold no more than noise to be stretched.
HIGHEST_SCALE = 10.0
# What arithmetic leaves of a constant, as a share of it.
_ROUNDING = {np.float64: 1e-12, np.float32: 1e-6}


def variance_along_time(x):
    """Variance of every column in float64; 0 where a column moves by rounding only.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_columns)

    Returns
    -------
    variance : ndarray of shape (n_columns,)
    """
    variance = x.var(axis=0, dtype=np.float64)
    power = np.square(x, dtype=np.float64).mean(axis=0)
    still = (np.ptp(x, axis=0) == 0) | (variance <= _ROUNDING[x.dtype.type] ** 2 * power)
    return np.where(still, 0.0, variance)


def clip_variances(items):
    """Variance along time of every column of every sequence.

    Parameters
    ----------
    items : list of arrays (n_frames, n_columns)

    Returns
    -------
    variances : ndarray of shape (n_sequences, n_columns)
        Sequences of one frame, which say nothing, are left out.
    """
    found = [variance_along_time(x) for x in items if len(x) > 1]
    return np.array(found) if found else np.empty((0, items[0].shape[1]))


def stretch(x, centre, factor):
    """Scale columns about a centre; constant columns, and factors of 1, change no bit.

    Parameters
    ----------
    x : ndarray of shape (n_frames, n_columns)
    centre, factor : ndarray of shape (n_columns,)

    Returns
    -------
    out : ndarray of shape (n_frames, n_columns)
        The dtype of x.
    """
    move = np.where(np.ptp(x, axis=0) > 0, factor - 1, 0.0)
    return (x + move * (x - centre)).astype(x.dtype, copy=False)


class GlobalVarianceScaler(PostFilter):
    """Give converted sequences the variance along time that target sequences have.

    Statistical conversion smooths, and smooth trajectories sound muffled. This post-filter
    stretches every column about its mean.

    Parameters
    ----------
    morph : float, default=1.0
        0 changes nothing, 1 goes all the way to the target's variance, and more beyond it.
    own_share : float, default=0.0
        Where the variance of a converted clip is expected between that of the training clips
        (0: all clips are scaled alike) and its own (1: all clips get the variance of the mean
        target clip). Variances are combined as logarithms.
    columns : slice or list of int, optional
        Columns that are scaled; all by default. Leave c_0 out to leave the level alone.
    level_column : int, optional
        Column with the natural log amplitude of the frame (c_0 of a mel-cepstrum). When given,
        silent frames take no part in means and variances; they are scaled like the others.
    silence_db : float, default=30.0
        Frames this far below the loud frames (95th percentile) of their clip are silent.
    n_jobs : int, optional
        Number of clips scaled at once.
    verbose : int, default=0
        1 shows progress.

    Attributes
    ----------
    gv_converted_, gv_target_ : ndarrays of shape (n_features,)
        Mean over the sequences of fit of the variance within a sequence; nan where no sequence
        has two frames.
    scale_ : ndarray of shape (n_features,)
        ``sqrt(gv_target_ / gv_converted_)``, at most 10; 1 in other columns, and where converted
        sequences are constant.
    n_features_in_ : int

    Notes
    -----
    ``y'(t) = morph (scale (y(t) - m) + m) + (1 - morph) y(t)`` with m the mean of the clip's
    frames that are not silent [1]_. The denominator is the variance of converted *training*
    sequences, so that a clip that varies more than others still does [2]_. With an `own_share` s
    and the clip's own variance v, scale is divided by ``(v / gv_converted_)^(s / 2)``.

    References
    ----------
    .. [1] T. Toda, A. W. Black and K. Tokuda, "Voice conversion based on maximum-likelihood
       estimation of spectral parameter trajectory", IEEE Trans. ASLP 15, 2007.
       doi:10.1109/TASL.2007.907344
    .. [2] K. Kobayashi and T. Toda, "sprocket: open-source voice conversion software",
       Odyssey 2018. doi:10.21437/Odyssey.2018-29

    Examples
    --------
    >>> import numpy as np
    >>> from skstyle.trajectory import GlobalVarianceScaler
    >>> converted = [np.array([[1.0], [2.0], [3.0]])]
    >>> target = [np.array([[0.0], [4.0], [8.0], [4.0]])]
    >>> scaler = GlobalVarianceScaler().fit(converted, target)
    >>> scaler.scale_.round(3)
    array([3.464])
    >>> scaler.transform(converted)[0].ravel().round(3)
    array([-1.464,  2.   ,  5.464])
    """

    def __init__(
        self,
        *,
        morph=1.0,
        own_share=0.0,
        columns=None,
        level_column=None,
        silence_db=30.0,
        n_jobs=None,
        verbose=0,
    ):
        self.morph = morph
        self.own_share = own_share
        self.columns = columns
        self.level_column = level_column
        self.silence_db = silence_db
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _check_parameters(self):
        super()._check_parameters()
        if not 0 <= self.own_share <= 1:
            raise ValueError(f"own_share must lie in [0, 1], got {self.own_share!r}.")
        self._check_level()

    def _measure(self, items):
        variances = clip_variances([self._active(x) for x in items])
        if not len(variances):
            return np.full(variances.shape[1], np.nan)
        return variances.mean(axis=0)

    def _learn(self, converted, targets):
        self.gv_converted_, self.gv_target_ = converted, targets
        known = self._chosen & (converted > 0) & np.isfinite(targets)
        ratio = np.where(known, targets, 1.0) / np.where(known, converted, 1.0)
        self.scale_ = np.minimum(np.sqrt(ratio), HIGHEST_SCALE)

    def _active(self, x):
        if self.level_column is None:
            return x
        return x[active_frames(x[:, self.level_column], self.silence_db)]

    def _transform_one(self, x):
        active = self._active(x)
        centre = active.mean(axis=0, dtype=np.float64)
        scale = self.scale_
        if self.own_share and len(active) > 1:
            own = variance_along_time(active)
            known = (own > 0) & self._chosen & (self.gv_converted_ > 0)
            excess = np.where(known, own, 1.0) / np.where(known, self.gv_converted_, 1.0)
            scale = np.minimum(scale * excess ** (-self.own_share / 2), HIGHEST_SCALE)
        # A morph above 1 may flatten a column, but not turn it over.
        return stretch(x, centre, np.maximum(1 + self.morph * (scale - 1), 0.0))
