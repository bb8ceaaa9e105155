"""VAETransport as an estimator."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from torch import nn

from skstyle import PerFrame, UnpairedConverter, VAETransport
from skstyle.datasets import make_parallel_speakers
from skstyle.features import SourceFilterVocoder
from skstyle.neural._vae_training import cut_runs

CENTRES = {
    "anna": np.zeros(6),
    "ben": np.array([3.0, 1.0, -1.5, 0.0, 0.5, -0.5]),
    "carl": np.array([-3.0, 1.5, 1.5, 1.0, 0.0, 0.5]),
}
LOADINGS = np.array([[1.5, 1.0, 0.8, 0.0, 0.0, 0.2], [0.0, 0.2, 0.0, 1.0, -0.9, 0.8]])


def voices(names=tuple(CENTRES), n=400, seed=0):
    """Frames of one distribution, put in different places."""
    # Two numbers are said in six columns: columns apart would leave nothing to a code.
    rng = np.random.default_rng(seed)
    y = np.repeat(names, n)
    said = rng.normal(size=(len(y), 2)) @ LOADINGS + 0.1 * rng.normal(size=(len(y), 6))
    return said + np.array([CENTRES[name] for name in y]), y, said


def small(target=None, **options):
    return VAETransport(
        target,
        **{
            "latent_dim": 2,
            "style_dim": 3,
            "hidden_layer_sizes": (16,),
            "n_epochs": 30,
            "batch_size": 64,
            "learning_rate": 0.01,
            "random_state": 0,
            **options,
        },
    )


def centre_error(frames, name):
    return np.abs(frames.mean(axis=0) - CENTRES[name]).max()


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = voices()
    return small("ben").fit(X, y)


def test_frames_reach_the_target(fitted):
    X, y, said = voices(seed=1)
    for name in ("anna", "carl"):
        moved = fitted.transform(X[y == name])
        assert centre_error(moved, "ben") < 0.5
        # What was said stays.
        for column in (0, 3):
            kept = np.corrcoef(moved[:, column], said[y == name][:, column])[0, 1]
            assert kept > 0.8


def test_any_style_to_any_other(fitted):
    X, y, _ = voices(seed=1)
    for source in CENTRES:
        for target in CENTRES:
            moved = fitted.convert(X[y == source], target, source)
            assert centre_error(moved, target) < 0.6, (source, target)
    assert fitted.recognise(X[y == "carl"]) == "carl"
    # Told or recognised, it is the same.
    mixed = X[y != "ben"]
    told = np.vstack([fitted.convert(X[y == n], "ben", n) for n in ("anna", "carl")])
    np.testing.assert_allclose(fitted.transform(mixed), told, atol=1e-9)


def test_codes_tell_no_style(fitted):
    X, y, _ = voices(seed=1)
    means = [
        fitted._encode(X[y == name], torch.tensor(i))[0].mean(axis=0)
        for i, name in enumerate(fitted.classes_)
    ]
    assert np.ptp(means, axis=0).max() < 0.5


def test_the_mean_of_codes_of_a_style_is_exchanged(fitted):
    X, y, _ = voices()
    for i, name in enumerate(fitted.classes_):
        said = fitted._said(X[y == name], i)
        np.testing.assert_allclose(said.mean(axis=0), 0, atol=1e-12)
        own, code = fitted._centres[i], torch.from_numpy(fitted.style_codes_[i]).double()
        np.testing.assert_allclose(fitted._centre(torch.tensor(i)), own)
        np.testing.assert_allclose(fitted._centre(code), own, atol=1e-6)
    # To its own style a frame is only encoded and decoded.
    frames, anna = X[y == "anna"], torch.tensor(0)
    expected = fitted._decode(fitted._encode(frames, anna)[0], anna)
    found = fitted.convert(frames, fitted.style_codes_[0], "anna")
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_codes_are_those_that_are_converted(fitted):
    X, y, said = voices(seed=1)
    before = X.copy()
    codes = {name: fitted.encode(X[y == name], name) for name in CENTRES}
    moved = fitted._decode(codes["anna"] + fitted._centres[1], torch.tensor(1))
    np.testing.assert_allclose(fitted.convert(X[y == "anna"], "ben", "anna"), moved, atol=1e-12)
    # They tell what was said, and not who said it.
    Z = np.vstack(list(codes.values()))
    assert Z.shape == (1200, 2)
    assert LinearRegression().fit(Z, said[:, [0, 3]]).score(Z, said[:, [0, 3]]) > 0.9
    for codes_of_one in codes.values():
        assert np.abs(codes_of_one.mean(axis=0)).max() < 0.2
    np.testing.assert_array_equal(X, before)


def test_frames_are_encoded_in_their_order_and_dtype(fitted):
    X, y, _ = voices(seed=1)
    mixed = np.random.default_rng(0).permutation(len(X))
    found = fitted.encode(X[mixed])
    for name in CENTRES:
        told = fitted.encode(X[mixed][y[mixed] == name], name)
        np.testing.assert_allclose(found[y[mixed] == name], told, atol=1e-9)
    assert fitted.encode(X.astype(np.float32)).dtype == np.float32
    with pytest.raises(ValueError, match="source='dora' is none of the labels"):
        fitted.encode(X, "dora")
    with pytest.raises(NotFittedError):
        small().encode(X)


def test_a_style_is_found_from_frames(fitted):
    X, y, _ = voices(seed=1)
    code = fitted.style_from(X[y == "carl"])
    assert code.shape == (3,)
    assert centre_error(fitted.convert(X[y == "ben"], code, "ben"), "carl") < 0.7
    np.testing.assert_array_equal(code, fitted.style_from(X[y == "carl"]))
    known = fitted.style_codes_[2]
    found = fitted.convert(X[:20], known, "anna")
    np.testing.assert_allclose(found, fitted.convert(X[:20], "carl", "anna"), atol=1e-12)


def test_the_ratio_keeps_what_is_lost_on_the_way():
    X, y, _ = voices()
    plain, ratio = (small("ben", ratio=r, latent_dim=1).fit(X, y) for r in (False, True))
    frames = X[y == "anna"]
    for model in (plain, ratio):
        assert centre_error(model.transform(frames), "ben") < 0.5
    same = ratio.convert(frames, ratio.style_codes_[0], "anna")
    np.testing.assert_allclose(same, frames, atol=1e-9)
    # It is read when frames are carried.
    switched = pickle.loads(pickle.dumps(plain)).set_params(ratio=True)
    np.testing.assert_array_equal(switched.transform(frames), ratio.transform(frames))
    # One of the two numbers has no room in the code.
    lost, kept = (model.transform(frames).std(axis=0) for model in (plain, ratio))
    assert (kept / lost).max() > 1.5


def test_what_is_held_out_are_runs():
    X = np.arange(1860.0)[:, None]
    styles = np.repeat([1, 0], [1640, 220])
    items, found = cut_runs(X, styles)
    assert found.tolist() == [0] * 10 + [1] * 16
    assert sum(map(len, items)) == 1860
    assert {len(x) for x in items[:10]} == {22}
    assert all(len(x) in (102, 103) for x in items[10:])
    np.testing.assert_array_equal(np.diff(items[0], axis=0), 1)


def test_attributes(fitted):
    assert fitted.classes_.tolist() == ["anna", "ben", "carl"]
    assert fitted.target_ == "ben" and small().fit(*voices()[:2]).target_ == "carl"
    assert fitted.style_codes_.shape == (3, 3) and fitted.kl_per_dim_.shape == (2,)
    assert fitted.active_units_ == 2
    assert len(fitted.history_["valid_loss"]) >= fitted.best_epoch_
    again = pickle.loads(pickle.dumps(fitted))
    X = voices()[0][:30]
    np.testing.assert_array_equal(again.transform(X), fitted.transform(X))
    assert fitted.transform(X.astype(np.float32)).dtype == np.float32


def test_own_modules_take_the_code_of_the_style_too():
    X, y, _ = voices()
    model = small(encoder=nn.Linear(9, 4), decoder=nn.Linear, n_epochs=2).fit(X, y)
    assert model.transform(X).shape == X.shape
    with pytest.raises(ValueError, match="encoder must take 9 columns"):
        small(encoder=nn.Linear(6, 4)).fit(X, y)


def test_labels_of_clips_reach_their_frames():
    X, y, _ = voices()
    clips = np.split(X, 12)
    lifted = PerFrame(small("ben")).fit(clips, y[::100])
    assert centre_error(np.vstack(lifted.transform(clips[:4])), "ben") < 0.5


def test_in_a_converter_of_signals():
    anna, ben = make_parallel_speakers(n_sentences=4, random_state=0)
    converter = UnpairedConverter(SourceFilterVocoder(16000), small(), target="ben")
    converter.fit(anna[:2] + ben[2:], ["anna", "anna", "ben", "ben"])
    converted = converter.predict(anna[2:3])
    assert len(converted[0]) == len(anna[2]) and np.isfinite(converted[0]).all()


def test_training_goes_on_as_if_it_had_not_stopped():
    X, y, _ = voices()
    whole = small(n_epochs=4).fit(X, y)
    again = small(n_epochs=2).fit(X, y).set_params(n_epochs=4, warm_start=True).fit(X, y)
    for name, values in whole.history_.items():
        np.testing.assert_array_equal(values, again.history_[name])
    np.testing.assert_array_equal(whole.transform(X[:50]), again.transform(X[:50]))
    with pytest.raises(ValueError, match=r"goes on with the labels \['anna', 'ben', 'carl'\]"):
        again.fit(X[y != "carl"], y[y != "carl"])


def test_every_style_is_trained_on():
    # Two runs of ben, one of carl: that one is never held out.
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(450, 3)), np.repeat(["ben", "carl"], [300, 150])
    for seed in range(6):
        model = small(n_epochs=1, validation_fraction=0.5, random_state=seed).fit(X, y)
        items, styles = cut_runs(X, (y == "carl").astype(int))
        train, held_out = model._split(len(items), 0.5, styles)
        assert set(styles[train]) == {0, 1} and len(train) + len(held_out) == len(items)


def test_bad_input(fitted):
    X, y, _ = voices()
    with pytest.raises(ValueError, match="one class only, 'anna'"):
        small().fit(X, ["anna"] * len(X))
    with pytest.raises(ValueError, match="target='dora' is none of the labels"):
        small("dora").fit(X, y)
    with pytest.raises(ValueError, match="target='dora' is none of the labels"):
        fitted.convert(X, "dora")
    with pytest.raises(ValueError, match="source='dora' is none of the labels"):
        fitted.convert(X, "anna", "dora")
    with pytest.raises(ValueError, match=r"target has shape \(2,\), expected a label or a code of"):
        fitted.convert(X, [1.0, 2.0])
    with pytest.raises(ValueError, match="y has 1 class only|requires y"):
        small().fit(X, None)
    with pytest.raises(ValueError, match="X is a list of 2 sequences"):
        small().fit([X, X], y)
    for method in (fitted.transform, fitted.encode, fitted.recognise, fitted.style_from):
        with pytest.raises(ValueError, match="X is a list of 2 sequences, expected frames"):
            method([X, X])
    with pytest.raises(ValueError, match="without='dora' is none of the labels"):
        fitted.recognise(X, without="dora")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        small().fit(X, y[:-1])
    broken = X.copy()
    broken[7, 0] = np.nan
    for call in (lambda: small().fit(broken, y), lambda: fitted.transform(broken)):
        with pytest.raises(ValueError, match="X contains NaN"):
            call()
    with pytest.raises(ValueError, match="style_dim"):
        small(style_dim=0).fit(X, y)
