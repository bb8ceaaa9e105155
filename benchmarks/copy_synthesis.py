"""Copy-synthesis: sentences through a vocoder and back, beside pyworld.

    python benchmarks/copy_synthesis.py --data DIR --speaker TF1 --speaker SM1
    python benchmarks/copy_synthesis.py --out out/copies --png 3

Reads ``DIR/speaker/id.flac`` (or .wav), analyses every sentence and synthesises it again with
the defaults of ``SourceFilterVocoder``, and with harvest, CheapTrick, D4C and WORLD's synthesis
where pyworld is installed (``make bench-vocoder`` builds it). Prints one table a speaker:

==========  =======================================================================================
MCD         mel-cepstral distortion of the copy's waveform to the original's, in dB
            (``skstyle.metrics.mel_cepstral_distortion``)
MCD, WORLD  the same on mel-cepstra of harvest and CheapTrick, as most judges have it
lf0 RMSE    root mean square of log(F0 of the copy / F0 of the original); one tracker hears both,
            the one that the headline names
copy V/UV   frames that are voiced in the copy or in the original only, by that tracker
gross F0    frames where the vocoder's own pitch is more than 20 % off harvest's, of frames
            voiced in both
V/UV        frames that only one of the vocoder and harvest calls voiced
level       power of the copy over that of the original, in dB
peak        highest absolute sample of all copies
analysis,   CPU seconds over seconds of sound. Run on one core, as the make target does.
synthesis
==========  =======================================================================================

Both V/UV columns look at frames within 30 dB of the loudest one of the original.

``--out`` writes ``OUT/vocoder/speaker/id.wav``. A judge from outside, such as a model of
opinion scores or a speech recogniser, compares ``OUT/skstyle/TF1`` and ``OUT/pyworld/TF1`` with
``DIR/TF1`` file by file: names, lengths and sample rates are those of the originals.
"""

import argparse
import fnmatch
import os
import time
import warnings
from pathlib import Path

import numpy as np

from skstyle import SourceFilterVocoder, audio
from skstyle.exceptions import ClippingWarning
from skstyle.features._cepstrum import auto_alpha, mel_cepstrum
from skstyle.metrics import mel_cepstral_distortion

FRAME_PERIOD_MS = 5.0
COLUMNS = (
    ("MCD dB", "mcd", "8.2f"),
    ("MCD, WORLD", "world_mcd", "10.2f"),
    ("lf0 RMSE", "lf0_rmse", "9.3f"),
    ("copy V/UV", "copy_vuv", "9.1f%"),
    ("gross F0", "gross", "8.2f%"),
    ("V/UV", "vuv", "6.1f%"),
    ("level dB", "level", "8.2f"),
    ("peak", "peak", "6.2f"),
    ("analysis", "analysis", "8.3f"),
    ("synthesis", "synthesis", "9.3f"),
)


class SkstyleVocoder:
    """The vocoder of the library, with its defaults."""

    def __init__(self, clips, rate):
        self._vocoder = SourceFilterVocoder(rate, frame_period_ms=FRAME_PERIOD_MS).fit(clips)

    def analyse(self, clip):
        """Return the parameters of a clip."""
        return self._vocoder.transform([clip])

    def synthesise(self, parameters):
        """Return a clip from parameters, as long as the analysed one."""
        return self._vocoder.inverse_transform(parameters)[0]

    def f0(self, parameters):
        """Return F0 in Hz, 0 where unvoiced."""
        blocks = self._vocoder.feature_blocks_
        lf0, vuv = (parameters[0][:, blocks[name]][:, 0] for name in ("lf0", "vuv"))
        return np.exp(lf0) * (vuv > 0.5)

    def mel_cepstrum(self, parameters):
        """Return the mel-cepstrum, c_0 first."""
        return parameters[0][:, self._vocoder.feature_blocks_["mcep"]]


class WorldVocoder:
    """Harvest, CheapTrick, D4C and WORLD's synthesis, through pyworld."""

    def __init__(self, clips, rate):
        with warnings.catch_warnings():
            # pyworld imports what setuptools calls outdated.
            warnings.simplefilter("ignore")
            import pyworld
        self._world, self._rate = pyworld, rate

    def analyse(self, clip):
        """Return the parameters of a clip."""
        x = clip.astype(np.float64)
        f0, times = self._world.harvest(x, self._rate, frame_period=FRAME_PERIOD_MS)
        envelope = self._world.cheaptrick(x, f0, times, self._rate)
        return f0, envelope, self._world.d4c(x, f0, times, self._rate), len(x)

    def synthesise(self, parameters):
        """Return a clip from parameters, as long as the analysed one."""
        *streams, n_times = parameters
        x = self._world.synthesize(*streams, self._rate, FRAME_PERIOD_MS)[:n_times]
        return np.pad(x, (0, n_times - len(x))).astype(np.float32)

    def f0(self, parameters):
        """Return F0 in Hz, 0 where unvoiced."""
        return parameters[0]

    def mel_cepstrum(self, parameters):
        """Return the mel-cepstrum, c_0 first."""
        return mel_cepstrum(parameters[1], 24, auto_alpha(self._rate))


