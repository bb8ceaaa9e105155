"""What a fitted net chose for every frame: matrices, biases and warps."""

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from ..trajectory._post_filter import warn_of_one_frame
from ..utils.validation import check_sequences, restore_frames
from ._crops import standardised
from ._time_variant_net import in_blocks
from ._training import one_thread


class FrameTransformationsMixin:
    """The methods of a fitted regressor that tell its transformations, frame by frame.

    They need ``module_``, a TimeVariantNet, ``_scales``, and ``_offset``, which frames lose before
    they are mapped.
    """

    def transition(self, X):
        """Return the linear transformation of every frame, before trajectories are made.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array

        Returns
        -------
        matrices : list of arrays (n_frames, n_targets, n_features)
            A_t + W(alpha_t), in the kind of container that X is.
        biases : list of arrays (n_frames, n_targets)
            What is added to their products with the frames.
        """
        clips = self._check_sources(X)

        def transform(context, x):
            matrices, source, target = self.module_.transition(context)
            offset = torch.from_numpy(self._offset)
            biases = target + self.module_.identity @ offset
            return matrices, biases - (matrices @ (source + offset)[..., None])[..., 0]

        return tuple(
            restore_frames(
                [a.astype(x.dtype, copy=False) for a, x in zip(part, clips.items, strict=True)],
                X,
                clips.kind,
            )
            for part in self._by_frame(transform, clips.items)
        )

    def warping(self, X):
        """Return the all-pass constant of every frame.

        Parameters
        ----------
        X : list of arrays (n_frames, n_features), 1-D object array or 2-D array

        Returns
        -------
        alpha : list of arrays (n_frames,)
            In the kind of container that X is. Positive values move formants up; all are zero
            without warp.
        """
        clips = self._check_sources(X)
        alpha = self._by_frame(lambda context, x: self.module_.alpha(context), clips.items)
        items = [a.astype(x.dtype, copy=False) for a, x in zip(alpha, clips.items, strict=True)]
        return restore_frames(items, X, clips.kind)

    def _check_sources(self, X):
        check_is_fitted(self)
        clips = check_sequences(X, estimator=self)
        warn_of_one_frame(X, len(clips.items), "all differences are zero", stacklevel=4)
        return clips

    def _by_frame(self, function, items):
        """Call a function of contexts and frames; return its arrays, clip by clip."""
        context = np.concatenate([standardised(x.astype(float), self._scales) for x in items])
        with one_thread():
            found = in_blocks(function, context, np.concatenate(items) - self._offset)
        ends = np.cumsum([len(x) for x in items])[:-1]
        parts = [np.split(part, ends) for part in found]
        return parts if len(parts) > 1 else parts[0]
