"""Band aperiodicity beside D4C's: of vowels with known noise, of speech, and of its copies."""

import numpy as np
import pytest
from scipy import signal, stats

from skstyle.features import SourceFilterVocoder

pyworld = pytest.importorskip("pyworld", reason="pyworld is not here: make test-oracles builds it")

# Bands in which D4C's spectra are compared; a vocoder may divide the axis as it likes.
EDGES_HZ = (0, 1000, 2000, 4000, 6000, 8000)
SHARES = (0.001, 0.01, 0.03, 0.1, 0.2, 0.3)
RATE = 16000


def noisy_vowel(f0, share):
    """One second of [a] with 3 % of vibrato, of whose power a share is noise in every band."""
    times = np.arange(RATE) / RATE
    phase = f0 * times + 0.03 * f0 / (2 * np.pi * 5) * np.sin(2 * np.pi * 5 * times)
    harmonics = np.arange(1, int(0.48 * RATE / f0))
    voice = np.cos(2 * np.pi * harmonics[:, None] * phase).sum(axis=0)
    noise = np.random.default_rng(0).standard_normal(RATE)
    x = np.sqrt(1 - share) * voice / voice.std() + np.sqrt(share) * noise
    for formant, bandwidth in ((700, 90), (1200, 110), (2600, 160), (3500, 250)):
        radius = np.exp(-np.pi * bandwidth / RATE)
        poles = [1, -2 * radius * np.cos(2 * np.pi * formant / RATE), radius**2]
        x = signal.lfilter([sum(poles)], poles, x)
    return 0.3 * x / np.abs(x).max()


def d4c_bands(x, frames, rate):
    """Aperiodic power of D4C in dB, mean of every band; pitch as in the original."""
    aperiodicity = pyworld.d4c(np.ascontiguousarray(x, float), frames.f0, frames.times, rate)
    hz = np.linspace(0, rate / 2, aperiodicity.shape[1])
    bands = [
        (aperiodicity[:, (low <= hz) & (hz < high)] ** 2).mean(axis=1)
        for low, high in zip(EDGES_HZ, EDGES_HZ[1:], strict=False)
    ]
    return 10 * np.log10(np.column_stack(bands))


@pytest.mark.parametrize("f0", [110.0, 210.0])
def test_more_noise_is_more_aperiodic_in_both(f0):
    ours, theirs = [], []
    for share in SHARES:
        x = noisy_vowel(f0, share)
        vocoder = SourceFilterVocoder(RATE)
        sequence = vocoder.fit_transform([x])[0][20:-20]
        voiced = sequence[:, vocoder.feature_blocks_["vuv"]][:, 0] > 0.5
        assert voiced.mean() > 0.9
        ours.append(np.median(sequence[voiced][:, vocoder.feature_blocks_["bap"]], axis=0))
        f0_track, times = pyworld.harvest(x, RATE)
        aperiodicity = pyworld.d4c(x, f0_track, times, RATE, threshold=0)[20:-20]
        theirs.append(20 * np.log10(np.median(aperiodicity[:, 1:-1], axis=0)).mean())
    # Where the floor is reached, less noise cannot be told.
    assert (np.diff(ours, axis=0) > -0.5).all()
    assert (np.diff(np.mean(ours, axis=1)) > 0).all()
    assert (np.diff(theirs) > 0).all()


def test_speech(speech, world):
    """Measured: rank correlations of 0.75 on synthetic speech and 0.72 on real speech."""
    vocoder = SourceFilterVocoder(speech.sample_rate)
    ours, theirs = [], []
    for sequence, clip, frames in zip(
        vocoder.fit_transform(speech.clips), speech.clips, world, strict=True
    ):
        bands = d4c_bands(clip, frames, speech.sample_rate)[: len(sequence)]
        voiced = voiced_in_both(sequence, vocoder, bands, frames)
        ours.append(sequence[voiced][:, vocoder.feature_blocks_["bap"]].mean(axis=1))
        theirs.append(bands[voiced].mean(axis=1))
    correlation = stats.spearmanr(np.concatenate(ours), np.concatenate(theirs)).statistic
    assert correlation > 0.6


def test_copies_sound_as_noisy_as_the_speech(speech, world):
    """D4C's opinion of our copies. Measured: bias up to -2.4 dB; that of WORLD's -0.8 dB."""
    vocoder = SourceFilterVocoder(speech.sample_rate)
    sequences = vocoder.fit_transform(speech.clips)
    before, after = [], []
    for sequence, copy, clip, frames in zip(
        sequences, vocoder.inverse_transform(sequences), speech.clips, world, strict=True
    ):
        n = len(sequence)
        bands = d4c_bands(clip, frames, speech.sample_rate)[:n]
        copied = d4c_bands(copy, frames, speech.sample_rate)[:n]
        # Frames that D4C takes for unvoiced have 0 dB everywhere.
        voiced = voiced_in_both(sequence, vocoder, bands, frames) & (copied.min(axis=1) < -1)
        before.append(bands[voiced])
        after.append(copied[voiced])
    before, after = np.concatenate(before), np.concatenate(after)
    correlation = stats.spearmanr(before.mean(axis=1), after.mean(axis=1)).statistic
    assert np.abs((after - before).mean(axis=0)).max() < 4
    assert correlation > 0.7


def voiced_in_both(sequence, vocoder, bands, frames):
    """Loud frames that the vocoder, harvest and D4C call voiced."""
    voiced = sequence[:, vocoder.feature_blocks_["vuv"]][:, 0] > 0.5
    n = len(sequence)
    return voiced & (frames.f0[:n] > 0) & frames.loud[:n] & (bands.min(axis=1) < -1)
