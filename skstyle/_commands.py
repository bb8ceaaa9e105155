"""What the command line does; everything that can be checked is checked before the fit."""

import tempfile
from collections import namedtuple
from fnmatch import fnmatchcase
from pathlib import Path
from time import perf_counter

from ._console import UsageError, distortion_table, named_clips, say, tell, usage_errors
from .audio import AUDIO_SUFFIXES, open_clip, read_clip, write_clip
from .compose import make_voice_converter
from .datasets import load_parallel_corpus, make_parallel_speakers, match_utterances
from .inspection import ConversionDisplay
from .metrics import mel_cepstral_distortion
from .utils.persistence import load_model, save_model

DEMO_RATE = 16000
N_DEMO_TRAIN, N_DEMO_TEST = 10, 3

_Corpus = namedtuple("_Corpus", ["sources", "targets", "train_ids", "sample_rate"])
_TRAINING_ONLY = (
    "source",
    "target",
    "train_ids",
    "max_train",
    "sample_rate",
    "n_components",
    "synthesis",
    "global_variance",
    "memory",
)


def demo(args):
    """Convert a synthetic voice and show what became of it."""
    with usage_errors():
        out = _make_folder(args.out)
    say(f"making {N_DEMO_TRAIN + N_DEMO_TEST} sentences of two synthetic speakers")
    X, y, truth = make_parallel_speakers(
        N_DEMO_TRAIN + N_DEMO_TEST,
        sample_rate=DEMO_RATE,
        duration=2.5,
        random_state=args.seed,
        return_truth=True,
    )
    train, test = slice(N_DEMO_TRAIN), slice(N_DEMO_TRAIN, None)
    sources, targets, names = X[test], y[test], truth.ids[test]
    say(f"learning from {N_DEMO_TRAIN} of them")
    start = perf_counter()
    converter = make_voice_converter(DEMO_RATE, n_jobs=args.n_jobs, random_state=args.seed)
    converter.fit(X[train], y[train])
    fitted = perf_counter()
    say(f"converting the other {N_DEMO_TEST}")
    converted = converter.predict(sources)
    done = perf_counter()

    for name, *clips in zip(names, sources, converted, targets, strict=True):
        for role, clip in zip(("source", "converted", "target"), clips, strict=True):
            write_clip(out / f"{name}-{role}.wav", clip, DEMO_RATE)
    display = ConversionDisplay.from_predictions(
        sources[0], converted[0], targets[0], sample_rate=DEMO_RATE
    )
    display.figure_.savefig(out / "conversion.png", dpi=120)

    _print_distortion(names, sources, converted, targets, DEMO_RATE, args.n_jobs)
    tell()
    tell(f"fit      {fitted - start:5.1f} s for {_seconds(X[train], DEMO_RATE):5.1f} s of speech")
    tell(_speed(done - fitted, sources, DEMO_RATE))
    say(f"clips and conversion.png are in {out}")


def convert(args):
    """Learn a voice or load a model, and convert clips."""
    with usage_errors():
        _check_options(args)
        if args.corpus is None:
            corpus, converter = None, _load_converter(args.model)
            rate = converter.sample_rate_
        else:
            corpus = _plan_training(args)
            converter, rate = _new_converter(args, corpus.sample_rate), corpus.sample_rate
        paths = _clip_paths(args.clips)
        with named_clips():
            clips = [_read(path, rate, args.mono) for path in paths]
        outputs = _plan_outputs(args.out, paths, corpus)
        known = [path.stem for path in paths if corpus and path.stem in corpus.targets]
        targets = [_read(corpus.targets[name], rate, args.mono) for name in known]
        if corpus:
            X, y = _load_training(args, corpus)
        if paths:
            _make_folder(args.out)
    converter.set_params(n_jobs=args.n_jobs, verbose=0 if args.quiet else 1)

    if corpus:
        _fit(args, converter, corpus, X, y)
    if not paths:
        return
    start = perf_counter()
    with named_clips(X=paths):
        converted = converter.predict(clips)
    seconds = perf_counter() - start
    with named_clips():
        for path, clip in zip(outputs, converted, strict=True):
            write_clip(path, clip, rate)
    if not args.quiet:
        say(_speed(seconds, clips, rate))
    if known:
        position = {path.stem: i for i, path in enumerate(paths)}
        sources = [clips[position[name]] for name in known]
        results = [converted[position[name]] for name in known]
        _print_distortion(
            known, sources, results, targets, rate, args.n_jobs, trained=corpus.train_ids
        )


