"""Whose style it is: the nearest neighbour by Gram features, for instruments and for voices.

    python benchmarks/style_identification.py
    python benchmarks/style_identification.py --data DIR --only music

Every clip is given the label of the clip whose ``GramFeatures``, of default settings, are nearest.
Only clips of other groups are asked: an instrument must be found on another tune, and a voice in
another sentence. "chance" is the share of the right label among those. Folders under ``--data``:

music/phrases_recorded_notes/TUNE/INSTRUMENT.*   labels are instruments, groups are tunes
speech/vcc2018/VOICE/SENTENCE.*                  labels are voices, groups are sentences that
                                                 every voice says

Seconds are those of reading, analysis and features.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import pairwise_distances

from skstyle import GramFeatures, STFTTransformer
from skstyle.audio import AUDIO_SUFFIXES, read_clips

RATE = 16000


def find_instruments(folder, max_groups):
    """Return paths, labels and groups of a folder of tunes."""
    tunes = sorted(path.name for path in folder.iterdir() if path.is_dir())[:max_groups]
    paths = [path for tune in tunes for path in sounds(folder / tune)]
    return paths, [path.stem for path in paths], [path.parent.name for path in paths]


def find_voices(folder, max_groups):
    """Return paths, labels and groups of a folder of voices."""
    spoken = {path: sounds(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    common = set.intersection(*({path.stem for path in paths} for paths in spoken.values()))
    kept = set(sorted(common)[:max_groups])
    paths = [path for paths in spoken.values() for path in paths if path.stem in kept]
    return paths, [path.parent.name for path in paths], [path.stem for path in paths]


def sounds(folder):
    """Return the sound files of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix in AUDIO_SUFFIXES)


KINDS = {
    "music": ("instruments", Path("music", "phrases_recorded_notes"), find_instruments),
    "speech": ("voices", Path("speech", "vcc2018"), find_voices),
}


def nearest_labels(vectors, labels, groups):
    """Return the label of every vector's nearest one of another group, and the chance of it."""
    labels, groups = np.asarray(labels), np.asarray(groups)
    others = groups[:, None] != groups
    distances = np.where(others, pairwise_distances(vectors), np.inf)
    same = labels[:, None] == labels
    chance = np.mean((same & others).sum(axis=1) / others.sum(axis=1))
    return labels[distances.argmin(axis=1)], chance


def run(kind, args):
    """Identify the clips of one folder, and print the counts."""
    what, folder, find = KINDS[kind]
    paths, labels, groups = find(args.data / folder, args.max_groups)
    start = time.perf_counter()
    clips, _ = read_clips(paths, sample_rate=RATE)
    sequences = STFTTransformer(output="magnitude").fit_transform(clips)
    vectors = GramFeatures(random_state=args.seed).fit_transform(sequences)
    seconds = time.perf_counter() - start
    found, chance = nearest_labels(vectors, labels, groups)
    right = found == labels
    counts = f"{len(set(labels)):6d} {len(set(groups)):6d} {right.sum():5d} of {len(right):3d}"
    shares = f"{100 * right.mean():7.1f} % {100 * chance:7.1f} %"
    print(f"{what:12s} {counts} {shares} {seconds:8.1f}", flush=True)
    for label in sorted(set(labels)) if args.each else ():
        of_label = right[np.asarray(labels) == label]
        print(f"  {label:10s} {'':13s} {of_label.sum():5d} of {len(of_label):3d}")


def main():
    """Parse the command line and print a table."""
    data = os.environ.get("SKSTYLE_DATA")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--only", choices=KINDS, help="one kind alone")
    parser.add_argument("--max-groups", type=int, help="first so many tunes or sentences")
    parser.add_argument("--each", action="store_true", help="a line for every label, too")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.data is None:
        parser.error("pass --data DIR, or set SKSTYLE_DATA")
    kinds = [args.only] if args.only else list(KINDS)
    missing = [args.data / KINDS[k][1] for k in kinds if not (args.data / KINDS[k][1]).is_dir()]
    if missing:
        parser.error(f"no folder {missing[0]}")
    print(f"{'':12s} labels groups          right              chance  seconds")
    for kind in kinds:
        run(kind, args)


if __name__ == "__main__":
    main()
