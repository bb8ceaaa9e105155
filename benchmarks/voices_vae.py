"""All voices of a corpus converted to each other by one variational autoencoder.

    python benchmarks/voices_vae.py
    python benchmarks/voices_vae.py --methods frame conv --dev
    python benchmarks/voices_vae.py --out DIR --pairs SF1-TF1 TF1-SM2

Trains on all clips that match ``--train-ids`` but those that match ``--test-ids``; ``--dev`` tests
on the last two sentences of training that all voices say instead, and leaves the test ids alone.
Prints, for every autoencoder, the seconds of analysis, which later ones find in a cache, and of
training, how far frames are from what is decoded of their codes, how many latent dimensions are in
use, and how often a linear classifier names the voice, by means of clips and frame by frame: by
codes, by codes less the mean of all codes of their voice in training, which is what is decoded
with another voice, and by mel-cepstra. The true voice is told to the encoder, and so to the first
two; means of clips have little left in the second by construction.

Then, for every method, over ordered pairs of voices: distortion (MCD, in dB) between waveforms,
analysed anew; how far it is below that of unconverted clips; and the share of clips that are
nearer to the voice of the target than to that of the source: under which of two Gaussian mixtures
of 8 components, fitted on mel-cepstra of training clips, they are likelier. The second letter of
a voice's name tells female (F) from male (M).

Methods: "frame" and "conv" decode with the target's code, "frame-ratio" and "conv-ratio" change
what was said by the ratio of both decoded spectra, and "closed" is ``UnpairedConverter`` with
``GaussianTransport``, fitted on every pair.
"""

import argparse
import fnmatch
import os
import tempfile
import time
from itertools import permutations
from pathlib import Path

import numpy as np
import torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skstyle import UnpairedConverter, VAEConverter
from skstyle.audio import AUDIO_SUFFIXES, clip_sample_rate, read_clips, write_clip
from skstyle.compose._vae_converter import default_vae
from skstyle.features import MelCepstrum, SourceFilterVocoder
from skstyle.features._activity import active_frames
from skstyle.metrics import mel_cepstral_distortion
from skstyle.neural import ConvVAETransport

METHODS = ("frame", "frame-ratio", "conv", "conv-ratio", "closed")
N_DEV = 2
# Every so many frames a classifier is fitted on one, and a mixture.
STEP = 5


def default_conv():
    """Return convolutions that are trained about as the default is."""
    return ConvVAETransport(decoder_variance="one", n_epochs=30, learning_rate=0.002)


NETS = {"frame": default_vae, "conv": default_conv}


class Voices:
    """Clips of all voices for training and testing, and their mel-cepstra.

    Parameters
    ----------
    folder : Path
        With a folder of sounds for every voice.
    train_ids, test_ids : list of str
        Shell patterns of names of files.
    dev : bool
        Whether to test on clips of training, which are left out of it.
    """

    def __init__(self, folder, train_ids, test_ids, dev):
        paths = {
            voice.name: {p.stem: p for p in sorted(voice.iterdir()) if p.suffix in AUDIO_SUFFIXES}
            for voice in sorted(folder.iterdir())
            if voice.is_dir()
        }
        self.names = list(paths)
        common = sorted(set.intersection(*map(set, paths.values())))
        test = [i for i in common if matches(i, test_ids)]
        train = {
            voice: [i for i in found if matches(i, train_ids) and not matches(i, test_ids)]
            for voice, found in paths.items()
        }
        if dev:
            test = [i for i in common if i in train[self.names[0]]][-N_DEV:]
            train = {voice: [i for i in ids if i not in test] for voice, ids in train.items()}
        if not test or not all(train.values()):
            raise SystemExit(f"No clips to train or to test on in {folder}.")
        self.rate = clip_sample_rate(paths[self.names[0]][test[0]])
        self.test_ids = test
        self.train, self.test = (
            {voice: read_clips([paths[voice][i] for i in ids[voice]])[0] for voice in self.names}
            for ids in (train, dict.fromkeys(self.names, test))
        )
        self.cepstra = {voice: self.analyse(clips) for voice, clips in self.test.items()}
        self.mixtures = {}
        for voice, clips in self.train.items():
            frames = np.concatenate([timbre(x) for x in self.analyse(clips)])[::STEP]
            mixture = GaussianMixture(8, covariance_type="diag", reg_covar=1e-4, random_state=0)
            self.mixtures[voice] = mixture.fit(frames)

    def pairs(self, wanted=None):
        """Return ordered pairs of voices, all or those named as "A-B"."""
        return [p for p in permutations(self.names, 2) if not wanted or "-".join(p) in wanted]

    def analyse(self, clips):
        """Return mel-cepstra of clips."""
        return MelCepstrum(self.rate, order=24).fit_transform(clips)

    def nearer(self, cepstra, source, target):
        """Tell which clips are likelier of the target than of the source."""
        a, b = self.mixtures[source], self.mixtures[target]
        return [b.score(timbre(x)) > a.score(timbre(x)) for x in cepstra]