def _check_options(args):
    """Refuse what makes no sense together."""
    if args.corpus is None:
        for name in _TRAINING_ONLY:
            if getattr(args, name) is not None:
                raise UsageError(f"--{name.replace('_', '-')} needs --corpus DIR")
        if args.model is None:
            raise UsageError("nothing to convert with: give --corpus DIR to learn, or --model FILE")
    else:
        for name in ("source", "target"):
            if getattr(args, name) is None:
                raise UsageError(f"--corpus needs --{name} SPEAKER")
        if args.model is not None:
            _check_model_output(Path(args.model))
    if args.clips and args.out is None:
        raise UsageError("clips need --out DIR for what becomes of them")
    if not args.clips and args.model is None:
        raise UsageError("nothing to do: give clips to convert, or --model FILE to save")
    if not args.clips and args.corpus is None:
        raise UsageError("nothing to do: give clips to convert")


def _check_model_output(path):
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {path}: there is no folder {path.parent}")
    if path.exists():
        try:
            load_model(path)
        except (OSError, ValueError) as e:
            raise UsageError(f"--model {path} exists and is no model: it is not replaced") from e


def _load_converter(path):
    converter = load_model(path)
    rate = getattr(converter, "sample_rate_", None)
    if rate is None or not hasattr(converter, "predict"):
        raise UsageError(
            f"{path} holds a {type(converter).__name__}, not a converter with a sample rate"
        )
    return converter


def _new_converter(args, sample_rate):
    chosen = {"synthesis": args.synthesis, "global_variance": args.global_variance}
    converter = make_voice_converter(
        sample_rate,
        memory=args.memory,
        n_jobs=args.n_jobs,
        random_state=args.seed,
        **{name: value for name, value in chosen.items() if value is not None},
    )
    if args.n_components is not None:
        converter.set_params(regressor__regressor__mcep__regressor__n_components=args.n_components)
    if args.memory is not None:
        _make_folder(args.memory)
    return converter


def _plan_training(args):
    """Find the sentences to learn from and their sample rate, by names and headers only."""
    ids, sources, targets = match_utterances(args.corpus, args.source, args.target, None)
    sources, targets = dict(zip(ids, sources, strict=True)), dict(zip(ids, targets, strict=True))
    train_ids = _select(ids, args.train_ids, args.corpus)[: args.max_train]
    example = {}
    for path in [sources[name] for name in train_ids] + [targets[name] for name in train_ids]:
        rate = _check_header(path, args.mono)
        example.setdefault(rate, path)
    if args.sample_rate is None and len(example) > 1:
        listed = ", ".join(f"{path} has {rate} Hz" for rate, path in sorted(example.items()))
        raise UsageError(f"sample rates differ ({listed}): choose one with --sample-rate HZ")
    return _Corpus(sources, targets, train_ids, args.sample_rate or next(iter(example)))


def _select(ids, patterns, corpus):
    """Return the ids that match any of the patterns, in their order."""
    if patterns is None:
        return ids
    chosen = set()
    for pattern in patterns:
        # A name may hold brackets: it is no pattern then.
        found = [pattern] if pattern in ids else [i for i in ids if fnmatchcase(i, pattern)]
        if not found:
            hint = "; clips go before --train-ids" if Path(pattern).is_file() else ""
            raise UsageError(
                f"--train-ids {pattern!r} matches none of the {len(ids)} sentences that both "
                f"speakers have in {corpus} ({ids[0]} ... {ids[-1]}){hint}"
            )
        chosen.update(found)
    return [name for name in ids if name in chosen]


