"""Similarity of speakers: cosines by hand, the way from source to target, refusals."""

import pickle

import numpy as np
import pytest

from skstyle.exceptions import SilentClipWarning, SkstyleWarning
from skstyle.metrics import speaker_similarity
from skstyle.metrics._speaker import long_term_cepstrum

RATE = 16000


def head(x, sample_rate):
    """Embed a clip by its first samples, so that clips can be written as vectors."""
    return x[:3]


def unit(*values):
    return np.array(values, float) / np.linalg.norm(values)


def voices(*rows):
    return [np.concatenate([row, np.ones(20)]) for row in rows]


TRUE = voices([1, 0, 0], [0, 1, 0], [1, 1, 0])
PRED = voices([1, 0, 0], [0, 0, 1], [1, 2, 2])


def by_hand(mode):
    t = [unit(1, 0, 0), unit(0, 1, 0), unit(1, 1, 0)]
    p = [unit(1, 0, 0), unit(0, 0, 1), unit(1, 2, 2)]
    if mode == "same":
        references = t
    elif mode == "all":
        references = [sum(t)] * 3
    else:
        references = [t[1] + t[2], t[0] + t[2], t[0] + t[1]]
    return [a @ unit(*b) for a, b in zip(p, references, strict=True)]


@pytest.mark.parametrize("reference", ["others", "same", "all"])
def test_cosines(reference):
    settings = {"sample_rate": RATE, "embedder": head, "reference": reference}
    each = speaker_similarity(TRUE, PRED, average=False, **settings)
    np.testing.assert_allclose(each, by_hand(reference), atol=1e-12)
    assert speaker_similarity(TRUE, PRED, **settings) == pytest.approx(each.mean())
    weighted = speaker_similarity(TRUE, PRED, sample_weight=[1, 0, 3], **settings)
    assert weighted == pytest.approx((each[0] + 3 * each[2]) / 4)


def test_all_targets_need_no_pairs():
    settings = {"sample_rate": RATE, "embedder": head, "average": False}
    each = speaker_similarity(TRUE, PRED[:1], reference="all", **settings)
    np.testing.assert_allclose(each, by_hand("all")[:1])
    with pytest.raises(ValueError, match="y_true has 3 clips and y_pred has 1"):
        speaker_similarity(TRUE, PRED[:1], **settings)


@pytest.mark.parametrize("reference", ["others", "same", "all"])
def test_the_way_from_source_to_target(reference):
    source = voices([0, 0.1, 1], [0.2, 0, 1], [0.1, 0, 1])
    settings = {"sample_rate": RATE, "embedder": head, "reference": reference}
    assert speaker_similarity(TRUE, TRUE, source, **settings) == pytest.approx(1)
    assert speaker_similarity(TRUE, source, source, **settings) == pytest.approx(0)
    cosines = [
        speaker_similarity(TRUE, clips, average=False, **settings) for clips in (PRED, source, TRUE)
    ]
    expected = (cosines[0] - cosines[1]) / (cosines[2] - cosines[1])
    each = speaker_similarity(TRUE, PRED, source, average=False, **settings)
    np.testing.assert_allclose(each, expected)
    absolute = speaker_similarity(TRUE, PRED, source, relative=False, average=False, **settings)
    np.testing.assert_array_equal(absolute, cosines[0])


def test_no_way_between_one_voice_and_itself():
    settings = {"sample_rate": RATE, "embedder": head, "reference": "same"}
    source = [TRUE[0], *voices([0, 0, 1], [0, 0, 1])]
    with pytest.warns(SkstyleWarning, match=r"y_source\[0\] and y_true\[0\] are equally near"):
        each = speaker_similarity(TRUE, TRUE, source, average=False, **settings)
    np.testing.assert_allclose(each, [np.nan, 1, 1])
    with pytest.raises(ValueError, match="relative=True needs y_source"):
        speaker_similarity(TRUE, PRED, relative=True, **settings)


