"""A sequence model of several voices, judged on sentences that it has not heard.

    python benchmarks/sequence_vae.py
    python benchmarks/sequence_vae.py --content frames --out DIR
    python benchmarks/sequence_vae.py --dev --n-epochs 50

Trains ``SequenceVAEConverter`` on the clips of all voices in a table of transcripts, but on those
whose number is among ``--test-ids``; ``--dev`` tests on ``--dev-ids`` instead, and does not train
on them either. Prints, for the test clips:

* how far lengths are from those of the speaker, with the mean code of the speaker's training
  clips, and with the code of the very clip; beside lines fitted on the number of characters of
  training clips; the share of clips whose stop token fired by itself;
* the share of attention within 0.15 of the diagonal, speaking freely in mean styles, and step by
  step after the true frames;
* how much the error rises when the letters of a sentence are shuffled, and when clips are given
  each other's styles;
* how often a code's nearest training code is of the same speaker; how often speech with the mean
  code of another speaker is encoded nearest to that one; and how often its pitch (the median of
  voiced frames) comes nearer to the target's when the sexes differ, which the second letter of a
  voice's name tells;
* how often free speech is nearest, by time warping, to the same speaker's clip of the right
  sentence, among all test sentences; beside clips of another speaker in its place. It is measured
  on log-mel spectra whose columns have mean zero, and on the shapes of spectra, without their
  levels. With "frames", contents are clips of another speaker.

``--out`` writes the clips, for a judge of intelligibility: for every speaker ``converted/`` beside
``target/`` and ``source/``, and the model, ``model.joblib``, which ``--model`` reads instead of
training.
"""

import argparse
import ast
import csv
import os
import time
from pathlib import Path

import numpy as np
from scipy.fft import dct

from skstyle import load_model
from skstyle.alignment import dtw_path
from skstyle.audio import clip_sample_rate, read_clips, write_clip
from skstyle.compose import SequenceVAEConverter
from skstyle.features import MelSpectrogram, SourceFilterVocoder
from skstyle.neural import SequenceVAE
from skstyle.neural._attention import off_diagonal
from skstyle.neural._base_sequence_vae import in_double
from skstyle.neural._sequence_loss import BAND
from skstyle.utils.persistence import save_model

N_SHUFFLES = 3
# Coefficients of spectra that tell sounds, and the first.
N_CEPSTRA = 20


class Corpus:
    """Clips with their speakers, numbers and transcripts.

    Parameters
    ----------
    table : Path
        With the columns path, speaker, utterance and transcript; paths begin at the folder that
        holds the folder of the table.
    prefix : str
        Of the speakers to take.
    """

    def __init__(self, table, prefix):
        with table.open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["speaker"].startswith(prefix)]
        if not rows:
            raise SystemExit(f"No speakers whose names begin with {prefix!r} in {table}.")
        paths = [table.parent.parent / row["path"] for row in rows]
        self.rate = clip_sample_rate(paths[0])
        self.clips = read_clips(paths)[0]
        self.speakers = np.array([row["speaker"].removeprefix(prefix) for row in rows])
        self.ids = np.array([row["utterance"] for row in rows])
        self.texts = [row["transcript"] for row in rows]

    def among(self, ids):
        """Tell which clips have a number in a range such as 30025-30030."""
        first, _, last = ids.partition("-")
        return np.array([first <= i <= (last or first) for i in self.ids])

    def take(self, rows, what):
        """Return some of the clips, of the texts or of both."""
        return [what[i] for i in rows]


