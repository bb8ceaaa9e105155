"""Similarity of harmony: librosa's formula, octaves, tunings, pauses."""

import numpy as np
import pytest

from skstyle.metrics import chroma_similarity
from skstyle.metrics._chroma import mean_cosine

RATE = 16000
TIME = np.arange(RATE) / RATE


def tone(hz, n_harmonics=4):
    return sum(np.sin(2 * np.pi * hz * k * TIME) / k for k in range(1, n_harmonics + 1)) / 4


def melody(*semitones):
    """Four notes a second from A3 on."""
    notes = [tone(220 * 2 ** (s / 12))[: RATE // 4] * np.hanning(RATE // 4) for s in semitones]
    return np.concatenate(notes)


def by_librosa(a, b):
    librosa = pytest.importorskip("librosa")
    A, B = (librosa.feature.chroma_stft(y=x, sr=RATE) for x in (a, b))
    n = min(A.shape[1], B.shape[1])
    return np.mean(
        [
            (u @ v) / (np.linalg.norm(u) * np.linalg.norm(v) + 1e-9)
            for u, v in zip(A[:, :n].T, B[:, :n].T, strict=True)
            if u.any() and v.any()
        ]
    )


def test_librosa_agrees(speakers):
    pairs = [
        (melody(0, 4, 7, 12), melody(0, 3, 7, 10)),
        (melody(0, 5, 9), melody(2, 7, 11, 2, 0)),
        *((y.astype(float), x.astype(float)) for x, y in zip(*speakers, strict=True)),
    ]
    for a, b in pairs:
        found = chroma_similarity([a], [b], sample_rate=RATE)
        assert found == pytest.approx(by_librosa(a, b), abs=1e-6)


def test_octaves_are_one_and_tritones_far():
    low, high, far = tone(220, 1), tone(440, 1), tone(622.25, 1)
    assert chroma_similarity([low], [high], sample_rate=RATE) > 0.98
    assert chroma_similarity([low], [far], sample_rate=RATE) < 0.1


def test_timbre_hardly_matters_and_time_does():
    notes = (0, 4, 7, 12, 9, 5)
    a = melody(*notes)
    b = np.tanh(3 * a)  # another timbre
    same = chroma_similarity([a], [b], sample_rate=RATE)
    reversed_ = chroma_similarity([a], [melody(*notes[::-1])], sample_rate=RATE)
    assert same > 0.9 > reversed_


def test_tuning_is_estimated_or_fixed():
    a = melody(0, 4, 7, 12)
    sharp = melody(0.3, 4.3, 7.3, 12.3)
    free, fixed = (chroma_similarity([a], [sharp], sample_rate=RATE, tuning=t) for t in (None, 0.0))
    assert free > 0.98
    assert fixed < free - 0.02


def test_pauses_of_either_clip_are_left_out():
    a = melody(0, 4, 7, 12)
    gap = a.copy()
    gap[6000:10000] = 0
    assert chroma_similarity([a], [gap], sample_rate=RATE) > 0.9
    assert chroma_similarity([gap], [gap], sample_rate=RATE) == pytest.approx(1)


def test_cosines_of_frames():
    a = np.array([[1.0, 0], [0, 1], [0, 0], [1, 1]])
    b = np.array([[2.0, 0], [1, 0], [1, 0]])
    assert mean_cosine(a, b) == mean_cosine(b, a) == 0.5
    assert mean_cosine(a, 0 * b) == 0
    assert mean_cosine(0 * a, 0 * b) == 1
    assert mean_cosine(a[:1], b[:1]) == 1


def test_settings_reach_the_analysis(speakers):
    X, y = (part[:1] for part in speakers)
    settings = [{}, {"n_chroma": 24}, {"n_fft": 4096}, {"hop_length": 256}, {"tuning": 0.4}]
    assert len({chroma_similarity(y, X, sample_rate=RATE, **s) for s in settings}) == len(settings)


def test_settings_that_cannot_be(speakers):
    for settings, message in [
        ({"n_chroma": 0}, "n_chroma must be an integer of at least 1"),
        ({"n_fft": 1}, "n_fft must be an integer of at least 2"),
        ({"hop_length": 1.5}, "hop_length must be an integer"),
        ({"tuning": "A440"}, "tuning must be a number of pitch classes, or None"),
    ]:
        with pytest.raises(ValueError, match=message):
            chroma_similarity(*speakers, sample_rate=RATE, **settings)
