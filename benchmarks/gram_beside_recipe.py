"""Style transfer by descent, beside the recipe of Ulyanov and Lebedev in the same run.

    python benchmarks/gram_beside_recipe.py --data DIR
    python benchmarks/gram_beside_recipe.py --without-recipe

Two pairs of ``DIR/music/phrases_recorded_notes``: ode_to_joy on the flute in the style of
frere_jacques on the cello, and twinkle on the oboe in the style of when_the_saints on the guitar.
The recipe has 4096 filters, 300 steps and 500 rounds of Griffin-Lim: ten minutes a pair on two
cores. Ours are ``make_style_transfer(rate, "gram")`` with its defaults, infinitely many filters in
closed form, and with 1024 and 2048 filters, from clips to clips. All run at 16 kHz, one after the
other: the recipe on ``--threads`` threads, ours on one.

Columns as of ``style_transfer.py``; and how many times faster than the recipe.
"""

import argparse
import os
import time
from pathlib import Path

from style_transfer import MEASURE_RATE, measure, vgg
from ulyanov_lebedev import ulyanov_lebedev

from skstyle import make_style_transfer
from skstyle.audio import read_clip
from skstyle.transfer import RandomConvFeatures

PAIRS = (("ode_to_joy/flute", "frere_jacques/cello"), ("twinkle/oboe", "when_the_saints/guitar"))
SETTINGS = {
    "default": {},
    "1024 filters": {"features": RandomConvFeatures()},
    "2048 filters": {"features": RandomConvFeatures(n_filters=2048)},
}


def ours(content, style, settings):
    """Return the content in the style, by descent with settings of ours."""
    transfer = make_style_transfer(MEASURE_RATE, "gram", random_state=0, **settings)
    return transfer.fit([style]).transform([content])[0]


def timed(function, *arguments, **options):
    """Return what a function returns, and its seconds."""
    start = time.perf_counter()
    out = function(*arguments, **options)
    return out, time.perf_counter() - start


def main():
    """Print a table for each pair."""
    data = os.environ.get("SKSTYLE_DATA")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--threads", type=int, default=2, help="of torch")
    parser.add_argument("--filters", type=int, default=4096, help="of the recipe")
    parser.add_argument("--iterations", type=int, default=300, help="of the recipe")
    parser.add_argument("--griffin-lim", type=int, default=500, help="rounds of the recipe")
    parser.add_argument("--without-recipe", action="store_true")
    parser.add_argument("--max-pairs", type=int, default=len(PAIRS))
    args = parser.parse_args()
    if args.data is None:
        parser.error("pass --data DIR, or set SKSTYLE_DATA.")
    import torch

    torch.set_num_threads(args.threads)
    weights = args.data.parent / "models" / "MSD_vgg.npz"
    net = vgg(weights) if weights.exists() else None
    for content_name, style_name in PAIRS[: args.max_pairs]:
        names = (content_name, style_name, str(Path(content_name).with_name(Path(style_name).name)))
        content, style, truth = (
            read_clip(
                args.data / "music" / "phrases_recorded_notes" / f"{name}.flac",
                sample_rate=MEASURE_RATE,
            )[0]
            for name in names
        )
        results = {"copy-content": (content, 0.0), "copy-style": (style, 0.0)}
        results["truth"] = (truth, 0.0)
        if not args.without_recipe:
            results["recipe"] = timed(
                ulyanov_lebedev,
                content,
                style,
                n_filters=args.filters,
                n_iter=args.iterations,
                n_griffin_lim=args.griffin_lim,
            )
        for name, settings in SETTINGS.items():
            results[name] = timed(ours, content, style, settings)
        print(f"\n{content_name} in the style of {style_name}")
        for name, (x, seconds) in results.items():
            figures = measure(x, content, style, truth, net).items()
            row = f"{name:14s}" + "".join(f"  {key} {value:6.3f}" for key, value in figures)
            if seconds:
                row += f"  {seconds:6.1f} s"
            if seconds and name in SETTINGS and "recipe" in results:
                row += f"  {results['recipe'][1] / seconds:.0f} times faster"
            print(row, flush=True)


if __name__ == "__main__":
    main()