class Judge:
    """Measures of one model on test clips.

    Parameters
    ----------
    converter : SequenceVAEConverter
        Fitted.
    corpus : Corpus
    train, test : int arrays
        Clips of the corpus.
    """

    def __init__(self, converter, corpus, train, test):
        self.converter, self.vae, self.corpus = converter, converter.vae_, corpus
        self.text = self.vae.content == "text"
        self.train, self.test = train, test
        self.speakers = corpus.speakers[test]
        self.ids = corpus.ids[test]
        self.said = corpus.take(test, corpus.texts)
        self.frames = self.analyse(corpus.take(test, corpus.clips))
        self.train_frames = self.analyse(corpus.take(train, corpus.clips))
        self.codes = self.vae.transform(self.frames)
        self.train_codes = self.vae.transform(self.train_frames)
        names = corpus.speakers[train]
        self.names = np.unique(names)
        self.mean_codes = np.array(
            [self.train_codes[names == name].mean(axis=0) for name in self.names]
        )
        # Frames of another speaker who says the same.
        self.other = [self.twin(i, 1) for i in range(len(test))]
        self.contents = self.said if self.text else [self.frames[i] for i in self.other]

    def analyse(self, clips):
        """Return frames of clips without the silence around them."""
        trimmed = self.converter._trim(clips)
        names = [f"X[{i}]" for i in range(len(clips))]
        return self.converter._analyse(trimmed, names, "analyse")

    def twin(self, i, step):
        """Return the test clip of the same sentence by another speaker; itself, if none is."""
        same = np.flatnonzero(self.ids == self.ids[i])
        return int(same[(np.searchsorted(same, i) + step) % len(same)])

    def print_lengths(self):
        """Judge stops and lengths."""
        speakers = np.searchsorted(self.names, self.speakers)
        self.free = self.vae.predict(self.contents, list(self.mean_codes[speakers]))
        stopped, self.alignments = self.vae.stopped_, self.vae.alignments_
        self.own = self.vae.predict(self.contents, list(self.codes))
        true = np.array([len(x) for x in self.frames])
        guesses = {
            "speaker's mean style": [len(x) for x in self.free],
            "the clip's own style": [len(x) for x in self.own],
            "line on characters": self.line(np.ones((len(self.corpus.speakers), 1))),
            "and on speakers": self.line(self.corpus.speakers[:, None] == self.names),
        }
        for name, guess in guesses.items():
            error = guess / true - 1
            print(
                f"length, {name:20s}: within 15 % {np.mean(np.abs(error) <= 0.15):.2f}, mean error "
                f"{np.abs(error).mean():.3f}, bias {error.mean():+.3f}"
            )
        print(f"stopped by itself: {np.mean([*stopped, *self.vae.stopped_]):.2f}")

    def line(self, groups):
        """Return lengths of test clips by a line on characters, with an offset a group."""
        size = np.array([len(text) for text in self.corpus.texts])
        x = np.column_stack([size, groups])
        lengths = [len(frames) for frames in self.train_frames]
        return x[self.test] @ np.linalg.lstsq(x[self.train], lengths, rcond=None)[0]

    def print_attention(self):
        """Judge how near the diagonal attention is."""
        free = [share_near(weights, *weights.shape[::-1]) for weights in self.alignments]
        print(f"attention near the diagonal: {np.mean(free):.3f} in free speech", end=", ")
        forced = []
        for i, x in enumerate(self.frames):
            weights, n_steps = forced_alignment(self.vae, x, self.contents[i])
            forced.append(share_near(weights, weights.shape[1], n_steps))
        print(f"{np.mean(forced):.3f} after true frames")

    def error(self, said=None, style=None):
        """Return the mean square of errors after true frames."""
        return 1 - self.vae.score(self.frames, said or self.said, style)

    def print_use(self):
        """Judge whether content and style are used."""
        rng = np.random.default_rng(0)
        right = self.error()
        styles = np.mean(
            [self.error(style=list(rng.permutation(self.codes))) for _ in range(N_SHUFFLES)]
        )
        if self.text:
            mixed = [
                self.error(["".join(rng.permutation(list(text))) for text in self.said])
                for _ in range(N_SHUFFLES)
            ]
            print(
                f"error {right:.3f}; letters shuffled: {100 * (np.mean(mixed) / right - 1):+.1f} %",
                end="; ",
            )
        print(f"right style below shuffled styles: {100 * (1 - right / styles):.1f} %")

    def print_styles(self, max_waves):
        """Judge whether codes name speakers, and other codes make other speakers."""
        distances = ((self.codes[:, None] - self.train_codes[None]) ** 2).sum(axis=2)
        nearest = self.corpus.speakers[self.train][distances.argmin(axis=1)]
        print(f"nearest code is of the speaker: {np.mean(nearest == self.speakers):.2f}", end="; ")
        rows, targets = np.nonzero(self.speakers[:, None] != self.names[None])
        said = self.vae.predict([self.contents[i] for i in rows], list(self.mean_codes[targets]))
        again = self.vae.transform(said)
        found = ((again[:, None] - self.mean_codes[None]) ** 2).sum(axis=2).argmin(axis=1)
        print(f"other styles encoded as such: {np.mean(found == targets):.2f} of {len(rows)}")
        sexes = np.array([name[1:2] for name in self.names])
        own = np.searchsorted(self.names, self.speakers)
        crossed = np.flatnonzero(sexes[own[rows]] != sexes[targets])
        if not len(crossed) or not max_waves:
            return
        crossed = crossed[:: -(-len(crossed) // max_waves)]
        pitch = Pitch(self.corpus, self.converter)
        of_names = [
            np.median(
                [
                    pitch.of_clip(self.corpus.clips[i])
                    for i in self.train
                    if self.corpus.speakers[i] == name
                ][:10]
            )
            for name in self.names
        ]
        before = {i: pitch.of_frames(self.free[i]) for i in np.unique(rows[crossed])}
        moved = []
        for k in crossed:
            wanted = of_names[targets[k]]
            after = pitch.of_frames(said[k])
            moved.append(abs(after - wanted) < abs(before[rows[k]] - wanted))
        print(f"pitch comes nearer across sexes: {np.mean(moved):.2f} of {len(moved)}")

    def print_sentences(self):
        """Judge whether free speech is known among the test sentences."""
        sounds = {
            "speaker's mean style": self.free,
            "the clip's own style": self.own,
            "another speaker": [self.frames[i] for i in self.other],
        }
        for measure in (centred, shapes):
            references = [measure(x) for x in self.frames]
            found = []
            for name, made in sounds.items():
                right = []
                for i, x in enumerate(map(measure, made)):
                    known = np.flatnonzero(self.speakers == self.speakers[i])
                    nearest = min(known, key=lambda j, x=x: warped_distance(x, references[j]))
                    right.append(self.ids[nearest] == self.ids[i])
                found.append(f"{name} {np.mean(right):.2f}")
            n_ids = len(np.unique(self.ids))
            print(f"sentence known among {n_ids} by {measure.__name__}: {', '.join(found)}")

    def write(self, folder):
        """Write what was said with the mean style of the next speaker, or of the own one."""
        names = [*self.names]
        own = [names.index(s) for s in self.speakers]
        targets = own if self.text else [names.index(self.speakers[i]) for i in range(len(own))]
        signals = self.converter.predict(
            self.said if self.text else [self.corpus.clips[self.test[i]] for i in self.other],
            list(self.mean_codes[targets]),
        )
        for i, signal in enumerate(signals):
            name = f"{self.ids[i]}.wav"
            sub = folder / self.speakers[i]
            for kind, clip in (
                ("converted", signal),
                ("target", self.corpus.clips[self.test[i]]),
                ("source", self.corpus.clips[self.test[self.other[i]]]),
            ):
                (sub / kind).mkdir(parents=True, exist_ok=True)
                peak = max(1.0, float(np.abs(clip).max()))
                write_clip(sub / kind / name, clip / peak, self.corpus.rate)


class Pitch:
    """Medians of the logarithm of the pitch."""

    def __init__(self, corpus, converter):
        self.vocoder = SourceFilterVocoder(corpus.rate).fit(corpus.clips[:1])
        self.converter = converter

    def of_clip(self, clip):
        """Return the median over voiced frames of a signal."""
        blocks = self.vocoder.feature_blocks_
        x = self.vocoder.transform([clip])[0]
        voiced = x[:, blocks["vuv"]][:, 0] > 0.5
        return float(np.median(x[voiced, blocks["lf0"].start])) if voiced.any() else np.nan

    def of_frames(self, frames):
        """Return that of the sound of frames."""
        return self.of_clip(self.converter.synthesise([frames])[0])


def share_near(weights, n_content, n_steps):
    """Return the mean share of attention within the band around the diagonal."""
    import torch

    weights = torch.from_numpy(np.asarray(weights))[None]
    distance = off_diagonal(weights, torch.tensor([n_content]), torch.tensor([n_steps]))
    near = (weights * (distance <= BAND)).sum(dim=2)[0, :n_steps]
    return float(near.mean())


def forced_alignment(vae, x, content):
    """Return attention weights (n_steps, n_states) after the true frames of a clip."""
    import torch

    contents, _ = vae._read_contents([content])
    clips = vae._utterances([x], contents, np.zeros(1, int))
    inputs, targets = clips.batch([0])
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(0)
        weights = vae.module_(**in_double(inputs))[2][0].numpy()
    n_steps = int(targets["n_steps"][0])
    return weights[:n_steps], n_steps


def centred(x):
    """Return log-mel frames whose columns have mean zero."""
    return x - x.mean(axis=0)


def shapes(x):
    """Return what of spectra, less their mean, is neither level nor fine: all frames as strong."""
    cepstrum = dct(x, norm="ortho", axis=1)[:, 1:N_CEPSTRA]
    cepstrum = cepstrum - cepstrum.mean(axis=0)
    return cepstrum / np.linalg.norm(cepstrum, axis=1, keepdims=True)


def warped_distance(a, b):
    """Return the mean distance of frames on the best path."""
    path, cost = dtw_path(a, b)
    return cost / len(path)


def main():
    """Train, or read, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    data = os.environ.get("SKSTYLE_DATA")
    parser.add_argument("--data", type=Path, default=data and Path(data))
    parser.add_argument("--prefix", default="vcc2018_")
    parser.add_argument("--content", choices=("text", "frames"), default="text")
    parser.add_argument("--test-ids", default="30025-30030")
    parser.add_argument("--dev-ids", default="30019-30024")
    parser.add_argument("--dev", action="store_true")
    parser.add_argument("--n-epochs", type=int)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="of SequenceVAE")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-waves", type=int, default=60)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--verbose", type=int, default=1)
    args = parser.parse_args()
    table = args.data and args.data / "speech" / "transcripts.csv"
    if table is None or not table.is_file():
        parser.error("no speech/transcripts.csv: pass --data DIR or set SKSTYLE_DATA")
    corpus = Corpus(table, args.prefix)
    left_out = corpus.among(args.test_ids)
    test = left_out
    if args.dev:
        test = corpus.among(args.dev_ids)
        left_out = left_out | test
    train, test = np.flatnonzero(~left_out), np.flatnonzero(test)
    if args.model:
        converter = load_model(args.model)
    else:
        vae = SequenceVAE(args.content, random_state=args.seed, verbose=args.verbose)
        if args.n_epochs is not None:
            vae.set_params(n_epochs=args.n_epochs)
        for setting in args.set:
            name, _, value = setting.partition("=")
            vae.set_params(**{name: ast.literal_eval(value)})
        converter = SequenceVAEConverter(speech_features(corpus.rate), vae)
        begin, cpu = time.perf_counter(), time.process_time()
        converter.fit(corpus.take(train, corpus.clips), corpus.take(train, corpus.texts))
        print(
            f"{args.content}: {len(train)} clips, {converter.vae_.best_epoch_} epochs in "
            f"{time.perf_counter() - begin:.0f} s ({time.process_time() - cpu:.0f} s of processors)"
        )
        if args.out:
            args.out.mkdir(parents=True, exist_ok=True)
            save_model(converter, args.out / "model.joblib")
    judge = Judge(converter, corpus, train, test)
    judge.print_lengths()
    judge.print_attention()
    judge.print_use()
    judge.print_styles(args.max_waves)
    judge.print_sentences()
    if args.out:
        judge.write(args.out)


def speech_features(rate):
    """Return log-mel spectra: 80 bands up to 8 kHz, a frame every 256 samples at 22050 Hz."""
    hop_length = round(256 * rate / 22050)
    return MelSpectrogram(
        rate,
        n_fft=4 * hop_length,
        hop_length=hop_length,
        f_max_hz=min(8000.0, rate / 2),
        power=1.0,
        output="log",
    )


if __name__ == "__main__":
    main()
