"""What all maps between two domains of frames have in common."""

from abc import abstractmethod
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import check_scalar
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from ..utils.labels import choose_domains, find_classes, split_domains
from ..utils.validation import refuse_sequences
from ._class_maps import apply_class_maps, fit_class_maps
from ._transport import shrunk_covariances


def _is_one_map(self):
    """Tell whether there is a way back: a weighted sum of several maps has none."""
    if self.n_components != 1:
        raise AttributeError(
            f"With n_components={self.n_components} the map depends on the frame and has no "
            "inverse in closed form. Use n_components=1, or fit with the other domain as target."
        )
    return True


class DomainMap(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Base of affine maps from source domains to a target domain, learned without pairs.

    A subclass writes ``_linear_map``.
    """

    def __init__(
        self, target=None, *, source=None, shrinkage=0.3, n_components=1, random_state=None
    ):
        self.target = target
        self.source = source
        self.shrinkage = shrinkage
        self.n_components = n_components
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.one_d_labels = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @staticmethod
    @abstractmethod
    def _linear_map(source, target):
        """Matrix that carries one covariance to another."""

    def fit(self, X, y):
        """Measure the frames of both sides.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            Frames of all domains, in any order. Silence is better left out.
        y : array-like of shape (n_frames,)
            Domain of every frame, such as the speaker: strings or numbers.

        Returns
        -------
        self : DomainMap

        Raises
        ------
        ValueError
            When there are no two domains, `target` or `source` is none of them, or a
            parameter is out of range.
        """
        self._check_parameters()
        refuse_sequences(X)
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32], ensure_min_samples=2)
        self.classes_ = find_classes(y)
        self.target_, label = choose_domains(self.classes_, self.target, self.source)
        at_source, at_target = split_domains(y, self.target_, label)
        source, target = X[at_source], X[at_target]
        self.mean_source_ = source.mean(axis=0, dtype=np.float64)
        self.mean_target_ = target.mean(axis=0, dtype=np.float64)
        covariances = shrunk_covariances(source, target, self.shrinkage)
        self.coef_ = self._linear_map(*covariances)
        self.intercept_ = self.mean_target_ - self.coef_ @ self.mean_source_
        # The way back is the map from target to source.
        self._inverse_coef = self._linear_map(*covariances[::-1])
        self._class_maps = None
        if self.n_components > 1:
            self._class_maps = fit_class_maps(
                self._move(source),
                target.astype(np.float64, copy=False),
                self._linear_map,
                self.n_components,
                self.random_state,
            )
        return self

    def transform(self, X):
        """Map frames of the source to the target.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)
            All of them are taken for frames of the source.

        Returns
        -------
        Y : ndarray of shape (n_frames, n_features)
            The dtype is that of X.

        Raises
        ------
        ValueError, TypeError
            Before ``fit``, when X is a list of sequences, not finite, or has another number of
            columns than that of ``fit``.
        """
        X = self._check_frames(X)
        Y = self._move(X)
        if self._class_maps is not None:
            Y = apply_class_maps(Y, self._class_maps)
        return Y.astype(X.dtype, copy=False)

    @available_if(_is_one_map)
    def inverse_transform(self, X):
        """Map frames of the target to the source.

        Only with ``n_components=1``. It undoes `transform` where the source's covariance has
        full rank, which any `shrinkage` above zero provides.

        Parameters
        ----------
        X : array-like of shape (n_frames, n_features)

        Returns
        -------
        Y : ndarray of shape (n_frames, n_features)
            The dtype is that of X.

        Raises
        ------
        ValueError, TypeError
            As in :meth:`transform`.
        """
        X = self._check_frames(X)
        Y = (X - self.mean_target_) @ self._inverse_coef.T + self.mean_source_
        return Y.astype(X.dtype, copy=False)

    def _move(self, X):
        """Map all frames alike; float64."""
        return (X - self.mean_source_) @ self.coef_.T + self.mean_target_

    def _check_frames(self, X):
        check_is_fitted(self)
        refuse_sequences(X)
        return validate_data(self, X, reset=False, dtype=[np.float64, np.float32])

    # --- checks ---------------------------------------------------------------------------

    def _check_parameters(self):
        check_scalar(self.n_components, "n_components", Integral, min_val=1)
        if isinstance(self.shrinkage, str):
            if self.shrinkage != "auto":
                raise ValueError(
                    f"shrinkage must be 'auto' or between 0 and 1, got {self.shrinkage!r}."
                )
            return
        check_scalar(self.shrinkage, "shrinkage", Real, min_val=0, max_val=1)