def matches(name, patterns):
    """Tell whether a name matches any of some shell patterns."""
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def timbre(cepstrum):
    """Return the frames of a clip that are not silence, without c_0."""
    return cepstrum[active_frames(cepstrum[:, 0], 30.0), 1:]


def fit_autoencoder(kind, voices, args, memory):
    """Fit a converter of all voices, and print what its codes are worth."""
    vae = NETS[kind]().set_params(random_state=0, verbose=args.verbose)
    if args.n_epochs is not None:
        vae.set_params(n_epochs=args.n_epochs)
    converter = VAEConverter(SourceFilterVocoder(voices.rate), vae, memory=memory)
    X = [x for name in voices.names for x in voices.train[name]]
    y = np.repeat(voices.names, [len(voices.train[name]) for name in voices.names])
    start = time.perf_counter()
    clone(converter).set_params(vae__n_epochs=0).fit(X, y)
    analysed = time.perf_counter()
    converter.fit(X, y)
    trained = time.perf_counter()
    print(
        f"\n{kind}: {len(X)} clips, {sum(map(len, X)) / voices.rate / 60:.1f} minutes of "
        f"{len(voices.names)} voices\n"
        f"analyse                   {analysed - start:6.1f} s\n"
        f"train                     {trained - analysed:6.1f} s, best epoch "
        f"{converter.vae_.best_epoch_}"
    )
    judge_codes(converter, voices)
    return converter


def judge_codes(converter, voices):
    """Print how well codes describe frames, and how little they tell the voice."""
    vae, columns = converter.vae_, converter._streams.timbre
    blocks = converter.source_features_.feature_blocks_
    errors, found = [], {"train": ([], [], [], []), "test": ([], [], [], [])}
    for side, (codes, said, frames, labels) in found.items():
        for i, name in enumerate(voices.names):
            clips = getattr(voices, side)[name]
            features = converter.style_features_[i]
            for x in converter._analyse(features, clips, None, "analyse"):
                loud = active_frames(x[:, blocks["mcep"].start], converter.silence_db)
                said.append(vae._said(x[:, columns], i)[loud])
                codes.append(said[-1] + vae._centres[i])
                frames.append(x[loud][:, columns])
                labels.append(name)
                if side == "test":
                    decoded = vae._carry(x[:, columns], torch.tensor(i), i)[loud]
                    silent = np.zeros((len(decoded), 1))
                    pair = [np.hstack([silent, a]) for a in (frames[-1], decoded)]
                    errors.append(
                        mel_cepstral_distortion(pair[:1], pair[1:], align=False, silence_db=None)
                    )
    print(
        f"reconstruction            {np.mean(errors):6.2f} dB\n"
        f"latent dimensions in use  {vae.active_units_:3d} of {vae.latent_dim}"
    )
    for k, what in enumerate(("codes", "codes less their voice's mean", "mel-cepstra")):
        (a, la), (b, lb) = ((found[side][k], found[side][-1]) for side in ("train", "test"))
        clips = probe([x.mean(axis=0) for x in a], la, [x.mean(axis=0) for x in b], lb)
        sizes = [[len(x) for x in items] for items in (a, b)]
        frames = probe(
            np.concatenate(a)[::STEP],
            np.repeat(la, sizes[0])[::STEP],
            np.concatenate(b),
            np.repeat(lb, sizes[1]),
        )
        print(
            f"voice named by {what:29s} {clips:5.2f} of clips, {frames:.2f} of frames "
            f"(chance {1 / len(voices.names):.2f})"
        )


