"""The recipe of Ulyanov and Lebedev for audio style transfer, as a peer to measure beside.

    python benchmarks/ulyanov_lebedev.py CONTENT STYLE OUT --sample-rate 22050

Written from its description [1]_, with its constants, which nobody tuned here: logarithmic
magnitudes with frequency bins as channels, one layer of random filters over time, a rectifier,
Gram matrices, L-BFGS from noise, and Griffin-Lim from random phases. It prints the seconds of
each part. Needs torch and librosa.

.. [1] D. Ulyanov and V. Lebedev, "Audio texture synthesis and style transfer", 2016.
   https://dmitryulyanov.github.io/audio-texture-synthesis-and-style-transfer/
"""

import argparse
import time

import librosa
import numpy as np
import torch
from scipy.optimize import minimize

from skstyle.audio import read_clip, write_clip

# Deviation of the noise that the descent begins at.
START = 1e-3


def ulyanov_lebedev(
    content,
    style,
    *,
    n_fft=2048,
    n_filters=4096,
    kernel_width=11,
    n_iter=300,
    content_weight=1e-2,
    n_griffin_lim=500,
    seed=0,
    seconds=None,
):
    """Give a signal the style of another.

    Parameters
    ----------
    content, style : ndarrays of shape (n_times,)
        At one sample rate.
    n_fft : int, default=2048
        Samples of a frame; a quarter of it lies between frames.
    n_filters : int, default=4096
    kernel_width : int, default=11
        In frames.
    n_iter : int, default=300
        Of L-BFGS.
    content_weight : float, default=0.01
        0 makes a texture as long as the content.
    n_griffin_lim : int, default=500
    seed : int, default=0
        Draws filters, the start and the phases.
    seconds : dict, optional
        Filled with the seconds of "descent" and "phases".

    Returns
    -------
    out : float32 ndarray of shape (n_times,)
        As long as the content.
    """
    begin = time.perf_counter()
    P, S = (_log_magnitude(x, n_fft) for x in (content, style))
    n_bins, n_frames = P.shape
    generator = torch.Generator().manual_seed(seed)
    # sqrt(2) for the rectifier, on the scale of Glorot for as many channels in and out.
    scale = 2**0.5 * (2 / ((n_bins + n_filters) * kernel_width)) ** 0.5
    kernel = torch.randn(n_filters, n_bins, kernel_width, generator=generator) * scale
    with torch.no_grad():
        wanted, gram = _activations(P, kernel), _gram(_activations(S, kernel))

    def loss(x):
        z = torch.from_numpy(x.reshape(n_bins, n_frames).astype(np.float32)).requires_grad_()
        F = _activations(z, kernel)
        total = content_weight * (F - wanted).square().sum() + (_gram(F) - gram).square().sum()
        (gradient,) = torch.autograd.grad(total, z)
        return total.item(), gradient.numpy().ravel().astype(np.float64)

    start = START * torch.randn(n_bins, n_frames, generator=generator)
    found = minimize(
        loss,
        start.numpy().ravel().astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": n_iter},
    )
    magnitude = np.expm1(np.maximum(found.x.reshape(n_bins, n_frames), 0)).astype(np.float32)
    middle = time.perf_counter()
    out = librosa.griffinlim(
        magnitude, n_iter=n_griffin_lim, n_fft=n_fft, length=len(content), random_state=seed
    )
    if seconds is not None:
        seconds.update(descent=middle - begin, phases=time.perf_counter() - middle)
    return out


def _log_magnitude(x, n_fft):
    """Return ``log(1 + |S|)``, of shape (n_bins, n_frames)."""
    magnitude = np.abs(librosa.stft(np.asarray(x, dtype=np.float32), n_fft=n_fft))
    return torch.from_numpy(np.log1p(magnitude))


def _activations(z, kernel):
    """Return the rectified activations, where the filters lie within the clip."""
    return torch.conv1d(z[None], kernel)[0].relu()


def _gram(F):
    return F @ F.T / F.shape[1]


def main():
    """Transfer one clip to another and tell the seconds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("content")
    parser.add_argument("style")
    parser.add_argument("out")
    parser.add_argument("--sample-rate", type=int, default=22050)
    parser.add_argument("--filters", type=int, default=4096)
    parser.add_argument("--iterations", type=int, default=300)
    parser.add_argument("--griffin-lim", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2, help="of torch")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rate, seconds = args.sample_rate, {}
    content, style = (read_clip(p, sample_rate=rate)[0] for p in (args.content, args.style))
    out = ulyanov_lebedev(
        content,
        style,
        n_filters=args.filters,
        n_iter=args.iterations,
        n_griffin_lim=args.griffin_lim,
        seed=args.seed,
        seconds=seconds,
    )
    write_clip(args.out, out, rate)
    parts = ", ".join(f"{name} {s:.1f} s" for name, s in seconds.items())
    print(f"{sum(seconds.values()):.1f} s on {torch.get_num_threads()} threads: {parts}")


if __name__ == "__main__":
    main()
