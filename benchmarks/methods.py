"""Methods of every family on one pair of voices, in one table: docs/measured/main_pair.rst.

    python benchmarks/methods.py
    python benchmarks/methods.py --corpus DIR --source SF1 --target TF1
    python benchmarks/methods.py --only "*GMM*" --out page.rst

Trains on the first 50 ids that match ``--train-ids`` (sorted as strings) and tests on those that
match ``--test-ids``. Every method has its default setting, unless the page tells otherwise, and
makes waveforms, which ``style_report`` measures. Methods with pairs hear both voices say the same
sentences; those without hear the first half of the sentences by the source, and the other half by
the target.

Seconds of the fit are without the analysis of the training clips, which is cached, but for style
transfer, whose analysis is its own. The real-time factor has all of it: analysis, conversion and
synthesis. Both count the time of the processor, on one thread, so that other work on the machine
matters little. The page is written by this script alone.
"""

import argparse
import ast
import fnmatch
import os
import platform
import shlex
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from skstyle import (
    FrequencyWarpingRegressor,
    GaussianTransport,
    KNNFrameRegressor,
    LocallyLinearRegressor,
    MixtureOfLinearRegressor,
    SourceFilterVocoder,
    VAEConverter,
    make_style_transfer,
    make_unpaired_converter,
    make_voice_converter,
)
from skstyle.compose._vae_converter import default_vae
from skstyle.datasets import corpus_sample_rate, load_parallel_corpus, match_utterances
from skstyle.metrics import style_report
from skstyle.metrics._report_table import mean_with_spread, number

PAGE = Path(__file__).parents[1] / "docs" / "measured" / "main_pair.rst"
PACKAGES = ("skstyle", "numpy", "scipy", "scikit-learn", "torch")
PAIRS, VOICES, STYLE = "pairs", "two voices", "target alone"
# Name, what it learns from, and how it is built: the page shows the very expressions.
METHODS = (
    ("linear", PAIRS, lambda rate, target: make_voice_converter(rate, Ridge())),
    ("joint GMM", PAIRS, lambda rate, target: make_voice_converter(rate, random_state=0)),
    (
        "joint GMM, differential",
        PAIRS,
        lambda rate, target: make_voice_converter(rate, synthesis="differential", random_state=0),
    ),
    (
        "mixture of linear maps",
        PAIRS,
        lambda rate, target: make_voice_converter(rate, MixtureOfLinearRegressor(random_state=0)),
    ),
    (
        "local linear maps",
        PAIRS,
        lambda rate, target: make_voice_converter(rate, LocallyLinearRegressor()),
    ),
    (
        "frequency warping",
        PAIRS,
        lambda rate, target: make_voice_converter(
            rate, FrequencyWarpingRegressor("dfw", random_state=0)
        ),
    ),
    (
        "nearest pairs of frames",
        PAIRS,
        lambda rate, target: make_voice_converter(rate, KNNFrameRegressor()),
    ),
    (
        "scikit-learn's neighbours",
        PAIRS,
        lambda rate, target: make_voice_converter(
            rate,
            make_pipeline(PCA(40, random_state=0), KNeighborsRegressor(60, weights="distance")),
            n_context=5,
        ),
    ),
    ("nearest frames", VOICES, lambda rate, target: make_unpaired_converter(rate, target=target)),
    (
        "Gaussian transport",
        VOICES,
        lambda rate, target: make_unpaired_converter(rate, GaussianTransport(), target=target),
    ),
    (
        "autoencoder",
        VOICES,
        lambda rate, target: VAEConverter(SourceFilterVocoder(rate), target=target),
    ),
    ("style transfer", STYLE, lambda rate, target: make_style_transfer(rate, random_state=0)),
)
COLUMNS = (
    ("mel_cepstral_distortion", "MCD, dB", 2, 1),
    ("log_f0_rmse", "log-F0 RMSE", 3, 1),
    ("log_f0_correlation", "log-F0 corr.", 2, 1),
    ("voicing_error", "V/UV error, %", 1, 100),
    ("global_variance_log_ratio", "GV log-ratio", 2, 1),
    ("modulation_spectrum_rmse", "MS RMSE, dB", 2, 1),
)
TEMPLATE = """\
.. Written by benchmarks/methods.py: changes made here are lost.

{title}
{underline}

{source} is converted to {target} after {n_train} training sentences of each, and {n_test} other
sentences are measured as waveforms, by :func:`~skstyle.metrics.style_report`. Every method has its
default setting, unless it is built otherwise below (`How the methods are built`_). Distortions of
the same methods on features, or by WORLD, are other ones: :ref:`one-method-five-distortions`.

{figures}
The row *source* is no conversion at all; *analysis-synthesis* is the target through the vocoder
that makes the sound of most methods, which they can hardly pass; *target* is the target itself.
{left_out}
*Pairs* are the same sentences by both voices. *Two voices* are one half of the sentences by the
source and the other half by the target: none in common. *Target alone* are the target's.

{reading}What the columns mean
---------------------

MCD
   Mel-cepstral distortion of the waveforms, analysed anew: how far timbre is from the target's.
log-F0 RMSE and correlation
   Of the logarithm of pitch, where both are voiced. The first tells level and melody, the second
   the melody alone, which stays the source's in all methods.
V/UV error
   Share of frames that are voiced on one side only.
GV log-ratio
   Mean magnitude of the logarithm of the ratio of variances along time: 0 is as lively as the
   target, and muffled speech is far from it.
MS RMSE
   Distance of modulation spectra: movements of timbre that are missing, or too many. It is small
   for all natural speech, the source's too: read it beside MCD.
fit, s
   Seconds of the fit, without the analysis of training clips, which is cached; with it for style
   transfer, which has its own.
real-time factor
   Seconds of conversion, with analysis and synthesis, over seconds of sound.

Frames are aligned by dynamic time warping, and silence is left out. After ± stands half the width
of the {confidence:g} % interval of the mean over clips: how far other sentences would have moved
it. Voices, training sentences and seeds are the same throughout.

How the methods are built
-------------------------

{built}
How to make this page
---------------------

.. code-block:: console

   $ {command}

Seconds are those of the processor, on one thread of {machine}, with Python {python} and {versions}.
"""
READING = """\
What it shows
-------------

* **Order.** *{nearest}* is the nearest to the target, *{farthest}* the farthest. Those that hear
  pairs of sentences come to {pairs[0]:.2f} to {pairs[1]:.2f} dB, those that hear two voices to
  {voices[0]:.2f} to {voices[1]:.2f} dB. Not converted it is {source[mcd]:.2f} dB, and the vocoder
  alone costs {copy[mcd]:.2f} dB.
* **Liveliness has a price.** A post-filter gives most methods the variance of the target: the GV
  log-ratio of *joint GMM* is {gmm[gv]:.2f}. It costs about half a decibel (:doc:`figures_voices`
  has figures with it and without). *Autoencoder* has none, and is muffled, at {vae[gv]:.2f}: read
  MCD and GV log-ratio together.
* **The melody stays.** From *source* to *joint GMM* the log-F0
  RMSE goes from {source[f0]:.3f} to {gmm[f0]:.3f}, the correlation from {source[corr]:.2f} to
  {gmm[corr]:.2f}: one line shifts and stretches the contour, so that its mean and spread are the
  target's, and its course the source's.

"""
# What the reading speaks of; without these rows there is none.
READ_ROWS = {
    "source": "source",
    "gmm": "joint GMM",
    "vae": "autoencoder",
    "copy": "analysis-synthesis",
}
READ_COLUMNS = {
    "mcd": "mel_cepstral_distortion",
    "gv": "global_variance_log_ratio",
    "f0": "log_f0_rmse",
    "corr": "log_f0_correlation",
}


