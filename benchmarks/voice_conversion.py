"""The main job on real speech: convert one speaker to another and measure it.

    python benchmarks/voice_conversion.py --corpus DIR --source SF1 --target TF1
    python benchmarks/voice_conversion.py --grid-search

Trains on the first 50 ids that match ``--train-ids`` (sorted as strings) and tests on those that
match ``--test-ids``. Prints the distortion before and after, on features and on waveforms,
and the seconds of every stage. ``--stages`` trains and converts again with cached analyses, to
time these alone. ``--grid-search`` searches the number of components by
cross-validation on the training ids, twice, to show what the cache saves.
"""

import argparse
import fnmatch
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold

from skstyle import audio, make_voice_converter
from skstyle.datasets import corpus_sample_rate, load_parallel_corpus, match_utterances
from skstyle.metrics import mel_cepstral_distortion


def convert(args, train, test):
    """Run the main job and print its figures."""
    rate = corpus_sample_rate(args.corpus, args.source, args.target)
    start = time.perf_counter()
    X, y, _ = load_parallel_corpus(args.corpus, args.source, args.target, ids=train)
    X_test, y_test, _ = load_parallel_corpus(args.corpus, args.source, args.target, ids=test)
    converter = make_voice_converter(
        rate,
        synthesis=args.synthesis,
        global_variance=args.global_variance,
        n_jobs=args.n_jobs,
        random_state=0,
        verbose=args.verbose,
    )
    converter.fit(X, y)
    fitted = time.perf_counter()
    converted = converter.predict(X_test)
    end = time.perf_counter()
    seconds = sum(map(len, X_test)) / rate
    after_features = -converter.score(X_test, y_test)
    measure = {"sample_rate": rate, "n_jobs": args.n_jobs, "average": False}
    before = mel_cepstral_distortion(y_test, X_test, **measure)
    after = mel_cepstral_distortion(y_test, converted, **measure)
    rounds = ", ".join(f"{d:.3f}" for d in converter.regressor_.distortion_)
    print(
        f"{args.source} -> {args.target}: {len(X)} training pairs, {len(X_test)} test pairs, "
        f"synthesis={args.synthesis!r}, global_variance={args.global_variance:g}"
    )
    print(f"MCD before                {before.mean():6.2f} dB")
    _print_after("features", after_features, before.mean())
    _print_after("waveforms", after.mean(), before.mean())
    print(f"better in                 {np.sum(after < before)} of {len(after)} clips (waveforms)")
    print(f"distance per round        {rounds}")
    print(f"read, analyse and fit     {fitted - start:6.1f} s")
    print(f"convert                   {end - fitted:6.1f} s")
    print(f"real-time factor          {(end - fitted) / seconds:6.3f}")
    print(f"whole run                 {end - start:6.1f} s")
    if args.stages:
        time_stages(converter, X, y, X_test, seconds)
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        for name, clip in zip(test, converted, strict=True):
            audio.write_clip(args.out / f"{name}.wav", clip, rate)


def time_stages(converter, X, y, X_test, seconds):
    """Train and convert with cached analyses, and print the seconds of these alone."""
    with tempfile.TemporaryDirectory() as folder:
        again = clone(converter).set_params(memory=folder)
        for kind in ("with analyses", "without"):
            start = time.perf_counter()
            again.fit(X, y)
            fitted = time.perf_counter()
            again.predict(X_test)
            end = time.perf_counter()
            print(f"train {kind:19s} {fitted - start:6.1f} s")
            share = (end - fitted) / seconds
            print(f"convert {kind:17s} {end - fitted:6.1f} s, {share:.3f} of real time")


def _print_after(what, after, before):
    print(f"MCD after, on {what:11s} {after:6.2f} dB  ({100 * (after / before - 1):+.1f} %)")


def grid_search(args, train):
    """Search the number of components twice, with a cache of analyses."""
    rate = corpus_sample_rate(args.corpus, args.source, args.target)
    X, y, _ = load_parallel_corpus(args.corpus, args.source, args.target, ids=train)
    grid = {"regressor__regressor__mcep__regressor__n_components": [2, 8, 32]}
    with tempfile.TemporaryDirectory() as folder:
        converter = make_voice_converter(rate, n_iter=1, memory=folder, random_state=0)
        for run in ("first", "second"):
            search = GridSearchCV(
                converter, grid, cv=KFold(3), n_jobs=args.n_jobs, error_score="raise"
            )
            start = time.perf_counter()
            search.fit(X, y)
            print(f"{run} search: {time.perf_counter() - start:.1f} s")
    results = search.cv_results_
    for params, mean, std in zip(
        results["params"], results["mean_test_score"], results["std_test_score"], strict=True
    ):
        print(f"n_components={next(iter(params.values())):3d}  -MCD {mean:.3f} ± {std:.3f} dB")
    print(f"best: {search.best_params_}, {search.best_score_:.3f} dB")


def main():
    """Parse the command line and run."""
    data = os.environ.get("SKSTYLE_DATA")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--corpus", type=Path, default=Path(data, "speech", "vcc2018") if data else None
    )
    parser.add_argument("--source", default="SF1")
    parser.add_argument("--target", default="TF1")
    parser.add_argument("--train-ids", default="100*", help="shell pattern")
    parser.add_argument("--test-ids", default="300*", help="shell pattern")
    parser.add_argument("--max-train", type=int, default=50)
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--synthesis", choices=("vocoder", "differential"), default="vocoder")
    parser.add_argument("--global-variance", type=float, default=1.0, help="0 to 1")
    parser.add_argument("--stages", action="store_true")
    parser.add_argument("--out", type=Path, help="folder for the converted clips")
    parser.add_argument("--grid-search", action="store_true")
    parser.add_argument("--verbose", type=int, default=0)
    args = parser.parse_args()
    if args.corpus is None:
        parser.error("pass --corpus DIR, or set SKSTYLE_DATA")
    ids, _, _ = match_utterances(args.corpus, args.source, args.target)
    train = fnmatch.filter(ids, args.train_ids)[: args.max_train]
    if args.grid_search:
        grid_search(args, train)
    else:
        test = fnmatch.filter(ids, args.test_ids)
        convert(args, train, [i for i in test if i not in set(train)])


if __name__ == "__main__":
    main()