def test_silent_clips_have_no_voice():
    settings = {"sample_rate": RATE, "embedder": head, "reference": "others"}
    silent = np.zeros(20)
    with pytest.warns(SilentClipWarning, match=r"y_pred\[1\] is silent") as caught:
        each = speaker_similarity(TRUE, [PRED[0], silent, PRED[2]], average=False, **settings)
    assert [w.filename for w in caught] == [__file__]
    expected = by_hand("others")
    np.testing.assert_allclose(each, [expected[0], np.nan, expected[2]])
    with pytest.warns(SilentClipWarning, match=r"y_true\[1\] is silent"):
        each = speaker_similarity([TRUE[0], silent, TRUE[2]], PRED, average=False, **settings)
    np.testing.assert_allclose(each[0], unit(1, 0, 0) @ unit(1, 1, 0))
    with pytest.warns(SilentClipWarning):
        assert np.isnan(speaker_similarity(TRUE, [silent] * 3, **settings))


def test_classical_embedding_tells_the_synthetic_voices(speakers):
    X, y = speakers
    there = speaker_similarity(y, X, sample_rate=RATE)
    assert there < speaker_similarity(y, y, sample_rate=RATE) <= 1
    assert speaker_similarity(X, y, y, sample_rate=RATE) == pytest.approx(0, abs=1e-9)
    vector = long_term_cepstrum(X[0], RATE)
    assert vector.shape == (60,)
    np.testing.assert_allclose(long_term_cepstrum(0.01 * X[0], RATE), vector, rtol=1e-3, atol=1e-3)
    assert long_term_cepstrum(np.ones(1), 44100).shape == (60,)


def test_containers_do_not_matter(speakers):
    X, y = (part[:2] for part in speakers)
    expected = speaker_similarity(y, X, sample_rate=RATE)
    A, B = np.empty(2, object), np.empty(2, object)
    A[:], B[:] = y, X
    assert speaker_similarity(A, B, sample_rate=RATE) == expected


def test_embedders_cannot_spoil_the_clips():
    def greedy(x, sample_rate):
        x[:] = 7
        return [sample_rate, 1.0]

    before = [x.copy() for x in PRED]
    assert speaker_similarity(TRUE, PRED, sample_rate=RATE, embedder=greedy) == pytest.approx(1)
    for a, b in zip(before, PRED, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "nonsense",
    [None, 3.0, "voice", [], [[1.0, 2.0], [3.0, 4.0]], [0.0, 0.0], [np.nan, 1.0], ["a"]],
)
def test_what_is_no_embedding(nonsense):
    def broken(x, sample_rate):
        return nonsense if x[0] == 0 and x[1] == 0 else [1.0, 2.0]

    with pytest.raises(ValueError, match=r"embedder returned .* for y_pred\[1\], expected a vec"):
        speaker_similarity(TRUE, PRED, sample_rate=RATE, embedder=broken)


def test_batches_of_one_are_vectors():
    values = [
        speaker_similarity(TRUE, PRED, sample_rate=RATE, embedder=embedder)
        for embedder in (head, lambda x, rate: x[None, :3])
    ]
    assert values[0] == values[1]


def test_other_refusals():
    with pytest.raises(TypeError, match="embedder must be a function, embedder.signal, sample_ra"):
        speaker_similarity(TRUE, PRED, sample_rate=RATE, embedder="resemblyzer")
    with pytest.raises(ValueError, match="reference must be one of"):
        speaker_similarity(TRUE, PRED, sample_rate=RATE, reference="mean")
    with pytest.raises(ValueError, match="needs two clips of the wanted voice"):
        speaker_similarity(TRUE[:1], PRED[:1], sample_rate=RATE, embedder=head)
    with pytest.raises(ValueError, match="vectors of different lengths"):
        speaker_similarity(
            TRUE, PRED, sample_rate=RATE, embedder=lambda x, r: 1 + x[: int(2 + x[0])]
        )
    with pytest.raises(ValueError, match="y_source has 2 clips and y_pred has 3"):
        speaker_similarity(TRUE, PRED, PRED[:2], sample_rate=RATE, embedder=head)
    with pytest.raises(ValueError, match="did you mean kHz"):
        speaker_similarity(TRUE, PRED, sample_rate=16, embedder=head)


def test_default_can_be_pickled():
    assert pickle.loads(pickle.dumps(long_term_cepstrum)) is long_term_cepstrum