def reading(report, heard):
    """Tell what the table shows, if it has the rows that this is about."""
    if not set(READ_ROWS.values()) <= set(report):
        return ""
    rows = {
        short: {key: report[name][column]["mean"] for key, column in READ_COLUMNS.items()}
        for short, name in READ_ROWS.items()
    }
    distortion = {name: report[name][READ_COLUMNS["mcd"]]["mean"] for name in heard}

    def ends(kind):
        values = [distortion[name] for name in heard if heard[name] == kind]
        return min(values), max(values)

    return READING.format(
        nearest=min(distortion, key=distortion.get),
        farthest=max(distortion, key=distortion.get),
        pairs=ends(PAIRS),
        voices=ends(VOICES),
        **rows,
    )


def expressions():
    """Return the source of every method's expression, by name."""
    script = ast.parse(Path(__file__).read_text("utf-8"))
    assignments = (node for node in script.body if isinstance(node, ast.Assign))
    methods = next(a.value for a in assignments if ast.unparse(a.targets[0]) == "METHODS")
    rows = (row.elts for row in methods.elts)
    return {name.value: ast.unparse(build.body) for name, _, build in rows}


def quick(method, hears, rate, target):
    """Make what analyses the same clips in the same way, and learns little."""
    if hears == PAIRS:
        parts = {"trajectory": False, "global_variance": 0, "n_iter": 1}
        return make_voice_converter(rate, Ridge(), **parts)
    if isinstance(method, VAEConverter):
        return clone(method).set_params(vae=default_vae().set_params(n_epochs=0))
    return make_unpaired_converter(rate, GaussianTransport(), target=target)


