"""Transformers by descent: what descent of spectrograms and of waveforms have in common."""

import numpy as np


class StyleDescent:
    """Mixin of transformers by descent, which measure styles, too.

    They have the parameter ``init``, keep the clips of ``fit`` one after the other in
    ``_repeated`` where these are needed, and have a method ``_noise(n)``: noise of n frames or
    samples like the style.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _take_style(self, style):
        """Keep a style that was measured before, and refuse what needs clips in its place.

        Parameters
        ----------
        style : Style
        """
        style.check_origin(self._origin())
        if self.init == "style":
            raise ValueError("init='style' begins at clips: fit(clips), not a Style.")
        if getattr(self, "diversity_weight", 0):
            raise ValueError("diversity_weight keeps off clips: fit(clips), not a Style.")
        self.style_, self._repeated = style, None

    def _forget_losses(self):
        """Begin lists of losses, which the next descents fill."""
        self.n_iter_ = 1
        self.loss_curve_, self.content_loss_, self.style_loss_ = [], [], []

    def _keep_losses(self, done):
        """Fill the lists of losses again.

        Parameters
        ----------
        done : list of tuple
            What came out for each clip, its curve, and both losses at the end.
        """
        _, curves, content, style = zip(*done, strict=True)
        self.loss_curve_[:] = curves
        self.content_loss_[:] = map(float, content)
        self.style_loss_[:] = map(float, style)

    def _start_of(self, content):
        """Return where the descent of a content begins.

        Parameters
        ----------
        content : ndarray of shape (n_frames, n_bins) or (n_times,)

        Returns
        -------
        start : ndarray like content
        """
        if self.init == "noise":
            return self._noise(len(content))
        if self.init == "style":
            return np.resize(self._repeated, content.shape)
        return content
