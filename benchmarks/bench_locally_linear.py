"""Frames a second of locally linear regression, beside a loop over frames.

    python benchmarks/bench_locally_linear.py
    python benchmarks/bench_locally_linear.py --columns 264 --threads 1

The loop does for one frame after another what the batch does for blocks of them: distances to
all exemplars, a partial sort, and the regularised system of the neighbours. Both find the same,
up to rounding. All cases run in turn, round after round, and the best round counts: what else
the machine does hits all of them. Neighbours are selected once; for `joint_selection` everything
happens twice, in the batch as in a loop. The columns move slowly, as those of speech do.
"""

import argparse
import time
from contextlib import nullcontext

import numpy as np
from threadpoolctl import threadpool_limits

from skstyle.mapping import LocallyLinearRegressor

REG = 0.1


def main():
    """Parse the command line, run all cases and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--exemplars", type=int, default=35_000)
    parser.add_argument("--frames", type=int, default=4_000, help="of the batch")
    parser.add_argument("--loop-frames", type=int, default=100, help="of the loop")
    parser.add_argument("--columns", type=int, default=24)
    parser.add_argument("--neighbors", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, help="of BLAS; default: all cores")
    args = parser.parse_args()
    print(
        f"{args.exemplars} exemplars x {args.columns} columns, {args.neighbors} neighbours: "
        "frames a second, ratio to the loop, largest difference"
    )
    with threadpool_limits(args.threads) if args.threads else nullcontext():
        for row in measure(args):
            print(row, flush=True)


def make_frames(n_frames, n_columns, dtype):
    """Make columns that wander slowly, and targets that are a bent map of them."""
    rng = np.random.default_rng(0)
    X = np.empty((n_frames, n_columns))
    X[0] = rng.normal(size=n_columns)
    steps = rng.normal(size=X.shape)
    for t in range(1, n_frames):
        X[t] = 0.95 * X[t - 1] + 0.3 * steps[t]
    y = np.tanh(X @ rng.normal(size=(n_columns, 24)) / np.sqrt(n_columns))
    return X.astype(dtype), y.astype(dtype)


def measure(args):
    """Yield a row of the table for each method, dtype and way."""
    cases = {}
    for method in ("embedding", "transformation"):
        for dtype in (np.float64, np.float32):
            X, y = make_frames(args.exemplars + args.frames, args.columns, dtype)
            model = LocallyLinearRegressor(
                args.neighbors, method=method, reg=REG, joint_selection=False
            ).fit(X[: args.exemplars], y[: args.exemplars])
            queries = X[args.exemplars :]
            name = f"{method} float{np.dtype(dtype).itemsize * 8}"
            cases[name] = (model, queries, queries[: args.loop_frames])
    seconds = {(name, way): np.inf for name in cases for way in ("loop", "batch")}
    found = {}
    for _ in range(args.rounds):
        for name, (model, queries, few) in cases.items():
            for way, run, frames in (("loop", loop, few), ("batch", batch, queries)):
                begin = time.perf_counter()
                found[name, way] = run(model, frames)
                spent = (time.perf_counter() - begin) / len(frames)
                seconds[name, way] = min(seconds[name, way], spent)
    for name in cases:
        slow, fast = (seconds[name, way] for way in ("loop", "batch"))
        one, many = (found[name, way] for way in ("loop", "batch"))
        difference = np.abs(one - many[: len(one)]).max()
        yield f"{name:23s} loop  {1 / slow:9.0f}"
        yield f"{name:23s} batch {1 / fast:9.0f}  {slow / fast:6.1f}  {difference:.1e}"


def batch(model, frames):
    """Map all frames by the estimator."""
    return model.predict(frames)


def loop(model, frames):
    """Map one frame after another."""
    maps = {"embedding": embed_one, "transformation": transform_one}
    return np.array([maps[model.method](x, *neighbours_of_one(model, x)) for x in frames])


def neighbours_of_one(model, x):
    """Return the nearest exemplars of one frame, and their targets."""
    distances = ((model.exemplars_x_ - x) ** 2).sum(axis=1)
    rows = np.argpartition(distances, model.n_neighbors - 1)[: model.n_neighbors]
    return model.exemplars_x_[rows], model.exemplars_y_[rows]


def embed_one(x, neighbours, targets):
    """Add up the targets by the weights of locally linear embedding."""
    differences = neighbours - x
    gram = differences @ differences.T
    gram += REG * np.trace(gram) * np.eye(len(gram), dtype=gram.dtype)
    weights = np.linalg.solve(gram, np.ones(len(gram), dtype=gram.dtype))
    return weights / weights.sum() @ targets


def transform_one(x, neighbours, targets):
    """Map one frame by a tri-diagonal matrix, row by row."""
    r = REG * ((neighbours - x) ** 2).sum(axis=1).mean()
    mean, mean_target = neighbours.mean(axis=0), targets.mean(axis=0)
    centred, y = neighbours - mean, mean_target.copy()
    for j in range(len(y)):
        columns = slice(max(0, j - 1), j + 2)
        C = centred[:, columns]
        moments = C.T @ C / len(C) + r * np.eye(C.shape[1], dtype=C.dtype)
        right = C.T @ (targets[:, j] - mean_target[j]) / len(C)
        y[j] += (x - mean)[columns] @ np.linalg.solve(moments, right)
    return y


if __name__ == "__main__":
    main()