def fit_and_convert(name, hears, build, clips, voices, rate, memory):
    """Return converted clips, and seconds of the fit and of the conversion."""
    X, y, X_test = clips
    source, target = voices
    method = build(rate, target)
    half = len(X) // 2
    data = {
        PAIRS: (X, y),
        VOICES: ([*X[:half], *y[half:]], np.repeat([source, target], [half, len(y) - half])),
        STYLE: (y,),
    }[hears]
    if hears != STYLE:
        quick(method, hears, rate, target).set_params(memory=memory).fit(*data)
        method.set_params(memory=memory)
    start = time.process_time()
    method.fit(*data)
    fit = time.process_time() - start
    if hears != STYLE:
        method.set_params(memory=None)
    convert = method.transform if hears == STYLE else method.predict
    convert(X_test[:1])  # what is compiled when it is first used
    start = time.process_time()
    converted = convert(X_test)
    seconds = fit, time.process_time() - start
    print("{:28s} fit {:6.1f} s, convert {:6.1f} s".format(name, *seconds), flush=True)
    return converted, seconds


def run(args, train, test):
    """Convert by all methods, and return the report."""
    rate = corpus_sample_rate(args.corpus, args.source, args.target)
    X, y, _ = load_parallel_corpus(args.corpus, args.source, args.target, ids=train + test)
    n, voices = len(train), (args.source, args.target)
    clips = X[:n], y[:n], X[n:]
    converted, seconds = {}, {}
    with tempfile.TemporaryDirectory() as memory:
        for name, hears, build in args.methods:
            converted[name], seconds[name] = fit_and_convert(
                name, hears, build, clips, voices, rate, memory
            )
    return style_report(
        y[n:],
        converted,
        X[n:],
        sample_rate=rate,
        seconds=seconds,
        confidence=args.confidence,
        output="dict",
        verbose=1,
    )


def list_table(rows, *options):
    """Write a table of reStructuredText, its first row the heading."""
    lines = [".. list-table::", "   :header-rows: 1", *(f"   {option}" for option in options), ""]
    for row in rows:
        for i, cell in enumerate(row):
            lines.append(f"   {'*' if i == 0 else ' '} - {cell}".rstrip())
    return "\n".join(lines) + "\n"


def figures(report, heard):
    """Return the rows of the main table."""
    yield ["", "learns from", *(title for _, title, *_ in COLUMNS), "fit, s", "real-time factor"]
    for name, row in report.items():
        cells = [
            mean_with_spread(*(row[key][k] for k in ("mean", "low", "high")), digits, scale)
            for key, _, digits, scale in COLUMNS
        ]
        speeds = [""] * 2
        if name in heard:
            speeds = [number(row["fit_seconds"], 1), number(row["real_time_factor"], 3)]
        yield [name, heard.get(name, ""), *cells, *speeds]


def left_out(report):
    """Tell how many clips of which rows have no value."""
    found = [
        f"{len(row[key]['values']) - row[key]['n_clips']} of {name} ({title})"
        for name, row in report.items()
        for key, title, *_ in COLUMNS
        if row[key]["n_clips"] < len(row[key]["values"])
    ]
    return f"Clips left out, without a value: {', '.join(found)}.\n" if found else ""


def write_page(report, args, n_train, n_test):
    """Put the page together."""
    heard = {name: hears for name, hears, _ in args.methods}
    code = expressions()
    title = f"{len(heard)} methods on one pair of voices"
    page = TEMPLATE.format(
        title=title,
        underline="=" * len(title),
        source=args.source,
        target=args.target,
        n_train=n_train,
        n_test=n_test,
        figures=list_table(figures(report, heard), ":stub-columns: 1"),
        left_out=left_out(report),
        reading=reading(report, heard),
        confidence=100 * args.confidence,
        built=list_table([["", "built by"], *([name, f"``{code[name]}``"] for name in heard)]),
        command=args.command,
        versions=", ".join(f"{name} {version(name)}" for name in PACKAGES),
        python=platform.python_version(),
        machine=platform.machine(),
    )
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(page, "utf-8")
    print(f"wrote {args.out}")


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
    parser.add_argument("--only", nargs="+", default=["*"], help="shell patterns of methods")
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--out", type=Path, default=PAGE, help="the page")
    args = parser.parse_args()
    if args.corpus is None:
        parser.error("pass --corpus DIR, or set SKSTYLE_DATA")
    ids, _, _ = match_utterances(args.corpus, args.source, args.target)
    train = fnmatch.filter(ids, args.train_ids)[: args.max_train]
    test = [i for i in fnmatch.filter(ids, args.test_ids) if i not in set(train)]
    args.methods = [m for m in METHODS if any(fnmatch.fnmatch(m[0], p) for p in args.only)]
    if not (train and test and args.methods):
        parser.error("no training ids, no test ids or no method matches")
    args.command = shlex.join(["python", "benchmarks/methods.py", *sys.argv[1:]])
    torch.set_num_threads(1)
    with threadpool_limits(1):
        report = run(args, train, test)
    write_page(report, args, len(train), len(test))


if __name__ == "__main__":
    main()
