"""Seconds of one EM iteration beside sklearn.mixture.GaussianMixture, and their ratios.

    python benchmarks/bench_mixtures.py
    python benchmarks/bench_mixtures.py --frames 20000 --threads 1

Both begin from the same means and unit covariances; an iteration is one E step and one M step
with the factors of the covariances. All cases run in turn, round after round, and the best
round counts: what else the machine does hits all of them.
"""

import argparse
import time
import warnings
from contextlib import nullcontext

import numpy as np
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from skstyle.mapping._moments import em_sums, m_step

REG_COVAR = 1e-3


def main():
    """Parse the command line, run all cases and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--frames", type=int, default=50_000)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--components", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, help="of BLAS; default: all cores")
    parser.add_argument("--covariance-type", default="full", choices=["full", "tied", "diag"])
    args = parser.parse_args()
    print(
        f"one EM iteration, {args.frames} x {args.columns}, {args.components} components, "
        f"{args.covariance_type}; ratios to sklearn in float64 and in float32"
    )
    with threadpool_limits(args.threads) if args.threads else nullcontext():
        for name in ("white noise", "clusters"):
            X = make_frames(name, args.frames, args.columns, args.components)
            for row in measure(X, args.components, args.covariance_type, args.rounds):
                print(f"{name:12s} {row}", flush=True)


def make_frames(name, n_frames, n_columns, n_components):
    """Make standardised frames: noise, or as many clusters as components."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_frames, n_columns))
    if name == "clusters":
        X += 3.0 * rng.normal(size=(n_components, n_columns))[np.arange(n_frames) % n_components]
    return (X - X.mean(axis=0)) / X.std(axis=0)


def measure(X, n_components, covariance_type, n_rounds):
    """Yield a row of the table for each library and dtype."""
    cases = {}
    for dtype in (np.float64, np.float32):
        frames = X.astype(dtype)
        start = first_mixture(frames, n_components, covariance_type)
        bits = np.dtype(dtype).itemsize * 8
        cases[f"sklearn float{bits}"] = sklearn_iteration(frames, start, covariance_type)
        cases[f"skstyle float{bits}"] = our_iteration(frames, start, covariance_type)
    seconds = dict.fromkeys(cases, np.inf)
    for _ in range(n_rounds):
        for name, run in cases.items():
            begin = time.perf_counter()
            run()
            seconds[name] = min(seconds[name], time.perf_counter() - begin)
    for name, best in seconds.items():
        ratios = [seconds[f"sklearn float{bits}"] / best for bits in (64, 32)]
        yield f"{name}  {best:7.3f} s  {ratios[0]:6.2f} {ratios[1]:6.2f}"


def first_mixture(X, n_components, covariance_type):
    """Means are frames, one of each cluster if there are any; covariances are unit matrices."""
    n_columns = X.shape[1]
    covariances = {
        "full": np.repeat(np.eye(n_columns)[None], n_components, axis=0),
        "tied": np.eye(n_columns),
        "diag": np.ones((n_components, n_columns)),
    }[covariance_type]
    weights = np.full(n_components, 1.0 / n_components)
    return weights, X[:n_components].astype(np.float64), covariances


def our_iteration(X, start, covariance_type):
    """Return a function that runs one iteration of ours."""

    def run():
        moments = em_sums(X, *start, covariance_type, REG_COVAR)
        m_step(moments, covariance_type, REG_COVAR)

    return run


def sklearn_iteration(X, start, covariance_type):
    """Return a function that runs one iteration of scikit-learn's."""
    weights, means, covariances = (part.astype(X.dtype) for part in start)
    model = GaussianMixture(
        len(weights),
        covariance_type=covariance_type,
        reg_covar=REG_COVAR,
        max_iter=1,
        weights_init=weights,
        means_init=means,
        precisions_init=covariances,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X[: 4 * len(weights)])

    def run():
        model.weights_, model.means_ = weights, means
        model.precisions_cholesky_ = covariances
        _, log_resp = model._e_step(X)
        model._m_step(X, log_resp)

    return run


if __name__ == "__main__":
    main()
