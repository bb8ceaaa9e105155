"""Peak memory of the signal wing on a long clip, each case in a process of its own.

    python benchmarks/memory.py
    python benchmarks/memory.py --seconds 60 --rate 16000
    python benchmarks/memory.py --seconds 180 --rate 44100 --case "Gram style transfer"

The clip is synthetic speech in float32, ten minutes by default. "before" is the process with
the clip and the libraries loaded, "peak" the most that it ever held.
"""

import argparse
import subprocess
import sys
import time

# Nothing heavy here: a child counts the memory of its parent at the fork as its own peak.
CASES = (
    "STFT and back",
    "vocoder analysis",
    "vocoder and back",
    "Griffin-Lim, 32 iterations",
    "Gram style transfer",
)


def main():
    """Parse the command line, run every case and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=600.0, help="length of the clip")
    parser.add_argument("--rate", type=int, action="append", help="in Hz; default 22050, 48000")
    parser.add_argument("--case", choices=CASES, help="run one case in this process")
    args = parser.parse_args()
    rates = args.rate or [22050, 48000]
    if args.case:
        run_case(args.case, rates[0], args.seconds)
        return
    print(f"{args.seconds:g} s of float32 sound; all sizes in MB")
    print(f"{'':28s} {'Hz':>6s} {'clip':>6s} {'before':>7s} {'peak':>7s} {'seconds':>8s}")
    for case in CASES:
        for rate in rates:
            command = [sys.executable, __file__, "--case", case, "--rate", str(rate)]
            command += ["--seconds", str(args.seconds)]
            done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
            row = done.stdout.rstrip() or (done.stderr.splitlines() or ["killed"])[-1]
            print(f"{case:28s} {rate:6d} {row}", flush=True)


def run_case(case, rate, seconds):
    """Run one case on a clip and print sizes and seconds."""
    import numpy as np
    from sklearn.pipeline import make_pipeline

    from skstyle import GramStyleTransformer
    from skstyle.datasets import make_parallel_speakers
    from skstyle.features import SourceFilterVocoder
    from skstyle.signal import PhaseReconstructor, STFTTransformer

    sentence = np.concatenate(make_parallel_speakers(4, sample_rate=rate, random_state=0)[0])
    clip = np.resize(sentence, round(seconds * rate))
    if case.startswith("vocoder"):
        step = SourceFilterVocoder(rate)
    elif case.startswith("STFT"):
        step = STFTTransformer()
    elif case.startswith("Gram"):
        step = make_pipeline(
            STFTTransformer(output="magnitude", keep_source=True),
            # As many steps as descent remembers.
            GramStyleTransformer(max_iter=12, tol=0.0, random_state=0),
            PhaseReconstructor(init="source"),
        )
    else:
        step = STFTTransformer(output="magnitude", phase=PhaseReconstructor(n_iter=32))
    there_and_back = not case.startswith(("vocoder analysis", "Gram"))
    # Compile and plan on a second of sound, so that only the clip counts; it is the style, too.
    result = step.fit_transform([clip[:rate]])
    if there_and_back:
        step.inverse_transform(result)
    before, start = peak_megabytes(), time.perf_counter()
    result = step.transform([clip])
    if there_and_back:
        result = step.inverse_transform(result)
    end = time.perf_counter()
    if not all(np.isfinite(item).all() for item in result):
        raise SystemExit("the result is not finite")
    print(f"{clip.nbytes / 1e6:6.0f} {before:7.0f} {peak_megabytes():7.0f} {end - start:8.1f}")


def peak_megabytes():
    """Return the most memory that this process has held so far."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kibibytes everywhere but on macOS.
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


if __name__ == "__main__":
    main()
