"""Warnings of the library, so that users can filter them by class."""


class SkstyleWarning(UserWarning):
    """Base class of every warning raised by skstyle.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from skstyle.exceptions import SkstyleWarning
    >>> from skstyle.signal import PeakGuard
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", SkstyleWarning)  # all of them
    ...     _ = PeakGuard().transform([np.array([0.0, 2.0])])
    """


class ShortClipWarning(SkstyleWarning):
    """A clip is too short for the analysis and was padded with zeros.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from skstyle.exceptions import ShortClipWarning
    >>> from skstyle.features import MelCepstrum
    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     _ = MelCepstrum(16000).fit_transform([np.array([0.1, -0.1, 0.1])])
    >>> seen[0].category is ShortClipWarning
    True
    """


class SilentClipWarning(SkstyleWarning):
    """A clip holds no signal at all; it passes through as silence.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from skstyle.exceptions import SilentClipWarning
    >>> from skstyle.signal import LoudnessNormalizer
    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     _ = LoudnessNormalizer(16000).fit_transform([np.zeros(8000)])
    >>> seen[0].category is SilentClipWarning
    True
    """


class UnvoicedClipWarning(SkstyleWarning):
    """No voiced frame was found where pitch statistics are needed.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from skstyle.exceptions import UnvoicedClipWarning
    >>> from skstyle.mapping import MeanVarianceRegressor
    >>> X = np.array([[5.0, 0.0], [5.1, 0.0]])  # log F0, and whether a frame is voiced
    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     _ = MeanVarianceRegressor(voicing_column=1).fit(X, X)
    >>> seen[0].category is UnvoicedClipWarning
    True
    """


class LoneSequenceWarning(SkstyleWarning):
    """A plain 2-D array was read as many one-frame sequences.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from skstyle.exceptions import LoneSequenceWarning
    >>> from skstyle.features import DeltaFeatures
    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     _ = DeltaFeatures().fit_transform(np.ones((5, 2)))  # [np.ones((5, 2))] is one sequence
    >>> seen[0].category is LoneSequenceWarning
    True
    """


class EmptyFilterWarning(SkstyleWarning):
    """A band of a filter bank holds no bin of the transform, and nothing can be heard in it.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from skstyle.exceptions import EmptyFilterWarning
    >>> from skstyle.features import MelSpectrogram
    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     _ = MelSpectrogram(16000, n_fft=128, n_mels=80).fit([np.ones(800)])
    >>> seen[0].category is EmptyFilterWarning
    True
    """


class ClippingWarning(SkstyleWarning):
    """A signal leaves [-1, 1], or was scaled as a whole because it did.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from skstyle.exceptions import ClippingWarning
    >>> from skstyle.signal import PeakGuard
    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     _ = PeakGuard().transform([np.array([0.0, 2.0])])
    >>> seen[0].category is ClippingWarning
    True
    """


class UnstoppedWarning(SkstyleWarning):
    """A clip that was made of a text ended at its greatest length: the stop token never came.

    Examples
    --------
    >>> import warnings
    >>> from skstyle.exceptions import UnstoppedWarning
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", UnstoppedWarning)  # such a clip is an error now
    ...     warnings.warn("X[0] did not stop.", UnstoppedWarning)
    Traceback (most recent call last):
        ...
    skstyle.exceptions.UnstoppedWarning: X[0] did not stop.
    """