VOCODERS = {"skstyle": SkstyleVocoder, "pyworld": WorldVocoder}


def read_sentences(folder, patterns, n_sentences):
    """Read the first sentences of a speaker whose names match, pattern by pattern."""
    if not folder.is_dir():
        raise SystemExit(f"No folder {folder}: pass --data DIR and --speaker NAME.")
    files = {p.stem: p for p in sorted(folder.iterdir()) if p.suffix in audio.AUDIO_SUFFIXES}
    ids = [name for pattern in patterns for name in fnmatch.filter(files, pattern)]
    ids = list(dict.fromkeys(ids))[:n_sentences]
    if not ids:
        raise SystemExit(f"No sentence in {folder} matches {' or '.join(patterns)}.")
    clips, rate = audio.read_clips([files[name] for name in ids])
    return ids, clips, rate


def copy_all(vocoders, clips):
    """Copy every clip by every vocoder in turn; parameters, copies and CPU seconds of each."""
    results = {name: ([], [], np.zeros(2)) for name in vocoders}
    for vocoder in vocoders.values():
        # Compiles and plans what the first call has to.
        vocoder.synthesise(vocoder.analyse(clips[0]))
    for clip in clips:
        for name, vocoder in vocoders.items():
            parameters, copies, seconds = results[name]
            start = time.process_time()
            parameters.append(vocoder.analyse(clip))
            middle = time.process_time()
            copies.append(vocoder.synthesise(parameters[-1]))
            seconds += middle - start, time.process_time() - middle
    return results


def measure(name, vocoders, results, clips, rate):
    """Return the figures of one vocoder by the names in COLUMNS."""
    parameters, copies, seconds = results[name]
    # One tracker hears the originals and all copies.
    judge = "pyworld" if "pyworld" in vocoders else "skstyle"
    hear, originals = vocoders[judge], results[judge][0]
    copied = [hear.analyse(copy) for copy in copies]
    loud = [loud_frames(clip, rate) for clip in clips]
    pitch = [hear.f0(p) for p in originals]
    error, copy_vuv = compare_f0([hear.f0(p) for p in copied], pitch, loud)
    figures = {
        "mcd": mel_cepstral_distortion(clips, copies, sample_rate=rate),
        "lf0_rmse": np.sqrt(np.mean(error**2)),
        "copy_vuv": 100 * copy_vuv,
        "level": 10 * np.log10(energy(copies) / energy(clips)),
        "peak": max(np.abs(copy).max() for copy in copies),
    }
    duration = sum(map(len, clips)) / rate
    figures["analysis"], figures["synthesis"] = seconds / duration
    if judge == "pyworld":
        a, b = ([hear.mel_cepstrum(p) for p in heard] for heard in (originals, copied))
        figures["world_mcd"] = mel_cepstral_distortion(a, b)
        if name != judge:
            own = [vocoders[name].f0(p) for p in parameters]
            error, vuv = compare_f0(own, pitch, loud)
            figures["gross"] = 100 * np.mean((error > np.log(1.2)) | (error < np.log(0.8)))
            figures["vuv"] = 100 * vuv
    return figures


def compare_f0(found, expected, loud):
    """Return log ratios where both are voiced, and the share of loud frames where one is."""
    rows = [
        (f[:n], e[:n], w[:n])
        for f, e, w in zip(found, expected, loud, strict=True)
        for n in [min(len(f), len(e), len(w))]
    ]
    found, expected, loud = (np.concatenate(column) for column in zip(*rows, strict=True))
    both = (found > 0) & (expected > 0)
    return np.log(found[both] / expected[both]), np.mean(((found > 0) != (expected > 0))[loud])


def loud_frames(clip, rate):
    """Tell which frames lie within 30 dB of the loudest one."""
    power = np.convolve(clip.astype(np.float64) ** 2, np.ones(512) / 512, mode="same")
    hop = rate * FRAME_PERIOD_MS / 1000
    power = power[np.arange(0, len(clip), hop).astype(int)]
    return power > 1e-3 * power.max()


