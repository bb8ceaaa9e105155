"""Bringing compressed frames to a style, by descent or in closed form."""

from functools import partial

import numpy as np
from scipy.ndimage import gaussian_filter

from ._chunk_descent import descend_in_chunks
from ._descent import descend
from ._envelopes import (
    energy_envelope_distance,
    likeness,
    log_energies,
    spectral_envelope_distance,
)
from ._infinite_style import InfiniteStyleLoss, is_infinite
from ._style import check_layer_weights
from ._style_loss import StyleLoss
from ._style_meter import padded
from ._style_statistics import STATISTICS
from ._torch_setup import as_tensor, one_thread
from ._whitening_coloring import NAME as CLOSED_FORM
from ._whitening_coloring import whiten_and_color

# Of noise: deviations over which it is smoothed, in frames and bins, and the share of its variance
# that all bins of a frame have in common. Neighbours in spectrograms of textures are as alike.
GRAIN = (1.0, 0.7)
COMMON = 0.4


def noise_like(style, n_frames, rng):
    """Make noise with the mean and the spread that every bin of a style has.

    Parameters
    ----------
    style : Style
    n_frames : int
    rng : numpy.random.Generator

    Returns
    -------
    z : float32 ndarray of shape (n_frames, n_bins)
        Neighbours in time and frequency are alike: white noise is no spectrogram of any sound, and
        descent does not make it one.
    """
    mean, spread, largest = style.spectrum
    grain = _smooth(rng.standard_normal((n_frames, len(mean)), dtype=np.float32), GRAIN)
    common = _smooth(rng.standard_normal((n_frames, 1), dtype=np.float32), (GRAIN[0], 0))
    noise = np.float32(np.sqrt(1 - COMMON)) * grain + np.float32(np.sqrt(COMMON)) * common
    return np.clip(mean + spread * noise, 0, largest.max())


def _smooth(noise, deviations):
    """Smooth noise, and bring it back to a mean square of 1."""
    noise = gaussian_filter(noise, deviations, mode="wrap")
    return noise / np.sqrt(np.mean(noise**2))


def approach_style(model, start, content):
    """Bring compressed frames to the style of a fitted model.

    Parameters
    ----------
    model : GramStyleTransformer
    start : float32 ndarray of shape (n_frames, n_bins)
        Where descent begins.
    content : float32 ndarray of shape (n_frames, n_bins) or None
        Without one, what comes out is a texture.

    Returns
    -------
    z : float32 ndarray of shape (n_frames, n_bins)
    curve : ndarray of shape (n_steps + 1,)
        Losses at the start and after every step.
    content_loss, style_loss : float
        At the end, without weights.
    """
    # No bin gets louder than the loudest of the style, or of the start.
    upper = max(model.style_.spectrum[2].max(), start.max())
    activations = model.features_.build(start.shape[1], model.device)
    make_loss = partial(_make_loss, model, activations)
    with one_thread():
        if model.style_statistic == CLOSED_FORM:
            z, *losses = _step(model, make_loss(content), start, content, upper)
        else:
            z, *losses = descend_in_chunks(
                partial(descend, upper=upper, max_iter=model.max_iter, tol=model.tol),
                make_loss,
                start,
                content,
                pad=partial(padded, n_frames=model.features_.widest),
                chunk_length=model.chunk_length,
                overlap=model.overlap,
                max_seconds=model.max_seconds,
            )
    if content is not None and model.init == "content":
        # Statistics do not tell where a content is silent.
        z = np.where(content.any(axis=1, keepdims=True), z, np.float32(0))
    return z, *losses


def _make_loss(model, activations, content):
    """Return the loss of a chunk with its content, or of a texture."""
    loss = InfiniteStyleLoss if is_infinite(model.features_) else StyleLoss
    return loss(
        activations,
        STATISTICS[model.style_statistic],
        model.style_,
        layer_weights=check_layer_weights(model.layer_weights, len(model.style_.layers)),
        content_weight=0.0 if content is None else model.content_weight,
        style_weight=model.style_weight,
        content=content,
        terms=list(_make_terms(model, content)),
        device=model.device,
    )


def _make_terms(model, content):
    """Yield weights and further losses, of what the chunk has."""

    tensor = partial(as_tensor, device=model.device)

    if model.envelope_weight and content is not None:
        energies = log_energies(tensor(content))
        yield model.envelope_weight, partial(energy_envelope_distance, energies=energies)
    if model.spectral_envelope_weight:
        spectrum = tensor(model.style_.spectrum[0])
        term = partial(spectral_envelope_distance, spectrum=spectrum)
        yield model.spectral_envelope_weight, term
    if model.diversity_weight and content is None:
        yield model.diversity_weight, partial(likeness, reference=tensor(model._repeated))


def _step(model, loss, start, content, upper):
    """Whiten and colour, as a descent of one step."""
    z, ends = start, [loss.values(start)]
    if model.max_iter:
        layer = model.style_.layers[0]
        z = np.clip(whiten_and_color(start, layer["mean"], layer["covariance"]), 0, upper)
        if content is not None:
            # What is nearest to both, in mean squares of frames.
            share = model.style_weight / (model.style_weight + model.content_weight)
            z = content + z.dtype.type(share) * (z - content)
        ends.append(loss.values(z))
    curve = ends @ np.array([loss.content_weight, loss.style_weight])
    return z, curve, *ends[-1]
