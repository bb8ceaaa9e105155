"""ConvVAETransport as an estimator."""

import pickle

import numpy as np
import pytest
import torch

from skstyle import ConvVAETransport
from skstyle.neural._conv_vae_transport import stretches

CENTRES = {
    "anna": np.zeros(4),
    "ben": np.array([3.0, 1.0, -1.5, 0.0]),
    "carl": np.array([-3.0, 1.5, 1.5, 1.0]),
}
LOADINGS = np.array([[1.5, 1.0, 0.8, 0.0], [0.0, 0.2, 0.5, 1.0]])


def voices(lengths=(150, 60, 220), seed=0):
    """Sequences of one distribution, slow in time, put in different places."""
    rng = np.random.default_rng(seed)
    X, y = [], []
    for name, centre in CENTRES.items():
        for n in lengths:
            angle = np.cumsum(rng.normal(scale=0.3, size=(n, 2)), axis=0) + 6 * rng.random(2)
            said = 1.4 * np.sin(angle) @ LOADINGS
            X.append(said + centre + 0.1 * rng.normal(size=said.shape))
            y.append(name)
    return X, np.array(y)


def small(target=None, **options):
    return ConvVAETransport(
        target,
        **{
            "latent_dim": 2,
            "style_dim": 3,
            "hidden_layer_sizes": (16,),
            "crop_length": 32,
            "n_epochs": 60,
            "batch_size": 4,
            "learning_rate": 0.01,
            "random_state": 0,
            **options,
        },
    )


def of(name, X, y):
    return [x for x, label in zip(X, y, strict=True) if label == name]


@pytest.fixture(scope="module")
def fitted():
    return small("ben").fit(*voices())


def test_any_style_to_any_other(fitted):
    X, y = voices(seed=1)
    for source in CENTRES:
        clips = of(source, X, y)
        for target in CENTRES:
            moved = fitted.convert(clips, target, source)
            shift = np.vstack(moved).mean(axis=0) - np.vstack(clips).mean(axis=0)
            wanted = CENTRES[target] - CENTRES[source]
            assert np.abs(shift - wanted).max() < 0.9, (source, target)
            # What was said stays.
            kept = np.corrcoef(np.vstack(moved)[:, 0], np.vstack(clips)[:, 0])[0, 1]
            assert kept > 0.85
    assert (fitted.recognise(X) == y).all()
    assert fitted.recognise(of("carl", X, y)[:1], without="carl")[0] != "carl"
    told = fitted.convert(of("anna", X, y), "ben", "anna")
    for a, b in zip(fitted.transform(of("anna", X, y)), told, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_sequence_does_not_depend_on_its_neighbours(fitted):
    X, _ = voices(seed=1)
    together = fitted.transform(X)
    for x, y in zip(X, together, strict=True):
        np.testing.assert_array_equal(fitted.transform([x])[0], y)


def test_long_sequences_are_recognised_by_parts_of_them(fitted):
    assert stretches(300, 4) == [(slice(None), slice(None))]
    rows = np.arange(1000)
    pieces = [(rows[seen], rows[seen][judged]) for seen, judged in stretches(1000, 4)]
    assert [(a[0], len(a)) for _, a in pieces] == [(0, 100), (450, 100), (900, 100)]
    assert [(a[0], len(a)) for a, _ in pieces] == [(0, 104), (446, 108), (896, 104)]
    X, y = voices(lengths=(3000,), seed=3)
    assert (fitted.recognise(X) == y).all()
    # What is seen around a stretch is enough: it is judged as in the whole.
    whole = fitted._bounds(X[0], torch.tensor(0), torch.zeros(1, 2).double())
    for seen, judged in stretches(3000, 8):
        part = fitted._bounds(X[0][seen], torch.tensor(0), torch.zeros(1, 2).double())[judged]
        np.testing.assert_allclose(part, whole[seen][judged], atol=1e-9)


def test_any_lengths(fitted):
    X, _ = voices(lengths=(1, 6000), seed=2)
    assert [len(x) for x in fitted.transform(X)] == [1, 6000] * 3
    # Cut where it has been long enough ago, nothing changes.
    code = "anna"
    whole = fitted.convert(X[1:2], code, "carl")[0]
    part = fitted.convert([X[1][:5000]], code, "carl")[0]
    np.testing.assert_allclose(part[:4900], whole[:4900], atol=1e-10)


def test_codes_of_sequences(fitted):
    X, y = voices(seed=1)
    told = [fitted.encode([x], name)[0] for x, name in zip(X, y, strict=True)]
    assert [z.shape for z in told] == [(len(x), 2) for x in X]
    # Recognised, sequence by sequence.
    for found, z in zip(fitted.encode(X), told, strict=True):
        np.testing.assert_array_equal(found, z)
    carl = torch.tensor(2)
    moved = fitted._decode(told[0] + fitted._centres[2], carl)
    np.testing.assert_allclose(fitted.convert(X[:1], "carl", "anna")[0], moved, atol=1e-12)
    boxes = np.empty(2, dtype=object)
    boxes[:] = [X[0].astype(np.float32), X[1]]
    out = fitted.encode(boxes)
    assert out.dtype == object and [z.dtype for z in out] == [np.float32, np.float64]
    assert fitted.encode(X[0], "anna").shape == (150, 2)
    assert fitted.encode(np.stack([X[0], X[3]])).shape == (2, 150, 2)


def test_a_style_is_found_from_sequences(fitted):
    X, y = voices(seed=1)
    code = fitted.style_from(of("carl", X, y))
    assert code.shape == (3,)
    moved = np.vstack(fitted.convert(of("ben", X, y), code, "ben"))
    told = np.vstack(fitted.convert(of("ben", X, y), "carl", "ben"))
    assert np.abs(moved.mean(axis=0) - told.mean(axis=0)).max() < 1
    np.testing.assert_array_equal(code, fitted.style_from(of("carl", X, y)))


def test_the_ratio_to_its_own_style_changes_nothing(fitted):
    X, y = voices()
    again = pickle.loads(pickle.dumps(fitted)).set_params(ratio=True)
    clips = of("anna", X, y)
    same = again.convert(clips, again.style_codes_[0], "anna")
    np.testing.assert_allclose(np.vstack(same), np.vstack(clips), atol=1e-9)


def test_containers_dtypes_and_inputs(fitted):
    X, y = voices(seed=1)
    single = [x.astype(np.float32) for x in X]
    for clip in single:
        clip.flags.writeable = False
    found = small(n_epochs=1).fit(single, y).transform(single)
    assert {a.dtype for a in found} == {np.dtype(np.float32)}
    boxes = np.empty(len(X), dtype=object)
    boxes[:] = X
    out = fitted.transform(boxes)
    assert isinstance(out, np.ndarray) and out.dtype == object
    np.testing.assert_array_equal(out[1], fitted.transform(X)[1])


def test_seeds_and_going_on():
    X, y = voices()
    whole, twin = (small(n_epochs=4).fit(X, y) for _ in range(2))
    assert whole.transform(X[:1])[0].tobytes() == twin.transform(X[:1])[0].tobytes()
    again = small(n_epochs=2).fit(X, y).set_params(n_epochs=4, warm_start=True).fit(X, y)
    for name, values in whole.history_.items():
        np.testing.assert_array_equal(values, again.history_[name])
    np.testing.assert_array_equal(whole.transform(X)[2], again.transform(X)[2])
    with pytest.raises(ValueError, match=r"goes on with the labels \['anna', 'ben', 'carl'\]"):
        again.fit(X[:6], y[:6])


def test_every_style_is_trained_on():
    X, y = voices()
    one_each = X[::3], y[::3]
    for seed in range(4):
        model = small(n_epochs=1, random_state=seed).fit(*one_each)
        train, held_out = model._split(3, 0.1, np.arange(3))
        assert train.tolist() == [0, 1, 2] and not len(held_out)
        assert "valid_loss" not in model.history_
    styles = np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 2])
    for seed in range(20):
        model._split_seed = seed
        train, held_out = model._split(10, 0.5, styles)
        assert set(styles[train]) == {0, 1, 2}
        assert sorted([*train, *held_out]) == [*range(10)]


