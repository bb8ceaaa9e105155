"""Speech and its analysis by WORLD. Oracles are built from source: see ``make test-oracles``."""

import os
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from skstyle.audio import read_clips
from skstyle.datasets import make_parallel_speakers

Speech = namedtuple("Speech", ["clips", "sample_rate", "speakers", "true_f0"])
World = namedtuple("World", ["f0", "times", "envelope", "aperiodicity", "loud"])

# Two female and two male voices; each says a few sentences.
SPEAKERS, IDS = ("SF1", "SM1", "TF1", "TM1"), ("30003", "30011", "30019")


@pytest.fixture(scope="session", params=["synthetic", "real"])
def speech(request):
    """Sentences of two synthetic voices, whose pitch is known, and of four real ones; float64."""
    if request.param == "synthetic":
        X, y, truth = make_parallel_speakers(4, random_state=0, return_truth=True)
        clips = [clip.astype(np.float64) for clip in X + y]
        speakers = ["source"] * len(X) + ["target"] * len(y)
        return Speech(clips, 16000, speakers, truth.f0_source + truth.f0_target)
    root = os.environ.get("SKSTYLE_DATA")
    if not root:
        pytest.skip("SKSTYLE_DATA is not set: the real recordings are optional")
    folder = Path(root) / "speech" / "vcc2018"
    if not folder.is_dir():
        pytest.skip(f"no recordings in {folder}")
    clips, rate = read_clips([folder / name / f"{i}.flac" for name in SPEAKERS for i in IDS])
    speakers = [name for name in SPEAKERS for _ in IDS]
    return Speech([clip.astype(np.float64) for clip in clips], rate, speakers, None)


@pytest.fixture(scope="session")
def world(speech):
    """F0, times, power envelope, aperiodic amplitude and loud frames of every clip."""
    return [analyse(clip, speech.sample_rate) for clip in speech.clips]


def analyse(clip, rate):
    """Analyse one clip by harvest, CheapTrick and D4C, with a frame every 5 ms."""
    import pyworld

    f0, times = pyworld.harvest(clip, rate, frame_period=5.0)
    envelope = pyworld.cheaptrick(clip, f0, times, rate)
    aperiodicity = pyworld.d4c(clip, f0, times, rate)
    # Within 30 dB of the loudest frame: what is compared beyond that is background noise.
    power = np.convolve(clip**2, np.ones(512) / 512, mode="same")
    power = power[np.minimum(np.round(times * rate).astype(int), len(clip) - 1)]
    return World(f0, times, envelope, aperiodicity, power > 1e-3 * power.max())
