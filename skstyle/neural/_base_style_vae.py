"""What variational autoencoders that are told styles have in common."""

from numbers import Integral

import numpy as np
import torch
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils import check_scalar

from ..utils.labels import choose_domains, find_classes, label_number
from ._base_vae import BaseVAE
from ._style_code import check_code


class BaseStyleVAE(OneToOneFeatureMixin, BaseVAE):
    """Base of autoencoders that carry what they are given to another style.

    A subclass has the parameters ``target``, ``source``, ``style_dim`` and ``ratio`` too, and a
    method ``convert(X, target, source=None)``.
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
            self._check_same_size()
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
        try:
            n_epochs = self.n_epochs - len(self._training["rows"])
            self._go_on(train, held_out, n_epochs, self.callbacks)
        finally:
            found = [self._encode(x, torch.tensor(i)) for x, i in zip(items, styles, strict=True)]
            means, log_variances = map(np.concatenate, zip(*found, strict=True))
            self._measure_latent(means, log_variances)
            owners = np.repeat(styles, [len(x) for x in items])
            self._centres = np.array(
                [means[owners == i].mean(axis=0) for i in range(len(self.classes_))]
            )
        return self

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
            As ``convert`` takes it, of `source`; without it, of the style, the target's left out,
            that fits it best.

        Returns
        -------
        Y : as X
            In its dtype.
        """
        return self.convert(X, self.target_, self._source)

    def _choose(self, target, source):
        """Return the code of a target, and the numbers of all styles that a source may have."""
        numbers = list(range(len(self.classes_)))
        if np.ndim(target):
            code = check_code(target, self.module_.styles.embedding_dim)
        else:
            code = torch.tensor(label_number(self.classes_, target, "target"))
            numbers.remove(int(code))
        if source is not None:
            numbers = [label_number(self.classes_, source, "source")]
        return code, numbers

    def _without(self, label):
        """Return the numbers of all styles but one."""
        numbers = list(range(len(self.classes_)))
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

    def _best_fit(self, x, numbers):
        """Return which of some styles fits frames best, all of them together."""
        if len(numbers) == 1:
            return numbers[0]
        bounds = [self._bounds(x, torch.tensor(i)).mean() for i in numbers]
        return numbers[int(np.argmax(bounds))]
