"""Instrument to instrument: every method of style transfer, on every pair of instruments.

    python benchmarks/style_transfer.py --data DIR
    python benchmarks/style_transfer.py --reverse
    python benchmarks/style_transfer.py --no-shared-notes shift
    python benchmarks/style_transfer.py --methods gram --max-pairs 6

The content is one tune, played by one instrument; the style is another tune, played by another;
the truth is the content's tune by the style's instrument, which no method hears. ``DIR`` holds
``music/phrases_recorded_notes/TUNE/INSTRUMENT.flac``. Every method has its default setting.
Constants of the library were chosen on au_clair_de_la_lune, frere_jacques and when_the_saints,
so that the default tunes here are new to them.

Columns: log-spectral distance to the truth in dB (LSD) and timbre distance to the style; relative
distance to the style of the Gram matrices of a net that was trained on music (VGG), whose weights
are read from ``--vgg`` or ``DIR/../models/MSD_vgg.npz``; chroma similarity to the content; seconds
a clip for ``fit`` and ``transform``; the peak of the result, and in how many clips it exceeds 1.
Means over pairs, with their standard errors. All is measured at 16 kHz, beside the peaks.

The tunes were put together from the same recorded notes: a style may hold the very notes of the
truth. ``--no-shared-notes drop`` takes those notes out of the style that are as high as any of the
content's tune; what is left is a note or two, and of some tunes nothing. ``shift`` moves the whole
style up by a quarter of a tone, so that none of its notes is as high as one of the content's: all
are left, but none is the truth's.
"""

import argparse
import os
import time
from functools import lru_cache
from itertools import permutations
from pathlib import Path

import numpy as np

from skstyle import make_style_transfer
from skstyle.audio import read_clip
from skstyle.metrics import (
    chroma_similarity,
    gram_distance,
    log_spectral_distance,
    timbre_distance,
)
from skstyle.signal import shift_pitch
from skstyle.signal._resampler import resample
from skstyle.transfer._levels import at_unit_level, log_mel, make_analysis
from skstyle.transfer._notes import find_notes
from skstyle.transfer._style_bank import pitch_of

MEASURE_RATE = 16000
COPIES = ("copy-content", "copy-style", "truth")
METHODS = ("transport", "concatenative", "auto")
SLOW_METHODS = ("gram",)
# A quarter of a tone; and pitches farther apart are different notes, in semitones.
SHIFT, SAME_NOTE = 0.5, 0.5
# Notes that are dropped leave so much silence between those that stay.
GAP_S = 0.05


def read_tune(data, tune):
    """Return the clips of a tune by instrument, and their sample rate."""
    folder = data / "music" / "phrases_recorded_notes" / tune
    paths = sorted(p for p in folder.glob("*.*") if p.suffix in (".flac", ".wav"))
    if not paths:
        raise SystemExit(f"No clips in {folder}: pass --data DIR, or another tune.")
    clips, rates = zip(*(read_clip(p) for p in paths), strict=True)
    if len(set(rates)) > 1:
        raise SystemExit(f"The clips in {folder} have several sample rates: {sorted(set(rates))}.")
    return {p.stem: x for p, x in zip(paths, clips, strict=True)}, rates[0]


def notes_of(x, rate):
    """Return the notes of a clip, in samples, and their pitches in semitones or NaN."""
    analysis = make_analysis(rate, 80, 8000.0)
    scaled, _ = at_unit_level(x)
    notes = find_notes(log_mel(scaled, analysis), pitch_of(scaled, analysis))
    edges = [*(notes.start * analysis.hop_length), len(x)]
    return list(zip(edges[:-1], edges[1:], notes.pitch, strict=True))


def without_shared_notes(style, content, rate):
    """Drop the notes of a style that are as high as one of the content's; None if all are."""
    taken = np.array([pitch for *_, pitch in notes_of(content, rate) if np.isfinite(pitch)])
    keep, gap = [], np.zeros(int(GAP_S * rate), style.dtype)
    for start, stop, pitch in notes_of(style, rate):
        # What has no pitch may belong to a note that is dropped.
        if np.isfinite(pitch) and np.abs(taken - pitch).min(initial=np.inf) > SAME_NOTE:
            keep += [style[start:stop], gap]
    return np.concatenate(keep) if keep else None


def vgg(path):
    """Return the activations of the net whose weights are in a file, as a function of a clip."""
    import librosa
    import torch
    from torch.nn import functional

    with np.load(path) as weights:
        w = {k: torch.from_numpy(np.asarray(v, np.float32)) for k, v in weights.items()}
    pools = [((4, 1), (2, 2)), *[((2, 2), (2, 2))] * 3, ((4, 4), (4, 4))]

    def normalised(z, name):
        mean, variance, gain, shift = (
            w[f"{name}.{part}"][:, None, None]
            for part in ("moving_mean", "moving_variance", "gamma", "beta")
        )
        return (z - mean) / torch.sqrt(variance + 1e-3) * gain + shift

    # Contents, styles and truths come again and again.
    @lru_cache(maxsize=32)
    @torch.no_grad()
    def layers_of(samples):
        x = np.frombuffer(samples)
        mel = librosa.feature.melspectrogram(
            y=x, sr=MEASURE_RATE, n_fft=512, hop_length=256, n_mels=96
        )
        z = torch.from_numpy(np.log10(1e4 * mel.T + 1).astype(np.float32))[None, None]
        z, out = normalised(z, "batch_normalization"), []
        for i, (size, stride) in enumerate(pools, start=1):
            kernel = w[f"{i}CNN.kernel"].permute(3, 2, 0, 1)
            z = functional.relu(functional.conv2d(z, kernel, w[f"{i}CNN.bias"], padding=1))
            z = functional.max_pool2d(normalised(z, f"batch_normalization_{i}"), size, stride)
            out.append(z[0].permute(1, 2, 0).numpy())
        return out

    return lambda x: layers_of(np.asarray(x, np.float64).tobytes())


