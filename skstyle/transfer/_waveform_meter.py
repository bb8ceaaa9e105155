"""Measuring styles of waveforms."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state, check_scalar

from ..base import SignalTransformer, _names
from ..exceptions import ShortClipWarning
from ..utils.rates import check_sample_rate
from ._descent_settings import check_number
from ._infinite_style import refuse_infinite
from ._levels import at_unit_level, level_of, without_offset
from ._module_features import origin_of, resolve_features
from ._style import Style, mean_style
from ._style_loss import measure_style
from ._style_meter import LARGEST_SEED, warn_of_silence
from ._style_statistics import STATISTICS, check_statistic
from ._torch_setup import check_device, one_thread
from ._waveform_spectra import OVERLAP, SPECTRA, WaveformActivations, shortest
from ._waveform_steering import log_levels
from ._whitening_coloring import NAME as CLOSED_FORM


class WaveformMeter(SignalTransformer):
    """Base of estimators that measure styles of waveforms; they have its parameters by these names:

    ``sample_rate``, ``features``, ``n_ffts``, ``spectra``, ``style_statistic``, ``contrast``,
    ``random_state`` and ``device``.
    """

    def _check_meter(self):
        """Check the parameters of measurement."""
        check_sample_rate(self.sample_rate)
        check_statistic(self.style_statistic)
        if self.style_statistic == CLOSED_FORM:
            raise ValueError(
                f"style_statistic={CLOSED_FORM!r} maps frames of spectrograms in closed form: for "
                "waveforms take another one, or GramStyleTransformer."
            )
        check_number(self, "contrast", above_zero=True)
        check_device(self.device)
        if self.spectra not in SPECTRA:
            raise ValueError(f"spectra must be one of {tuple(SPECTRA)}, got {self.spectra!r}.")
        n_ffts, features = self.n_ffts, self.features
        if not isinstance(n_ffts, (tuple, list)) or not n_ffts:
            raise ValueError(f"n_ffts must be lengths of windows such as (1024,), got {n_ffts!r}.")
        for n_fft in n_ffts:
            check_scalar(n_fft, "n_ffts", Integral, min_val=2 * OVERLAP)
            if n_fft % OVERLAP:
                raise ValueError(f"n_ffts must be multiples of {OVERLAP}, got {n_fft}.")
        if isinstance(features, (tuple, list)) and len(features) != len(n_ffts):
            raise ValueError(
                f"features lists {len(features)} for {len(n_ffts)} lengths of windows in n_ffts: "
                "give one for each, or one for all."
            )

    def _start_meter(self):
        """Draw the seeds."""
        rng = check_random_state(self.random_state)
        features = self.features
        if not isinstance(features, (tuple, list)):
            features = [features] * len(self.n_ffts)
        self.features_ = [resolve_features(f, int(rng.randint(LARGEST_SEED))) for f in features]
        for resolved in self.features_:
            refuse_infinite(resolved, "A style of waveforms")
        self._seed = int(rng.randint(LARGEST_SEED))

    def _origin(self):
        """Tell what makes two measurements comparable."""
        return {
            "features": ", ".join(map(origin_of, self.features_)),
            "n_ffts": tuple(int(n) for n in self.n_ffts),
            "spectra": self.spectra,
            "style_statistic": self.style_statistic,
            "contrast": float(self.contrast),
            "sample_rate": float(self.sample_rate),
        }

    def _activations(self):
        return WaveformActivations(
            self.features_, self.n_ffts, self.spectra, self.contrast, self.device
        )

    def _long_enough(self, x):
        """Put silence behind a signal that is too short for the widest filter."""
        missing = self._shortest() - len(x)
        return np.pad(x, (0, missing)) if missing > 0 else x

    def _shortest(self):
        return shortest([f.widest for f in self.features_], self.n_ffts)

    def _warn_of_short(self, items):
        n_least = self._shortest()
        short = [name for name, x in zip(_names(items), items, strict=True) if len(x) < n_least]
        if short:
            warnings.warn(
                f"{', '.join(short[:5])}{', ...' if len(short) > 5 else ''}: fewer than {n_least} "
                "samples, which the widest filter sees. Silence was put behind.",
                ShortClipWarning,
                stacklevel=4,
            )

    def _measure_one(self, x):
        """Measure one clip that is not silent."""
        scaled, _ = at_unit_level(x)
        scaled = self._long_enough(scaled)
        with one_thread():
            style = measure_style(
                scaled,
                self._activations(),
                STATISTICS[self.style_statistic],
                self._origin(),
                device=self.device,
            )
        levels = log_levels(scaled, self.n_ffts[0])
        spectrum = np.stack([levels.mean(axis=0), levels.std(axis=0), levels.max(axis=0)])
        return Style(style.layers, spectrum, style.origin, level=level_of(x))

    def _check_sounds(self, X, reset=False):
        """Check the clips, and return them and the same without a constant offset."""
        clips = self._check_signals(X, reset=reset)
        return clips, [without_offset(x, self.sample_rate) for x in clips.items]

    def _measure(self, items):
        """Return the mean style of clips, weighted by their lengths."""
        levels = [level_of(x) for x in items]
        if not any(levels):
            raise ValueError(
                f"All {len(items)} clips are silent: there is no style in them. Give at least one "
                "with a sound."
            )
        warn_of_silence(levels, "left out of the style")
        self._warn_of_short(items)
        heard = [x for x, level in zip(items, levels, strict=True) if level]
        return mean_style(self._map(self._measure_one, heard), [len(x) for x in heard])
