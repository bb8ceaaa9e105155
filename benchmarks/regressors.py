"""Regressors as voice converters on real speech: distortion, liveliness and seconds.

    python benchmarks/regressors.py --dev
    python benchmarks/regressors.py --family linear --max-train 10
    python benchmarks/regressors.py --corpus DIR --source SF1 --target TF1

Two families: ten regressors of scikit-learn, and our time-variant linear transformations, with
and without pairs.

Trains on the first 50 ids that match ``--train-ids`` (sorted as strings) and tests on those that
match ``--test-ids``. With ``--dev`` it tests on what is left of ``--train-ids``: every constant
below was chosen so. The clips are analysed once and aligned once, by the default converter, so
that all regressors learn the same pairs of frames. Rows called "unpaired" see the first half of
the source's sentences, the other half of the target's, and no pairs.

The distortion is that of the converted features, as ``converter.score`` tells it, without global
variance; the ratio is the mean over clips and columns of ``|log(variance of converted / variance
of target)|``, of frames that are not silent. Seconds are those of all streams, pitch and
breathiness too; those of the prediction are divided by the duration of the test clips (the
real-time factor).
"""

import argparse
import fnmatch
import os
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import BayesianRidge, Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle import make_voice_converter
from skstyle.compose._unpaired_streams import UnpairedStreams
from skstyle.datasets import corpus_sample_rate, load_parallel_corpus, match_utterances
from skstyle.features import MelCepstrum, SourceFilterVocoder
from skstyle.features._activity import active_frames
from skstyle.mapping import (
    CorrelationAlignment,
    FrequencyWarpingRegressor,
    GaussianTransport,
    JointGMMRegressor,
    KNNFrameRegressor,
    LocallyLinearRegressor,
    MixtureOfLinearRegressor,
    WhiteningColoring,
)
from skstyle.metrics import mel_cepstral_distortion
from skstyle.neural import NeuralTimeVariantRegressor
from skstyle.utils.pairing import fit_on_paths

SILENCE_DB = 30.0
ORDER = 24
N_GAUSSIAN_PROCESS = 1000


class SomeFramesGaussianProcess(GaussianProcessRegressor):
    """Gaussian process of a random part of the frames: all of them would need n² numbers."""

    def fit(self, X, y):
        """Fit on frames drawn at random."""
        n = min(len(X), N_GAUSSIAN_PROCESS)
        rows = np.random.default_rng(0).choice(len(X), n, replace=False)
        return super().fit(X[rows], y[rows])