def measure(out, content, style, truth, net):
    """Return the figures of one clip; signals at the rate of the measures."""
    n = min(len(content), len(out), len(truth))
    settings = {"sample_rate": MEASURE_RATE}
    row = {
        "LSD": log_spectral_distance([truth], [out], **settings),
        "timbre": timbre_distance([style], [out], **settings),
    }
    if net is not None:
        row["VGG"] = gram_distance([style], [out], features=net, **settings)
    row["chroma"] = chroma_similarity([content[:n]], [out[:n]], **settings)
    return row


def convert(method, content, style, rate):
    """Return the content in the style, and the seconds that it took."""
    transfer = make_style_transfer(rate, method, random_state=0)
    start = time.perf_counter()
    out = transfer.fit([style]).transform([content])[0]
    return out, time.perf_counter() - start


def run(args):
    """Convert every pair by every method, and print the table."""
    contents, rate = read_tune(args.data, args.content)
    styles, style_rate = read_tune(args.data, args.style)
    if rate != style_rate:
        raise SystemExit(f"The tunes have two sample rates: {rate} and {style_rate} Hz.")
    pairs = [p for p in permutations(contents, 2) if p[1] in styles]
    if args.max_pairs:
        few = np.random.default_rng(0).permutation(len(pairs))[: args.max_pairs]
        pairs = [pairs[i] for i in sorted(few)]
    net = None
    if args.vgg.is_file():
        net = vgg(args.vgg)
    else:
        print(f"No weights at {args.vgg}: the column VGG is left out. Pass --vgg FILE.")

    def low(x):
        return resample(x, rate, MEASURE_RATE).astype(np.float64)

    rows = {name: [] for name in (*COPIES, *args.methods)}
    for source, target in pairs:
        content, truth, style = contents[source], contents[target], styles[target]
        heard = style
        if args.no_shared_notes == "shift":
            heard = shift_pitch(style, rate, 2 ** (SHIFT / 12))
        elif args.no_shared_notes == "drop":
            heard = without_shared_notes(style, content, rate)
            if heard is None:
                print(f"{target}, {args.style}: no note is left of the style, pair left out.")
                continue
        done = {"copy-content": (content, 0.0), "copy-style": (heard, 0.0), "truth": (truth, 0.0)}
        for method in args.methods:
            done[method] = convert(method, content, heard, rate)
        # Compared with the whole style: it is what the result should sound like.
        others = [low(x) for x in (content, style, truth)]
        for name, (out, seconds) in done.items():
            figures = measure(low(out), *others, net)
            peak = float(np.abs(out).max())
            figures |= {"seconds": seconds, "peak": peak, "> 1": float(peak > 1)}
            rows[name].append(figures | {"source": source, "target": target})
        if args.verbose:
            found = "  ".join(f"{m} {rows[m][-1]['LSD']:.2f}" for m in args.methods)
            print(f"{source} -> {target}: {found}", flush=True)
    if not rows["truth"]:
        raise SystemExit("No pair is left.")
    print_table(rows, args)


def print_table(rows, args):
    """Print means and standard errors over pairs, and by instrument if asked."""
    columns = [k for k in rows["truth"][0] if k not in ("source", "target")]
    n = len(rows["truth"])
    print(
        f"content {args.content}, style {args.style}, {n} pairs of instruments, "
        f"no shared notes: {args.no_shared_notes or 'not asked for'}"
    )
    print(f"{'':14s}" + "".join(f"{c:>17s}" for c in columns))
    for name, figures in rows.items():
        values = np.array([[f[c] for c in columns] for f in figures])
        errors = values.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.zeros(len(columns))
        cells = (f"{m:8.3f} ± {e:6.3f}" for m, e in zip(values.mean(axis=0), errors, strict=True))
        print(f"{name:14s}" + "".join(f"{cell:>17s}" for cell in cells))
    if args.by_instrument:
        targets = sorted({f["target"] for f in rows["truth"]})
        print(f"\nLSD by target{'':1s}" + "".join(f"{t:>11s}" for t in targets))
        for name, figures in rows.items():
            means = [np.mean([f["LSD"] for f in figures if f["target"] == t]) for t in targets]
            print(f"{name:14s}" + "".join(f"{m:11.2f}" for m in means))


def main():
    """Parse the command line and run."""
    data = os.environ.get("SKSTYLE_DATA")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--content", default="ode_to_joy", help="tune of the content")
    parser.add_argument("--style", default="twinkle", help="tune of the style")
    parser.add_argument("--reverse", action="store_true", help="change the places of the tunes")
    parser.add_argument(
        "--methods", nargs="+", choices=METHODS + SLOW_METHODS, default=list(METHODS)
    )
    parser.add_argument("--no-shared-notes", choices=("drop", "shift"))
    parser.add_argument(
        "--max-pairs", type=int, help="drawn at random, always the same; all by default"
    )
    parser.add_argument(
        "--by-instrument", action="store_true", help="LSD by instrument of the style"
    )
    parser.add_argument("--vgg", type=Path, help="weights of the net, an npz file")
    parser.add_argument("--verbose", type=int, default=0)
    args = parser.parse_args()
    if args.data is None:
        parser.error("pass --data DIR, or set SKSTYLE_DATA")
    if args.vgg is None:
        args.vgg = args.data.parent / "models" / "MSD_vgg.npz"
    if args.reverse:
        args.content, args.style = args.style, args.content
    run(args)


if __name__ == "__main__":
    main()