def test_codes_and_attributes(fitted):
    assert fitted.classes_.tolist() == ["anna", "ben", "carl"] and fitted.target_ == "ben"
    assert fitted.active_units_ == 2 and fitted.kl_per_dim_.shape == (2,)
    X, y = voices(seed=1)
    means = [
        np.mean([fitted._encode(x, torch.tensor(i))[0].mean(axis=0) for x in of(name, X, y)], 0)
        for i, name in enumerate(fitted.classes_)
    ]
    assert np.ptp(means, axis=0).max() < 1


def test_bad_input(fitted):
    X, y = voices()
    with pytest.raises(ValueError, match="requires y"):
        small().fit(X, None)
    with pytest.raises(ValueError, match="X has 9 clips and y has 8 labels"):
        small().fit(X, y[:8])
    with pytest.raises(ValueError, match=r"y\[1\] is None"):
        small().fit(X[:2], ["anna", None])
    with pytest.raises(ValueError, match="one class only, 'anna'"):
        small().fit(X, ["anna"] * len(X))
    with pytest.raises(ValueError, match="target='dora' is none of the labels in y"):
        small("dora").fit(X, y)
    for method, wrong in (("convert", {"target": "dora"}), ("recognise", {"without": "dora"})):
        name = next(iter(wrong))
        with pytest.raises(ValueError, match=f"{name}='dora' is none of the labels in y"):
            getattr(fitted, method)(X, **wrong)
    with pytest.raises(ValueError, match="source='dora' is none of the labels in y"):
        fitted.convert(X, "anna", "dora")
    with pytest.raises(ValueError, match=r"target has shape \(2,\), expected a label or a code of"):
        fitted.convert(X, [1.0, 2.0])
    with pytest.raises(ValueError, match="X has 3 features, but ConvVAETransport is expecting 4"):
        fitted.transform([x[:, :3] for x in X])
    broken = [x.copy() for x in X]
    broken[2][7, 0] = np.nan
    for call in (lambda: small().fit(broken, y), lambda: fitted.transform(broken)):
        with pytest.raises(ValueError, match=r"X\[2\] contains NaN \(first at frame 7 of 220\)"):
            call()
    with pytest.raises(ValueError, match="kernel_size must be odd, got 4"):
        small(kernel_size=4).fit(X, y)
    with pytest.raises(ValueError, match="crop_length"):
        small(crop_length=0).fit(X, y)