def _clip_paths(clips):
    """Return the audio files that are named, and those in folders that are named."""
    paths = []
    for clip in map(Path, clips):
        if clip.is_dir():
            found = sorted(
                path
                for path in clip.iterdir()
                if path.suffix.lower() in AUDIO_SUFFIXES and not path.name.startswith(".")
            )
            if not found:
                raise UsageError(f"no audio files in {clip} ({', '.join(AUDIO_SUFFIXES)})")
            paths += found
        else:
            paths.append(clip)
    first = {}
    for path in paths:
        other = first.setdefault(path.stem, path)
        if other is not path:
            raise UsageError(f"{other} and {path} would both become {path.stem}.wav: rename one")
    return paths


def _plan_outputs(out, paths, corpus):
    """Return where results go, which is never where a clip came from."""
    outputs = [Path(out, f"{path.stem}.wav") for path in paths]
    inputs = [*paths, *corpus.sources.values(), *corpus.targets.values()] if corpus else paths
    taken = {path.resolve() for path in inputs}
    speakers = {path.parent for path in taken} if corpus else set()
    if paths and Path(out).resolve() in speakers:
        raise UsageError(f"--out {out} holds recordings of the corpus: choose another folder")
    for path in outputs:
        if path.resolve() in taken:
            raise UsageError(f"{path} would replace a recording: choose another --out")
        if path.is_dir():
            raise UsageError(f"cannot write {path}: it is a folder")
    return outputs


def _make_folder(path):
    """Make a folder for results and try to write there."""
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file, expected a folder")
    path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path):
        return path


def _check_header(path, mono):
    """Return the sample rate of a file; refuse channels that nobody chose."""
    with open_clip(path) as file:
        if file.channels > 1 and mono == "raise":
            raise UsageError(
                f"{path} has {file.channels} channels: choose --mono mix (their mean) or "
                "--mono first"
            )
        return file.samplerate


def _read(path, sample_rate, mono):
    native = _check_header(path, mono)
    signal, _ = read_clip(path, sample_rate=sample_rate, mono=mono)
    if native != sample_rate:
        say(f"note: {path} has {native:g} Hz and the model {sample_rate:g} Hz: resampled")
    return signal


def _load_training(args, corpus):
    X, y, _ = load_parallel_corpus(
        args.corpus,
        args.source,
        args.target,
        ids=corpus.train_ids,
        sample_rate=corpus.sample_rate,
        mono=args.mono,
        n_jobs=args.n_jobs,
        verbose=0 if args.quiet else 1,
    )
    return X, y


def _fit(args, converter, corpus, X, y):
    replaced = args.model is not None and Path(args.model).exists()
    sources = [corpus.sources[name] for name in corpus.train_ids]
    targets = [corpus.targets[name] for name in corpus.train_ids]
    start = perf_counter()
    with named_clips(X=sources, y=targets):
        converter.fit(X, y)
    if not args.quiet:
        duration = _seconds(X, corpus.sample_rate)
        say(f"learnt from {len(X)} pairs ({duration:.0f} s) in {perf_counter() - start:.1f} s")
    if args.model is not None:
        # Where and how it was fitted is no part of the voice.
        settings = {name: converter.get_params()[name] for name in ("memory", "n_jobs", "verbose")}
        converter.set_params(memory=None, n_jobs=None, verbose=0)
        save_model(converter, args.model)
        converter.set_params(**settings)
        say(f"note: {args.model} {'replaced by the new model' if replaced else 'written'}")


def _print_distortion(names, sources, converted, targets, sample_rate, n_jobs, trained=()):
    before, after = (
        mel_cepstral_distortion(
            targets, clips, sample_rate=sample_rate, average=False, n_jobs=n_jobs
        )
        for clips in (sources, converted)
    )
    marked = [f"{name}*" if name in trained else name for name in names]
    tell(distortion_table(marked, before, after))
    if marked != list(names):
        tell("* was learnt from: its distortion tells nothing about new sentences")


def _seconds(clips, sample_rate):
    return sum(map(len, clips)) / sample_rate


def _speed(seconds, clips, sample_rate):
    duration = _seconds(clips, sample_rate)
    return (
        f"convert  {seconds:5.1f} s for {duration:5.1f} s of speech "
        f"(real-time factor {seconds / duration:.2f})"
    )
