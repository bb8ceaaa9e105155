"""Measuring styles of spectrograms: what transformers of styles have in common."""

import warnings
from functools import partial

import numpy as np
from sklearn.utils import check_random_state

from ..base import SequenceTransformer, _names, _naming_clip
from ..exceptions import ShortClipWarning, SilentClipWarning
from ._compression import check_representation, compress, level_of, read_magnitude
from ._descent_settings import check_number
from ._infinite_style import check_infinite, is_infinite, measure_patches
from ._module_features import origin_of, resolve_features
from ._style import mean_style
from ._style_frames import draw_blocks
from ._style_loss import measure_style
from ._style_statistics import STATISTICS, check_statistic
from ._torch_setup import check_device, one_thread
from ._whitening_coloring import NAME as CLOSED_FORM
from ._whitening_coloring import CompressedFrames

LARGEST_SEED = np.iinfo(np.int32).max


class StyleMeter(SequenceTransformer):
    """Base of estimators that measure styles; they have its parameters by these names:

    ``features``, ``style_statistic``, ``representation``, ``contrast``, ``random_state`` and
    ``device``.
    """

    # Of named features; None leaves their default.
    _n_filters = None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = self.representation != "log-magnitude"
        return tags

    def _start_meter(self):
        """Check the parameters and draw the seeds."""
        check_representation(self.representation)
        check_statistic(self.style_statistic)
        check_number(self, "contrast", above_zero=True)
        check_device(self.device)
        seed = check_random_state(self.random_state).randint(LARGEST_SEED)
        self.features_ = resolve_features(self.features, int(seed), self._n_filters)
        check_infinite(self.features_, self.style_statistic)
        if self.style_statistic == CLOSED_FORM:
            self.features_ = CompressedFrames()
        self._seed = int(seed)

    def _origin(self):
        """Tell what makes two measurements comparable."""
        return {
            "features": origin_of(self.features_),
            "style_statistic": self.style_statistic,
            "contrast": float(self.contrast),
            "number of bins": int(self.n_features_in_),
        }

    def _read(self, items):
        """Read the clips, tell of the short ones, and return magnitudes and levels."""
        names = _names(items)
        widest = self.features_.widest
        short = [name for name, x in zip(names, items, strict=True) if len(x) < widest]
        if short:
            warnings.warn(
                f"{', '.join(short[:5])}{', ...' if len(short) > 5 else ''}: fewer frames than the "
                f"widest filter, {widest}. Silence was put around.",
                ShortClipWarning,
                stacklevel=4,
            )
        magnitudes = [
            _naming_clip(read_magnitude, name, x, self.representation)
            for name, x in zip(names, items, strict=True)
        ]
        return magnitudes, [level_of(m) for m in magnitudes]

    def _statistics(self, lengths):
        """Return what is measured, for every clip."""
        if not is_infinite(self.features_):
            return [STATISTICS[self.style_statistic]] * len(lengths)
        widest = self.features_.widest
        lengths = [max(n, widest) for n in lengths]
        blocks, share = draw_blocks(lengths, widest, np.random.default_rng(self._seed))
        return [partial(measure_patches, blocks=some, share=share) for some in blocks]

    def _measure_one(self, magnitude, level, statistic):
        """Measure one clip that is not silent."""
        z = padded(compress(magnitude, level, self.contrast), self.features_.widest)
        with one_thread():
            activations = self.features_.build(self.n_features_in_, self.device)
            return measure_style(
                z,
                activations,
                statistic,
                self._origin(),
                level=level,
                device=self.device,
            )

    def _measure(self, items):
        """Return the mean style of clips, weighted by their frames."""
        magnitudes, levels = self._read(items)
        if not any(levels):
            raise ValueError(
                f"All {len(items)} clips are silent: there is no style in them. Give at least one "
                "with a sound."
            )
        warn_of_silence(levels, "left out of the style")
        heard = [(m, level) for m, level in zip(magnitudes, levels, strict=True) if level]
        lengths = [len(m) for m, _ in heard]
        styles = self._map(self._measure_one, *zip(*heard, strict=True), self._statistics(lengths))
        return mean_style(styles, lengths)


def warn_of_silence(levels, outcome):
    """Warn of silent clips by name.

    Parameters
    ----------
    levels : list of float
        0 where a clip is silent.
    outcome : str
        What becomes of them.
    """
    silent = [name for name, level in zip(_names(levels), levels, strict=True) if level == 0]
    if silent:
        more = ", ..." if len(silent) > 5 else ""
        warnings.warn(
            f"{', '.join(silent[:5])}{more}: silent, {outcome}.", SilentClipWarning, stacklevel=3
        )


def padded(z, n_frames):
    """Put silence behind a sequence that is shorter than the widest filter.

    Parameters
    ----------
    z : ndarray of shape (n_frames_z, n_bins)
    n_frames : int

    Returns
    -------
    z : ndarray of shape (max(n_frames_z, n_frames), n_bins)
    """
    missing = n_frames - len(z)
    return np.pad(z, ((0, missing), (0, 0))) if missing > 0 else z
