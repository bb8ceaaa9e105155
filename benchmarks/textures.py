"""Textures from noise: how near their statistics come to those of the sound they imitate.

    python benchmarks/textures.py
    python benchmarks/textures.py --data DIR --only "rain*" --out out/textures

Every clip of the folder becomes a style, and ``GramStyleTransformer().sample`` makes as many
frames of it, with default settings. Of these the noise that it begins at was chosen on
fire_crackling_1 and clock_tick_1 of ESC-10, beside the correlations of neighbours in all its
clips. The judge has random filters of other seeds and widths and compares Gram matrices; its
distances are divided by that between the two halves of the clip, two moments of one sound. Ratios:

sample  of the magnitudes that were made
heard   of those of the sound, once phases were found for them
copy    of the clip's own magnitudes, with phases found for them: what that costs alone

Seconds are those of fit and sample.
"""

import argparse
import fnmatch
import os
import time
from pathlib import Path

import numpy as np

from skstyle import GramStyleTransformer, PhaseReconstructor, STFTTransformer
from skstyle.audio import AUDIO_SUFFIXES, read_clip, write_clip
from skstyle.transfer import RandomConvFeatures

# Of the judge, apart from all that textures are made with.
HELD_OUT = RandomConvFeatures((5, 23), n_filters=256, random_state=12345)
N_FFT, HOP_LENGTH = 1024, 256
N_ITER = 32
NEAR = 2.0


def run(path, args):
    """Make one texture, print its row, and return the ratio of distances."""
    clip, rate = read_clip(path)
    stft = STFTTransformer(n_fft=N_FFT, hop_length=HOP_LENGTH, output="magnitude")
    style = stft.fit_transform([clip])[0]
    start = time.perf_counter()
    model = GramStyleTransformer(max_iter=args.max_iter, random_state=args.seed).fit([style])
    texture = model.sample(len(style))[0]
    seconds = time.perf_counter() - start

    phases = PhaseReconstructor(hop_length=HOP_LENGTH, n_iter=N_ITER)
    sounds = [sound[: len(clip)] for sound in phases.fit_transform([texture, style])]
    judge = GramStyleTransformer(HELD_OUT, style_statistic="gram").fit([style])
    first, second = (judge.measure([half]) for half in np.array_split(style, 2))
    halves = first.distance(second)
    made = {"sample": texture, **dict(zip(("heard", "copy"), stft.transform(sounds), strict=True))}
    ratios = {name: judge.measure([x]).distance(judge.style_) / halves for name, x in made.items()}
    columns = " ".join(f"{ratio:7.2f}" for ratio in ratios.values())
    print(f"{path.stem:32s} {halves:7.3f} {columns} {seconds:8.1f}", flush=True)
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        sound = sounds[0] / max(1.0, np.abs(sounds[0]).max())
        write_clip(args.out / f"{path.stem}.wav", sound, rate)
        panels = {path.stem: style, **{name: made[name] for name in ("sample", "heard")}}
        draw(args.out / f"{path.stem}.png", panels, rate)
    return ratios["sample"]


def draw(path, panels, rate):
    """Draw one spectrogram a panel, one below the other on one scale: a dict by title."""
    from matplotlib.figure import Figure

    levels = {title: 20 * np.log10(x.T + 1e-6) for title, x in panels.items()}
    top = max(level.max() for level in levels.values())
    figure = Figure(figsize=(12, 3 * len(panels)), layout="constrained")
    for ax, (title, level) in zip(figure.subplots(len(panels)), levels.items(), strict=True):
        seconds = level.shape[1] * HOP_LENGTH / rate
        box = (0, seconds, 0, rate / 2000)
        ax.imshow(level, origin="lower", aspect="auto", extent=box, vmin=top - 80, vmax=top)
        ax.set(title=title, ylabel="kHz")
    figure.savefig(path, dpi=80)


def main():
    """Parse the command line, run every clip and print a table."""
    data = os.environ.get("SKSTYLE_DATA")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(data, "textures", "esc10") if data else None,
        help="folder of clips",
    )
    parser.add_argument("--only", default="*", help="shell pattern of names without suffix")
    parser.add_argument("--max-iter", type=int, default=30, help="steps of descent")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="folder for sounds and pictures")
    args = parser.parse_args()
    if args.data is None:
        parser.error("pass --data DIR, or set SKSTYLE_DATA")
    paths = sorted(p for p in args.data.glob("*") if p.suffix in AUDIO_SUFFIXES)
    paths = [p for p in paths if fnmatch.fnmatch(p.stem, args.only)]
    if not paths:
        parser.error(f"no clip in {args.data} matches {args.only}")
    print(
        f"{'texture':32s} {'halves':>7s} {'sample':>7s} {'heard':>7s} {'copy':>7s} {'seconds':>8s}"
    )
    near = sum(run(path, args) <= NEAR for path in paths)
    print(f"sample at most {NEAR:g} in {near} of {len(paths)}")


if __name__ == "__main__":
    main()
