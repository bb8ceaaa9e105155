"""NeuralTimeVariantRegressor as an estimator."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, cross_val_score

from skstyle import (
    AlignedRegressor,
    NeuralTimeVariantRegressor,
    StreamRegressor,
    load_model,
    make_voice_converter,
    save_model,
)
from skstyle.exceptions import LoneSequenceWarning
from skstyle.mapping import warping_matrix
from skstyle.neural._checks import count_held_out
from skstyle.neural._time_variant_net import MAX_WARP

LENGTHS = (60, 45, 80, 52)
PARTS = ("use_matrix", "use_warp", "use_bias", "use_dynamics")


def small(**options):
    return NeuralTimeVariantRegressor(
        **{
            "hidden_layer_sizes": (16,),
            "n_matrices": 4,
            "n_epochs": 3,
            "random_state": 0,
            **options,
        }
    )


def walks(lengths=LENGTHS, seed=0, n_columns=3):
    rng = np.random.default_rng(seed)
    return [np.cumsum(rng.normal(size=(n, n_columns)), axis=0) for n in lengths]


def bent(seed=0, lengths=LENGTHS):
    """Sequences whose best linear map depends on where they are."""
    rng = np.random.default_rng(seed)
    # Noise, smoothed: steady, unlike walks.
    smooth = np.ones(8) / np.sqrt(8)
    X = [
        np.stack(
            [np.convolve(e, smooth, mode="valid") for e in rng.normal(size=(3, n + 7))], axis=1
        )
        for n in lengths
    ]
    return X, [np.column_stack([np.abs(x[:, 0]), x[:, 1] + x[:, 2] * np.tanh(x[:, 0])]) for x in X]


def objects(items):
    out = np.empty(len(items), object)
    out[:] = items
    return out


# --- the identity -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("without", [None, *PARTS])
def test_an_untrained_net_returns_its_input(without, dtype):
    X = [(100 + x).astype(dtype) for x in walks()]
    y = [2 * x + 5 for x in X]
    options = {} if without is None else {without: False}
    model = small(n_epochs=0, **options).fit(X, y)
    for p, x in zip(model.predict(X), X, strict=True):
        np.testing.assert_allclose(p, x, rtol=1e-6)
        assert p.dtype == dtype
    A, b = model.transition(X)
    np.testing.assert_array_equal(A[1], np.broadcast_to(np.eye(3), (45, 3, 3)))
    np.testing.assert_allclose(b[1], 0, atol=1e-12)
    assert model.best_epoch_ == 0 and len(model.history_["train_loss"]) == 0


@pytest.mark.parametrize("n_targets", [1, 5])
def test_other_numbers_of_columns_have_a_rectangular_identity(n_targets):
    X = walks()
    y = walks(seed=1, n_columns=n_targets)
    out = small(n_epochs=0).fit(X, y).predict(X)
    for p, x in zip(out, X, strict=True):
        np.testing.assert_allclose(p, x @ np.eye(n_targets, 3).T)
    assert small().fit(X, y).predict(X)[0].shape == (60, n_targets)


# --- what is learned ----------------------------------------------------------------------


def test_one_linear_map_is_learned_at_once():
    X = walks()
    A = np.array([[1.2, 0.3], [-0.2, 0.9], [0.5, -0.4]])
    y = [x @ A + 50 for x in X]
    # A line needs no hidden unit; the first of all weights are already right.
    model = small(n_epochs=1, learning_rate=1e-6, use_dynamics=False).fit(X, y)
    expected = LinearRegression().fit(np.vstack(X), np.vstack(y)).predict(X[2])
    np.testing.assert_allclose(model.predict(X)[2], expected, atol=0.2)


def test_a_bent_map_is_learned_better_than_a_line():
    X, y = bent(lengths=(200,) * 8)
    X_new, y_new = bent(seed=9)
    model = NeuralTimeVariantRegressor((32,), n_epochs=40, dropout=0.0, random_state=0).fit(X, y)
    linear = LinearRegression().fit(np.vstack(X), np.vstack(y))
    assert model.score(X_new, y_new) > 0.5 + 0.5 * linear.score(np.vstack(X_new), np.vstack(y_new))


def test_a_warp_is_recognised():
    """Frames warped by their own constants, without any matrix to help."""
    rng = np.random.default_rng(0)
    X, y, truth = [], [], []
    for n in (300,) * 6:
        x = rng.normal(size=(n, 6)) / np.arange(1, 7)
        alpha = 0.1 * np.tanh(2 * x[:, 0])
        X.append(x)
        y.append((warping_matrix(alpha, 6) @ x[..., None])[..., 0])
        truth.append(alpha)
    model = NeuralTimeVariantRegressor(
        (32,), use_matrix=False, use_bias=False, use_dynamics=False, weight_decay=0.0,
        learning_rate=0.01, n_epochs=30, dropout=0.0, random_state=0,
    ).fit(X, y)  # fmt: skip
    found = np.concatenate(model.warping(X))
    assert np.abs(found).max() < MAX_WARP
    assert np.corrcoef(found, np.concatenate(truth))[0, 1] > 0.95


def test_trajectories_are_smoother_than_frames():
    t, rng = np.arange(150), np.random.default_rng(1)
    clean = [np.column_stack([np.sin(0.1 * t + i), np.cos(0.07 * t)]) for i in range(6)]
    X = [y + 0.4 * rng.normal(size=y.shape) for y in clean]
    models = [
        small(n_epochs=15, batch_size=64, learning_rate=0.01, use_dynamics=dynamics).fit(X, clean)
        for dynamics in (True, False)
    ]
    rough, rough_frames = (np.abs(np.diff(m.predict(X)[0], axis=0)).mean() for m in models)
    assert rough < 0.7 * rough_frames
    assert models[0].score(X, clean) > models[1].score(X, clean)


def test_frames_become_what_transition_says():
    X, y = bent()
    model = small(use_dynamics=False, n_epochs=10).fit(X, y)
    A, b = model.transition(X)
    assert A[0].shape == (60, 2, 3) and b[0].shape == (60, 2)
    for p, x, a, c in zip(model.predict(X), X, A, b, strict=True):
        np.testing.assert_allclose(p, (a @ x[..., None])[..., 0] + c, atol=1e-9)
    assert np.ptp(A[0], axis=0).max() > 1e-3
    alpha = model.warping(X)
    assert [a.shape for a in alpha] == [(n,) for n in LENGTHS]


def test_without_bias_nothing_is_added():
    X, y = bent()
    model = small(use_bias=False).fit(X, y)
    assert max(np.abs(b).max() for b in model.transition(X)[1]) == 0
    assert (small(use_warp=False).fit(X, y).warping(X)[0] == 0).all()


def test_paths_between_sequences_of_different_lengths():
    X = walks()
    y = [np.vstack([np.full((7, 3), 50.0), 2 * x]) for x in X]
    paths = [np.column_stack([np.arange(1, len(x)), np.arange(8, len(x) + 7)]) for x in X]
    model = small(use_dynamics=False).fit(X, y, paths=paths)
    for p, x in zip(model.predict(X), X, strict=True):
        assert np.abs(p - 2 * x).mean() < 0.1 * np.abs(x).mean()


def test_scale_does_not_matter():
    X, y = bent()
    expected = small().fit(X, y).predict(X)[0]
    for scale in (1e-6, 1e6):
        model = small().fit([x * scale for x in X], [x * scale for x in y])
        found = model.predict([x * scale for x in X])[0] / scale
        # Rounding in float32 changes the sign of gradients that are next to nothing.
        np.testing.assert_allclose(found, expected, atol=0.05)


def test_large_offsets_do_not_matter():
    X, y = bent()
    expected = small(use_warp=False).fit(X, y).predict(X)[0]
    model = small(use_warp=False).fit([x + 1e5 for x in X], [x - 1e5 for x in y])
    found = model.predict([x + 1e5 for x in X])[0] + 1e5
    np.testing.assert_allclose(found, expected, atol=0.05)


# --- training -----------------------------------------------------------------------------


def test_training_is_recorded():
    X, y = bent(lengths=(60,) * 10)
    model = small(n_epochs=4, validation_fraction=0.2).fit(X, y)
    assert set(model.history_) == {"train_loss", "valid_loss"}
    assert len(model.history_["train_loss"]) == len(model.history_["valid_loss"]) == 4
    assert model.best_epoch_ == 1 + np.argmin(model.history_["valid_loss"])
    assert len(model.net_.history) == 4
    assert model.net_.module_ is model.module_
    assert not model.module_.training


def test_few_sequences_are_all_trained_on():
    X, y = bent()
    for n in (1, 2):
        model = small().fit(X[:n], y[:n])
        assert set(model.history_) == {"train_loss"}
        assert model.best_epoch_ == 3


def test_same_seed_same_bytes_and_other_generators_are_left_alone():
    X, y = bent(lengths=(60,) * 10)
    before = np.random.get_state()[1].tobytes(), torch.get_rng_state()  # noqa: NPY002
    a, b = (small().fit(X, y).predict(X) for _ in range(2))
    assert all(p.tobytes() == q.tobytes() for p, q in zip(a, b, strict=True))
    assert np.random.get_state()[1].tobytes() == before[0]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), before[1])
    other = small(random_state=1).fit(X, y).predict(X)
    assert not np.array_equal(other[0], a[0])


def test_dropout_is_off_in_predict():
    X, y = bent()
    model = small(dropout=0.5).fit(X, y)
    np.testing.assert_array_equal(model.predict(X)[0], model.predict(X)[0])


def test_a_diverged_training_keeps_the_last_good_weights():
    X, y = bent()
    model = small(learning_rate=1e30)
    with pytest.raises(ArithmeticError, match="lower learning_rate=1e\\+30"):
        model.fit(X, y)
    assert all(np.isfinite(p).all() for p in model.predict(X))


def test_progress_is_one_line_an_epoch(capsys):
    X, y = bent()
    small(verbose=1).fit(X, y)
    assert len(capsys.readouterr().err.splitlines()) == 3
    small().fit(X, y)
    assert capsys.readouterr() == ("", "")


# --- containers ---------------------------------------------------------------------------


def test_containers_mirror():
    X, y = bent()
    model = small().fit(objects(X), objects(y))
    out = model.predict(X)
    assert isinstance(out, list)
    found = model.predict(objects(X))
    assert found.dtype == object
    np.testing.assert_array_equal(found[1], out[1])
    short = np.stack([x[:40] for x in X])
    assert model.predict(short).shape == (4, 40, 2)
    assert model.transition(objects(X))[0].dtype == object
    assert model.warping(short).shape == (4, 40)


def test_clips_do_not_mix():
    X, y = bent()
    model = small().fit(X, y)
    whole = model.predict(X)
    np.testing.assert_allclose(model.predict(X[2:3])[0], whole[2], atol=1e-10)
    np.testing.assert_allclose(model.predict(X[::-1])[0], whole[-1], atol=1e-10)


def test_blocks_do_not_show():
    X, y = bent()
    model = small().fit(X, y)
    long = np.concatenate(X * 20)  # more than one block
    A, _ = model.transition([long])
    np.testing.assert_allclose(A[0][-20:], model.transition(X)[0][-1][-20:], atol=1e-10)


def test_plain_arrays_are_one_frame_sequences():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.normal(size=(40, 2))
    with pytest.warns(LoneSequenceWarning, match="all differences are zero"):
        model = small().fit(X, y)
    with pytest.warns(LoneSequenceWarning):
        out = model.predict(X)
    as_list = small().fit(list(X[:, None]), list(y[:, None])).predict(list(X[:, None]))
    np.testing.assert_allclose(out, np.vstack(as_list), atol=1e-12)
    with pytest.warns(LoneSequenceWarning):
        A, b = model.transition(X)
    np.testing.assert_allclose((A @ X[..., None])[..., 0] + b, out, atol=1e-9)
    with pytest.warns(LoneSequenceWarning):
        flat = small().fit(X, y[:, 0])
        assert flat.predict(X).shape == flat.warping(X).shape == (40,)


def test_float32_is_kept():
    X, y = ([x.astype(np.float32) for x in side] for side in bent())
    model = small().fit(X, y)
    found = [
        *model.predict(X),
        *model.warping(X),
        *(a for part in model.transition(X) for a in part),
    ]
    assert {a.dtype for a in found} == {np.dtype(np.float32)}


def test_inputs_are_not_written_to():
    X, y = bent()
    before = [x.copy() for x in X + y]
    for clip in X + y:
        clip.flags.writeable = False
    model = small().fit(X, y)
    model.predict(X)
    for a, b in zip(X + y, before, strict=True):
        np.testing.assert_array_equal(a, b)


# --- data as they come --------------------------------------------------------------------


def test_constant_columns():
    X = [np.column_stack([x, np.full(len(x), 0.1)]) for x in walks()]
    model = small(n_epochs=10).fit(X, [x.copy() for x in X])
    for p in model.predict(X):
        assert np.isfinite(p).all()
        assert np.abs(p[:, -1] - 0.1).max() < 0.05


def test_frames_far_from_all_training_data():
    X, y = bent()
    out = small().fit(X, y).predict([np.full((5, 3), 1e8), np.full((5, 3), -1e8)])
    assert all(np.isfinite(p).all() for p in out)


def test_sequences_of_one_frame_and_repeated_frames():
    X = [np.ones((1, 3)), np.repeat([[1.0, 2.0, 3.0]], 20, axis=0), *walks((30,))]
    out = small().fit(X, [2 * x for x in X]).predict(X)
    assert [p.shape for p in out] == [x.shape for x in X]
    assert all(np.isfinite(p).all() for p in out)


# --- bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"hidden_layer_sizes": ()}, ValueError, "hidden_layer_sizes must be a tuple"),
        ({"hidden_layer_sizes": 16}, ValueError, "hidden_layer_sizes must be a tuple"),
        ({"hidden_layer_sizes": (16, 0)}, ValueError, "hidden_layer_sizes"),
        ({"n_matrices": 0}, ValueError, "n_matrices"),
        ({"n_epochs": -1}, ValueError, "n_epochs"),
        ({"n_epochs": 1.5}, TypeError, "n_epochs"),
        ({"batch_size": 0}, ValueError, "batch_size"),
        ({"crop_length": 0}, ValueError, "crop_length"),
        ({"patience": 0}, ValueError, "patience"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate"),
        ({"weight_decay": -1.0}, ValueError, "weight_decay"),
        ({"frame_weight": -1.0}, ValueError, "frame_weight"),
        ({"dropout": 1.0}, ValueError, "dropout"),
        ({"validation_fraction": 1.0}, ValueError, "validation_fraction"),
        ({"device": "abacus"}, ValueError, 'device must be "cpu" or "cuda", got \'abacus\''),
        ({"device": "meta"}, ValueError, "device='meta' does not work here"),
        (dict.fromkeys(PARTS, False), ValueError, "At least one of use_matrix"),
    ],
)
def test_wrong_parameters_are_told_in_fit(parameters, error, message):
    with pytest.raises(error, match=message):
        small(**parameters).fit(*bent())


def test_all_sequences_held_out_is_refused():
    X, y = bent()
    with pytest.raises(ValueError, match="leaves none of 4 sequences to train on"):
        small(validation_fraction=0.95).fit(X, y)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_an_absent_gpu_is_told():
    with pytest.raises(ValueError, match='torch finds no GPU here: use device="cpu"'):
        small(device="cuda").fit(*bent())


def test_sequences_must_pair():
    X, y = bent()
    with pytest.raises(ValueError, match="X has 4 clips and y has 3"):
        small().fit(X, y[:3])
    with pytest.raises(ValueError, match=r"X\[1\] has 45 frames and y\[1\] has 44"):
        small().fit(X, [y[0], y[1][1:], *y[2:]])
    with pytest.raises(ValueError, match="X has 4 clips and paths has 3"):
        small().fit(X, y, paths=[np.zeros((1, 2), int)] * 3)
    with pytest.raises(ValueError, match=r"X\[1\] contains NaN"):
        small().fit([X[0], np.full_like(X[1], np.nan), *X[2:]], y)
    with pytest.raises(ValueError, match="paths pair the frames of sequences"):
        small().fit(X[0], y[0], paths=[np.zeros((1, 2), int)])
    with pytest.raises(NotFittedError):
        small().predict(X)
    model = small().fit(X, y)
    for call in (model.predict, model.transition, model.warping):
        with pytest.raises(ValueError, match="expecting 3 features"):
            call([x[:, :1] for x in X])


def test_without_torch_the_fix_is_told():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "try:\n    import skstyle; skstyle.NeuralTimeVariantRegressor\n"
        "except ImportError as e:\n    print(e)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "skstyle.neural needs torch" in run.stdout
    assert "pip install skstyle[neural]" in run.stdout


# --- in other estimators ------------------------------------------------------------------


def test_clone_pickle_and_save(tmp_path):
    X, y = bent(lengths=(60,) * 10)
    model = small().fit(X, y)
    expected = model.predict(X)[0]
    save_model(model, tmp_path / "model.joblib")
    for copy in (
        pickle.loads(pickle.dumps(model)),
        load_model(tmp_path / "model.joblib"),
        clone(model).fit(X, y),
    ):
        assert copy.predict(X)[0].tobytes() == expected.tobytes()


def test_a_pickle_holds_no_training_data():
    sizes = [len(pickle.dumps(small().fit(*bent(lengths=(n,) * 10)))) for n in (20, 400)]
    assert sizes[1] < 1.5 * sizes[0]  # a loss for every batch; frames would be three times as much


def test_parameters_are_searched_and_scored():
    X, y = bent(lengths=(60,) * 6)
    grid = {"use_matrix": [True, False], "dropout": [0.0, 0.3]}
    search = GridSearchCV(small(), grid, cv=2, error_score="raise").fit(X, y)
    assert search.best_params_["use_matrix"]
    assert np.isfinite(cross_val_score(small(), X, y, cv=2, error_score="raise")).all()


def test_aligned_and_in_streams():
    X, y = bent()
    slow = [np.repeat(b, 2, axis=0) for b in y]
    aligned = AlignedRegressor(small(), n_iter=2).fit([x[:, :2] for x in X], slow)
    assert [p.shape for p in aligned.predict([x[:, :2] for x in X])] == [b.shape for b in y]
    streams = StreamRegressor([("first", small(), (slice(0, 2), slice(0, 2)))])
    assert streams.fit(X, [x + 1 for x in X]).predict(X)[0].shape == (60, 3)


def test_as_a_voice_converter(speakers):
    X, y = speakers
    converter = make_voice_converter(16000, regressor=small(), trajectory=False)
    out = converter.fit(X[:3], y[:3]).predict(X[3:4])
    assert len(out[0]) == len(X[3])
    assert np.isfinite(out[0]).all()


@pytest.mark.parametrize("use_matrix", [True, False])
def test_the_warp_between_two_voices_is_told(use_matrix):
    """Trap: a matrix that starts first says it all, and the warp stays at zero."""
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 12)) / np.arange(1, 13) for n in (80, 120, 100)]
    y = [x @ warping_matrix(0.08, 12).T for x in X]
    model = small(n_epochs=1, use_matrix=use_matrix).fit(X, y)
    assert np.concatenate(model.warping(X)).mean() == pytest.approx(0.08, abs=0.01)


@pytest.mark.parametrize(("n_sequences", "n_held_out"), [(1, 0), (2, 0), (3, 1), (9, 1), (20, 2)])
def test_a_sequence_is_held_out_where_one_can_be_spared(n_sequences, n_held_out):
    assert count_held_out(0.1, n_sequences) == n_held_out
    assert count_held_out(0.0, n_sequences) == 0