def probe(a, labels_a, b, labels_b):
    """Return how often a linear classifier, fitted on one part, is right on the other."""
    # Voices have different numbers of clips.
    classifier = LogisticRegression(class_weight="balanced", max_iter=500)
    return make_pipeline(StandardScaler(), classifier).fit(a, labels_a).score(b, labels_b)


def converted(method, fitted, voices, source, target, memory):
    """Return the test clips of a voice as another would say them."""
    if method == "closed":
        converter = UnpairedConverter(
            SourceFilterVocoder(voices.rate), target=target, source=source, memory=memory
        )
        X = voices.train[source] + voices.train[target]
        y = np.repeat([source, target], [len(voices.train[v]) for v in (source, target)])
        return converter.fit(X, y).predict(voices.test[source])
    kind, _, ratio = method.partition("-")
    converter = fitted[kind]
    converter.vae_.set_params(ratio=bool(ratio))
    return converter.convert(voices.test[source], target)


def main():
    """Parse the command line and print tables."""
    data = os.environ.get("SKSTYLE_DATA")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--corpus", type=Path, default=Path(data, "speech", "vcc2018") if data else None
    )
    parser.add_argument("--train-ids", nargs="+", default=["100*", "300*"], help="shell patterns")
    parser.add_argument("--test-ids", nargs="+", default=["3002[1-9]", "30030"])
    parser.add_argument("--dev", action="store_true", help="test on clips of training")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--pairs", nargs="+", help="such as SF1-TF1; all by default")
    parser.add_argument("--n-epochs", type=int, help="default: that of the estimators")
    parser.add_argument("--out", type=Path, help="folder for the converted clips")
    parser.add_argument("--verbose", type=int, default=0)
    args = parser.parse_args()
    if args.corpus is None:
        parser.error("pass --corpus DIR, or set SKSTYLE_DATA")
    if not args.corpus.is_dir():
        parser.error(f"no folder {args.corpus}")
    voices = Voices(args.corpus, args.train_ids, args.test_ids, args.dev)
    pairs = voices.pairs(args.pairs)
    kinds = dict.fromkeys(method.partition("-")[0] for method in args.methods)
    with tempfile.TemporaryDirectory() as memory:
        fitted = {
            kind: fit_autoencoder(kind, voices, args, memory) for kind in kinds if kind in NETS
        }
        print_table(args, fitted, voices, pairs, memory)


def print_table(args, fitted, voices, pairs, memory):
    """Convert all pairs by all methods, and print a line for each."""
    kinds = np.array([f"{a[1:2]}-{b[1:2]}" for a, b in pairs])
    columns = list(dict.fromkeys(kinds))
    n_clips = len(pairs) * len(voices.test_ids)
    print(f"\nMCD in dB, {len(pairs)} pairs of voices, {n_clips} clips\n")
    print("| method | all | below none | " + " | ".join(columns) + " | nearer | s/clip |")
    print("|---" * (5 + len(columns)) + "|")
    none = None
    for method in ("none", *args.methods):
        found, near, start, seconds = [], [], time.perf_counter(), 0.0
        for source, target in pairs:
            start = time.perf_counter()
            clips = voices.test[source]
            if method != "none":
                clips = converted(method, fitted, voices, source, target, memory)
            seconds += time.perf_counter() - start
            cepstra = voices.analyse(clips)
            found.append(mel_cepstral_distortion(voices.cepstra[target], cepstra))
            near += voices.nearer(cepstra, source, target)
            if args.out and method != "none":
                folder = args.out / method / f"{source}-{target}"
                folder.mkdir(parents=True, exist_ok=True)
                for name, clip in zip(voices.test_ids, clips, strict=True):
                    write_clip(folder / f"{name}.wav", clip, voices.rate)
        found = np.array(found)
        none = found.mean() if none is None else none
        by_kind = " | ".join(f"{found[kinds == kind].mean():.2f}" for kind in columns)
        print(
            f"| {method} | {found.mean():.2f} | {100 * (1 - found.mean() / none):.1f} % | {by_kind}"
            f" | {100 * np.mean(near):.1f} % | {seconds / n_clips:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
