"""What variational autoencoders that are told styles have in common."""

from numbers import Integral

import numpy as np
import torch
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from ..utils.labels import choose_domains, find_classes, label_number
from ._base_vae import BaseVAE
from ._style_code import check_code

# So many frames tell whose they are.
ENOUGH = 300


class BaseStyleVAE(OneToOneFeatureMixin, BaseVAE):
    """Base of autoencoders that carry what they are given to another style.

    A subclass has the parameters ``target``, ``source``, ``style_dim`` and ``ratio`` too, and a
    method ``_by_style(X, numbers, function)``: it checks X, calls ``function(x, style)`` for all
    frames of every style, which is one of `numbers`, and returns X with what that gives.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.one_d_labels = True
        return tags

    def _style_sizes(self):
        return len(self.classes_), self.style_dim

    def _check_parameters(self):
        super()._check_parameters()
        check_scalar(self.style_dim, "style_dim", Integral, min_val=1)

    def _number_styles(self, y, goes_on):
        """Keep the labels, and return the number of every one."""
        classes = find_classes(y)
        if goes_on:
            self._check_same_sizes()
            if not np.array_equal(classes, self.classes_):
                raise ValueError(
                    f"Training goes on with the labels {self.classes_.tolist()}, but y has "
                    f"{classes.tolist()}. Begin anew: fit with warm_start=False."
                )
        self.target_, self._source = choose_domains(classes, self.target, self.source)
        self.classes_ = classes
        return np.searchsorted(classes, y)

    def _train(self, items, styles, goes_on):
        """Train on sequences of known styles, and tell how much latent dimensions say."""
        if not goes_on:
            self._begin(items, styles, self.validation_fraction)
            self._centres = np.zeros((len(self.classes_), self.latent_dim))
        train, held_out = (
            self._frames([items[i] for i in chosen], styles[chosen])
            for chosen in self._split(len(items), self.validation_fraction, styles)
        )
        self._data = items, styles
        try:
            n_epochs = self.n_epochs - len(self._training["rows"])
            self._go_on(train, held_out, n_epochs, self.callbacks)
        finally:
            self._finish()
            del self._data
        return self

    def _finish(self):
        items, styles = self._data
        found = [self._encode(x, torch.tensor(i)) for x, i in zip(items, styles, strict=True)]
        means, log_variances = map(np.concatenate, zip(*found, strict=True))
        self._measure_latent(means, log_variances)
        owners = np.repeat(styles, [len(x) for x in items])
        self._centres = np.array(
            [means[owners == i].mean(axis=0) for i in range(len(self.classes_))]
        )

    def _said(self, x, style):
        """Return codes of frames of a style, without the mean that all codes of it have.

        It is small, so that holding codes to N(0, 1) does not take it away; but it tells the
        style of a clip.
        """
        return self._encode(x, torch.tensor(style))[0] - self._centres[style]

    def _centre(self, code):
        """Return the mean of the codes of frames of a style, given by its number or its code."""
        if not code.is_floating_point():
            return self._centres[int(code)]
        # Of a style that was not in the fit it is not known, but the known ones tell.
        known = self.style_codes_
        middle, centre = known.mean(axis=0), self._centres.mean(axis=0)
        slope = np.linalg.pinv(known - middle) @ (self._centres - centre)
        return centre + (code.numpy() - middle) @ slope

    @property
    def style_codes_(self):
        """Codes of all styles, in the order of ``classes_``."""
        return self.module_.styles.weight.detach().numpy().copy()

    def transform(self, X):
        """Carry what is given to the style of ``target_``.

        Parameters
        ----------
        X : array or list of arrays (n_frames, n_features)
            As ``fit`` takes it, of `source`; without it, of the style, the target's left out,
            that fits it best.

        Returns
        -------
        Y : as X
            In its dtype.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when frames are not finite, or have another number of columns than those
            of ``fit``.
        """
        check_is_fitted(self)
        return self.convert(X, self.target_, self._source)

    def convert(self, X, target, source=None):
        """Carry what is given to any style.

        Parameters
        ----------
        X : array or list of arrays (n_frames, n_features)
            As ``fit`` takes it.
        target : label, or array of shape (style_dim,)
            One of ``classes_``, or a code: a row of ``style_codes_``, a mean of several, or what
            ``style_from`` returns.
        source : label, default=None
            Style of X. None takes whatever has a label of its own in ``fit``, a frame or a
            sequence, for one of the style, the target's left out, that fits it best.

        Returns
        -------
        Y : as X
            In its dtype.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when a label was not in y, a code has another length than `style_dim`,
            or frames are not finite.
        """
        check_is_fitted(self)
        numbers = self._sources(source)
        if np.ndim(target):
            code = check_code(target, self.module_.styles.embedding_dim)
        else:
            number = label_number(self.classes_, target, "target")
            code = torch.tensor(number)
            if source is None:
                numbers.remove(number)
        return self._by_style(X, numbers, lambda x, style: self._carry(x, code, style))

    def encode(self, X, source=None):
        """Return what is said in every frame, as conversion uses it.

        Parameters
        ----------
        X : array or list of arrays (n_frames, n_features)
            As ``fit`` takes it.
        source : label, default=None
            Style of X. None takes whatever has a label of its own in ``fit``, a frame or a
            sequence, for one of the style that fits it best.

        Returns
        -------
        Z : array or list of arrays (n_frames, latent_dim)
            Means of ``q(z | x, a)`` less ``m_a``, their mean over all frames of the style in the
            fit. In the kind of container that X is, in its dtype.
        """
        check_is_fitted(self)
        return self._by_style(X, self._sources(source), self._said)

    def _sources(self, source):
        """Return the numbers of all styles that a source may have."""
        if source is None:
            return list(range(len(self.classes_)))
        return [label_number(self.classes_, source, "source")]

    def _without(self, label):
        """Return the numbers of all styles but one."""
        numbers = self._sources(None)
        if label is not None:
            numbers.remove(label_number(self.classes_, label, "without"))
        return numbers

    def _carry(self, x, code, style):
        """Carry frames of one style, given by its number, to that of a code; in float64."""
        said = self._said(x, style)
        decoded = self._decode(said + self._centre(code), code)
        if not self.ratio:
            return decoded
        return x + decoded - self._decode(said + self._centres[style], torch.tensor(style))

    def _fits(self, x, style):
        """Return how well a style, given by its number, fits every frame, (n_frames,)."""
        # A draw and its opposite, every number of which has a variance of 1, are enough to tell
        # styles apart.
        generator = torch.Generator().manual_seed(0)
        signs = 2.0 * torch.randint(2, (1, self.module_.latent_dim), generator=generator) - 1
        return self._bounds(x, torch.tensor(style), torch.cat([signs, -signs]).double())