class ManyOutputsNetwork(MLPRegressor):
    """Network that tells that it has many outputs, or trajectories fit one for each column."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def make_network():
    """Make a network between standardised features and standardised targets."""
    network = ManyOutputsNetwork(
        hidden_layer_sizes=(256, 256),
        alpha=10.0,
        early_stopping=True,
        n_iter_no_change=5,
        random_state=0,
    )
    network = TransformedTargetRegressor(network, transformer=StandardScaler())
    return make_pipeline(StandardScaler(), network)


def make_rows():
    """Yield name, regressor, frames of context and whether trajectories are made."""
    for n_context in (0, 5):
        for trajectory in (False, True):
            yield "Ridge", Ridge(), n_context, trajectory
    yield "PLSRegression", PLSRegression(24), 0, True
    yield "PLSRegression", PLSRegression(24), 5, False
    # Not standardised: their distance is then the one that is measured. Fewer columns are faster.
    neighbours = KNeighborsRegressor(60, weights="distance")
    neighbours_in_context = make_pipeline(PCA(40, random_state=0), neighbours)
    yield "KNeighborsRegressor", neighbours, 0, False
    yield "PCA(40) + KNeighborsRegressor", neighbours_in_context, 5, False
    yield "PCA(40) + KNeighborsRegressor", neighbours_in_context, 5, True
    boosting = HistGradientBoostingRegressor(max_iter=60, min_samples_leaf=50, random_state=0)
    yield "HistGradientBoosting", MultiOutputRegressor(boosting), 0, False
    trees = ExtraTreesRegressor(30, min_samples_leaf=5, random_state=0)
    yield "ExtraTreesRegressor", trees, 0, False
    yield "ExtraTreesRegressor", trees, 5, False
    yield "BayesianRidge", BayesianRidge(), 0, True
    yield "BayesianRidge", MultiOutputRegressor(BayesianRidge()), 5, False
    nystroem = Nystroem(gamma=3e-3, n_components=1500, random_state=0)
    nystroem = make_pipeline(nystroem, Ridge(0.3))
    yield "Nystroem + Ridge", nystroem, 5, False
    yield "Nystroem + Ridge", nystroem, 5, True
    process = SomeFramesGaussianProcess(
        RBF(4.0) + WhiteKernel(0.5), optimizer=None, normalize_y=True
    )
    yield "GaussianProcess, 1000 frames", process, 5, False
    yield "MLPRegressor", make_network(), 0, True
    yield "MLPRegressor", make_network(), 5, False
    yield "MLPRegressor", make_network(), 5, True
    yield "JointGMMRegressor", "jointgmm", 0, False
    yield "JointGMMRegressor", "jointgmm", 0, True
    mixture = JointGMMRegressor(16, reg_covar=0.1, random_state=0)
    yield "PCA(48) + JointGMMRegressor", make_pipeline(PCA(48, random_state=0), mixture), 5, True


def make_linear_rows():
    """Yield the same of the time-variant linear transformations."""
    for trajectory in (False, True):
        yield "one matrix", Ridge(), 0, trajectory
    for name, parameters in (
        ("hard classes", {"gate": "kmeans"}),
        ("weighted classes", {}),
        ("weighted, diagonal", {"structure": "diag"}),
        ("weighted, tri-diagonal", {"structure": "tridiag"}),
    ):
        for trajectory in (False, True):
            mixture = MixtureOfLinearRegressor(order=ORDER, random_state=0, **parameters)
            yield name, mixture, 0, trajectory
    yield "weighted classes", MixtureOfLinearRegressor(random_state=0), 2, True
    for warp in ("allpass", "dfw"):
        for trajectory in (False, True):
            warping = FrequencyWarpingRegressor(warp, order=ORDER, random_state=0)
            yield f"warping, {warp}", warping, 0, trajectory
    for method in ("embedding", "transformation"):
        for trajectory in (False, True):
            yield f"local, {method}", LocallyLinearRegressor(method=method), 0, trajectory
    local = make_pipeline(PCA(40, random_state=0), LocallyLinearRegressor())
    yield "PCA(40) + local, embedding", local, 5, True
    yield "nearest pairs", KNNFrameRegressor(), 0, False
    yield "neural", NeuralTimeVariantRegressor(random_state=0), 0, False
    for trajectory in (False, True):
        yield "JointGMMRegressor", "jointgmm", 0, trajectory
    for transport in (GaussianTransport, CorrelationAlignment, WhiteningColoring):
        for n_components in (1, 8):
            name = f"unpaired, {transport.__name__}({n_components})"
            yield name, transport(n_components=n_components, random_state=0), 0, False
    yield "unpaired, nearest frames", KNNFrameRegressor(dictionary="target"), 0, False


def variance_ratio(converted, wanted):
    """Return the mean of ``|log(variance / variance of the target)|`` of active frames."""
    ratios = []
    for pair in zip(converted, wanted, strict=True):
        a, b = (x[active_frames(x[:, 0], SILENCE_DB), 1:].var(axis=0) for x in pair)
        ratios.append(np.abs(np.log(a / b)))
    return float(np.mean(ratios))


def measure(rows, args, train, test):
    """Analyse, align, and print one line for every row."""
    rate = corpus_sample_rate(args.corpus, args.source, args.target)
    start = time.perf_counter()
    X, y, _ = load_parallel_corpus(args.corpus, args.source, args.target, ids=train + test)
    n = len(train)
    analysis, target = (SourceFilterVocoder(rate, n_jobs=args.n_jobs) for _ in "xy")
    source = analysis.fit(X[:n]).transform(X)
    targets = target.fit(y[:n]).transform(y[:n])
    standard = MelCepstrum(rate, learn_f0_range=False, n_jobs=args.n_jobs)
    wanted = standard.fit(y[n:]).transform(y[n:])
    analysed = time.perf_counter()
    default = make_voice_converter(rate, global_variance=0, n_jobs=args.n_jobs, random_state=0)
    paths = default.regressor.fit(source[:n], targets).paths_
    aligned = time.perf_counter()
    print(f"{args.source} -> {args.target}: {n} training pairs, {len(test)} test pairs")
    print(f"analysis {analysed - start:.1f} s, alignment {aligned - analysed:.1f} s")
    print(f"{'':34s} context  trajectory    MCD  |log GV|     fit  predict")
    mcep = target.feature_blocks_["mcep"]
    before = [x[:, mcep] for x in source[n:]]
    print(
        f"{'source':34s} {'':19s} {mel_cepstral_distortion(wanted, before):6.3f}"
        f" {variance_ratio(before, wanted):9.3f}"
    )
    duration = sum(map(len, X[n:])) / rate
    for name, regressor, n_context, trajectory in rows:
        start = time.perf_counter()
        if name.startswith("unpaired"):
            half = n // 2
            streams = UnpairedStreams(regressor, target.feature_blocks_, SILENCE_DB)
            streams.fit(source[:half], targets[half:])
        else:
            converter = make_voice_converter(
                rate, regressor, n_context=n_context, trajectory=trajectory, random_state=0
            )
            streams = converter.regressor.regressor
            with warnings.catch_warnings():
                # Some iterations stop at their limit.
                warnings.simplefilter("ignore", ConvergenceWarning)
                fit_on_paths(streams, source[:n], targets, paths)
        fitted = time.perf_counter()
        found = streams.predict(source[n:])
        end = time.perf_counter()
        # The level stays the source's: it tells which frames are compared.
        found = [x[:, mcep] for x in target.match_power(found, source[n:])]
        print(
            f"{name:34s} {n_context:7d}  {'yes' if trajectory else 'no':10s}"
            f" {mel_cepstral_distortion(wanted, found):6.3f} {variance_ratio(found, wanted):9.3f}"
            f" {fitted - start:6.1f}s {(end - fitted) / duration:8.4f}",
            flush=True,
        )


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
    parser.add_argument("--dev", action="store_true", help="test on training ids that are left")
    parser.add_argument("--family", choices=["scikit-learn", "linear"], default="scikit-learn")
    parser.add_argument("--only", default="*", help="shell pattern of names of rows")
    parser.add_argument("--n-jobs", type=int, default=1, help="of analysis and alignment")
    args = parser.parse_args()
    if args.corpus is None:
        parser.error("pass --corpus DIR, or set SKSTYLE_DATA")
    ids, _, _ = match_utterances(args.corpus, args.source, args.target)
    train = fnmatch.filter(ids, args.train_ids)
    test = train[args.max_train :] if args.dev else fnmatch.filter(ids, args.test_ids)
    train = train[: args.max_train]
    test = [i for i in test if i not in set(train)]
    make = make_linear_rows if args.family == "linear" else make_rows
    rows = [row for row in make() if fnmatch.fnmatch(row[0], args.only)]
    if not (train and test and rows):
        parser.error("no training ids, no test ids or no row matches")
    measure(rows, args, train, test)


if __name__ == "__main__":
    main()