def energy(clips):
    """Return the sum of squares of all clips."""
    return sum(np.sum(clip.astype(np.float64) ** 2) for clip in clips)


def print_table(figures):
    """Print one row a vocoder; what was not measured is a dash."""
    print(" ".join([f"{'':8s}", *(f"{title:>{_width(form)}s}" for title, _, form in COLUMNS)]))
    for name, row in figures.items():
        cells = (_cell(row.get(key), form) for _, key, form in COLUMNS)
        print(" ".join([f"{name:8s}", *cells]))


def _width(form):
    return int(form.partition(".")[0]) + form.endswith("%")


def _cell(value, form):
    if value is None or not np.isfinite(value):
        return f"{'-':>{_width(form)}s}"
    return format(value, form.rstrip("%")) + ("%" if form.endswith("%") else "")


def write_copies(folder, ids, copies, rate):
    """Write the copies as 16-bit wav files; the table has told their peaks."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, copy in zip(ids, copies, strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ClippingWarning)
            audio.write_clip(folder / f"{name}.wav", copy, rate)


def draw_spectrograms(path, clips, rate):
    """Draw one spectrogram a clip, one below the other on one scale: clips is a dict by title."""
    from matplotlib.figure import Figure

    from skstyle.signal import STFTTransformer

    stft = STFTTransformer(n_fft=1024, win_length=512, hop_length=64, output="magnitude")
    levels = [20 * np.log10(s.T + 1e-6) for s in stft.fit_transform(list(clips.values()))]
    top = max(level.max() for level in levels)
    figure = Figure(figsize=(14, 4 * len(clips)), layout="constrained")
    axes = np.atleast_1d(figure.subplots(len(clips), sharex=True, sharey=True))
    for ax, (title, clip), level in zip(axes, clips.items(), levels, strict=True):
        picture = ax.imshow(
            level,
            origin="lower",
            aspect="auto",
            extent=(0, len(clip) / rate, 0, rate / 2000),
            vmin=top - 80,
            vmax=top,
            cmap="magma",
        )
        ax.set(title=title, ylabel="kHz")
    axes[-1].set_xlabel("seconds")
    figure.colorbar(picture, ax=axes, label="dB")
    figure.savefig(path, dpi=100)


def run(args, speaker):
    """Copy the sentences of one speaker, and print, write and draw what came out."""
    ids, clips, rate = read_sentences(args.data / speaker, args.ids, args.n_sentences)
    vocoders, missing = {}, {}
    for name, make in VOCODERS.items():
        try:
            vocoders[name] = make(clips, rate)
        except ImportError as e:
            missing[name] = f"not installed ({e})"
    results = copy_all(vocoders, clips)
    duration = sum(map(len, clips)) / rate
    tracker = "harvest" if "pyworld" in vocoders else "skstyle"
    print(f"\n{speaker}: {len(clips)} sentences, {duration:.0f} s at {rate} Hz; ", end="")
    print(f"pitch of the copies by {tracker}")
    print_table({name: measure(name, vocoders, results, clips, rate) for name in vocoders})
    for name, reason in missing.items():
        print(f"{name:8s} {reason}")
    if args.out:
        for name, (_, copies, _) in results.items():
            write_copies(args.out / name / speaker, ids, copies, rate)
        for i in range(min(args.png, len(ids))):
            panels = {f"{speaker} {ids[i]}": clips[i]}
            panels.update((name, copies[i]) for name, (_, copies, _) in results.items())
            draw_spectrograms(args.out / f"{speaker}-{ids[i]}.png", panels, rate)


def main():
    """Parse the command line and run."""
    data = os.environ.get("SKSTYLE_DATA")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(data, "speech", "vcc2018") if data else None,
        help="folder with one folder of recordings per speaker",
    )
    parser.add_argument("--speaker", action="append", help="may be repeated; default TF1, SM1")
    parser.add_argument(
        "--ids", action="append", help="shell pattern, may be repeated; default 300*, then *"
    )
    parser.add_argument("--n-sentences", type=int, default=35, help="at most, of each speaker")
    parser.add_argument("--out", type=Path, help="folder for the copies and the pictures")
    parser.add_argument("--png", type=int, default=0, help="sentences to draw, into --out")
    args = parser.parse_args()
    if args.data is None:
        parser.error("pass --data DIR, or set SKSTYLE_DATA")
    if args.png and not args.out:
        parser.error("--png needs --out")
    args.ids = args.ids or ["300*", "*"]
    for speaker in args.speaker or ["TF1", "SM1"]:
        run(args, speaker)


if __name__ == "__main__":
    main()
