"""The command line: ``skstyle demo`` and ``skstyle convert``."""

import argparse
import sys

from . import __version__
from ._console import UsageError, say

CONVERT_EXAMPLES = """\
examples:
  Learn from paired recordings corpus/anna/*.wav and corpus/ben/*.wav, keep the model, and
  convert two clips that took no part in the training:

    skstyle convert --corpus corpus --source anna --target ben --train-ids 'train-*' \\
        --model anna-ben.skstyle --out converted new-1.wav new-2.wav

  Convert a folder with the model of yesterday:

    skstyle convert --model anna-ben.skstyle --out converted recordings/
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError(f"{message} (see {self.prog} --help)")


def _at_least(lowest, highest=sys.maxsize):
    def whole_number(text):
        value = int(text)
        if not lowest <= value <= highest:
            bound = f"at least {lowest}" if value < lowest else f"at most {highest}"
            raise argparse.ArgumentTypeError(f"must be {bound}, got {value}")
        return value

    # argparse says "invalid whole number value" with it.
    whole_number.__name__ = "whole number"
    return whole_number


def _share(text):
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must lie between 0 and 1, got {value:g}")
    return value


# argparse says "invalid number value" with it.
_share.__name__ = "number"


def _n_jobs(text):
    value = int(text)
    if value == 0:
        raise argparse.ArgumentTypeError("must be 1 or more, or -1 for all processors")
    return value


_n_jobs.__name__ = "whole number"


def make_parser():
    """Return the parser of the command line."""
    parser = _Parser(
        prog="skstyle",
        description="Voice conversion with scikit-learn estimators, on a CPU, in seconds.",
        epilog="Try: skstyle demo --out out",
    )
    parser.add_argument("--version", action="version", version=f"skstyle {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="{demo,convert}")

    demo = commands.add_parser(
        "demo",
        help="convert a synthetic voice; needs no data",
        description="Learn a voice from ten synthetic sentences and convert three others. "
        "Writes source, converted and target clips and a picture, and prints the mel-cepstral "
        "distortion (MCD) to the target.",
    )
    demo.add_argument("--out", default="out", metavar="DIR", help="where to write (default: out)")
    _add_common(demo)
    demo.set_defaults(run="demo")

    convert = commands.add_parser(
        "convert",
        help="convert your own recordings",
        description="Learn a voice from paired recordings, or load a model, and convert clips. "
        "Prints the mel-cepstral distortion (MCD) of the clips whose target is in the corpus.",
        epilog=CONVERT_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    convert.add_argument(
        "clips",
        nargs="*",
        metavar="clip",
        help="audio file, or a folder: all audio files in it",
    )
    convert.add_argument("--out", metavar="DIR", help="folder of the converted clips, as wav")
    convert.add_argument(
        "--model", metavar="FILE", help="written with --corpus, read without. Read only yours"
    )
    _add_common(convert)
    convert.add_argument(
        "--mono",
        choices=("raise", "mix", "first"),
        default="raise",
        help="of clips with several channels: refuse them (default), take the mean or the first",
    )
    convert.add_argument("--quiet", action="store_true", help="show no progress")

    train = convert.add_argument_group("training (all need --corpus)")
    train.add_argument(
        "--corpus", metavar="DIR", help="DIR/SPEAKER/SENTENCE.wav (or .flac, .ogg, .mp3)"
    )
    train.add_argument("--source", metavar="SPEAKER", help="who speaks in the clips")
    train.add_argument("--target", metavar="SPEAKER", help="who shall speak")
    train.add_argument(
        "--train-ids",
        nargs="+",
        action="extend",
        metavar="ID",
        help="sentences to learn from, names or patterns such as 'a0*' (default: all)",
    )
    train.add_argument(
        "--max-train", type=_at_least(1), metavar="N", help="learn from the first N of them only"
    )
    train.add_argument(
        "--sample-rate",
        type=_at_least(1000),
        metavar="HZ",
        help="resample all recordings (default: their own rate)",
    )
    train.add_argument(
        "--n-components",
        type=_at_least(1),
        metavar="N",
        help="size of the mixture (default: as large as the recordings can feed, at most 32)",
    )
    train.add_argument(
        "--synthesis",
        choices=("vocoder", "differential"),
        help="make the sound by a vocoder (default), or by filtering the source clip",
    )
    train.add_argument(
        "--global-variance",
        type=_share,
        metavar="SHARE",
        help="how far to go to the target's variance along time, 0 (muffled) to 1 (default)",
    )
    train.add_argument("--memory", metavar="DIR", help="cache of analyses for the next training")
    convert.set_defaults(run="convert")
    return parser


def _add_common(parser):
    parser.add_argument(
        "--seed",
        type=_at_least(0, 2**32 - 1),
        default=0,
        metavar="N",
        help="of all that is random (default: 0)",
    )
    parser.add_argument(
        "--n-jobs", type=_n_jobs, metavar="N", help="clips handled at once (default: 1; -1: all)"
    )


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; by default those of the process.

    Returns
    -------
    status : int
        0: done, 1: failed, 2: wrong arguments and nothing was done.
    """
    try:
        args = make_parser().parse_args(argv)
        # Imported here, so that --help does not load scikit-learn.
        from . import _commands

        getattr(_commands, args.run)(args)
    except UsageError as e:
        say(f"skstyle: error: {e}")
        return 2
    except (OSError, ValueError) as e:
        say(f"skstyle: error: {e}")
        return 1
    except SystemExit as e:
        # --help and --version
        return e.code or 0
    except KeyboardInterrupt:
        say("skstyle: interrupted")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
