"""VAETransformer as an estimator."""

import pickle
import re

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from skstyle import (
    ConvVAETransport,
    PerFrame,
    VAETransformer,
    VAETransport,
    load_model,
    save_model,
)

LENGTHS = (60, 45, 80, 52)


def small(**options):
    return VAETransformer(
        **{
            "latent_dim": 2,
            "hidden_layer_sizes": (16,),
            "n_epochs": 4,
            "batch_size": 32,
            "learning_rate": 0.01,
            "random_state": 0,
            **options,
        }
    )


def rings(lengths=LENGTHS, seed=0):
    """Sequences of five columns that one angle and one radius make."""
    rng = np.random.default_rng(seed)
    X = []
    for n in lengths:
        angle, radius = np.cumsum(rng.normal(size=n)), 2 + 0.3 * rng.normal(size=n)
        clean = [radius * np.cos(angle), radius * np.sin(angle), np.cos(2 * angle), radius]
        X.append(np.column_stack([*clean, rng.normal(size=n)]) + 0.05 * rng.normal(size=(n, 5)))
    return X


def lines(n=600, seed=0):
    """Frames of a linear-Gaussian model."""
    rng = np.random.default_rng(seed)
    W = np.random.default_rng(99).normal(size=(2, 6)) * [[2.0], [1.0]]
    return rng.normal(size=(n, 2)) @ W + 0.5 * rng.normal(size=(n, 6)) + 3


def objects(items):
    out = np.empty(len(items), object)
    out[:] = items
    return out


# --- closed forms -------------------------------------------------------------------------


def test_a_linear_one_is_probabilistic_pca():
    X = lines()
    exact = PCA(2).fit(X).score(X)  # likelihood of probabilistic PCA
    vae = small(
        encoder=nn.Linear, decoder=nn.Linear, decoder_variance="one", validation_fraction=0,
        n_epochs=150, batch_size=100,
    ).fit(X)  # fmt: skip
    assert exact - 0.01 * abs(exact) < vae.score(X) <= exact
    assert vae.elbo_ == pytest.approx(vae.score(X))
    assert vae.active_units_ == 2
    # The likelihood of new frames, too.
    new = lines(seed=1)
    assert vae.score(new) == pytest.approx(PCA(2).fit(X).score(new), rel=0.015)


def test_the_bound_of_a_linear_one_is_exact():
    """Of any weights, not of the best ones only."""
    X = lines(50)
    vae = small(encoder=nn.Linear, decoder=nn.Linear, n_epochs=2).fit(X)
    module = vae.module_
    scale = vae._scaler.scale_
    x = torch.from_numpy((X - vae._scaler.mean_) / scale)
    with torch.no_grad():
        mean, log_variance = module.encode(x)
        v = module.decoded_log_variance().exp()
        W = module.decoder.weight
        squares = (x - module.decode(mean)).square() + log_variance.exp() @ W.T.square()
        likelihood = -0.5 * (np.log(2 * np.pi) + v.log() + squares / v).sum(dim=1)
        kl = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(dim=1)
    expected = (likelihood - kl).numpy() - np.log(scale).sum()
    np.testing.assert_allclose(vae.score_samples(X), expected, rtol=1e-9)


def test_units_shift_the_bound_only():
    X = lines()
    scale = np.array([1e-3, 1.0, 50.0, 1e4, 2.0, 7.0])
    first, second = small().fit(X), small().fit(X * scale)
    shift = np.log(scale).sum()
    assert second.score(X * scale) == pytest.approx(first.score(X) - shift, abs=0.05)


# --- what is learned ----------------------------------------------------------------------


def test_a_bent_surface_is_learned_better_than_a_plane():
    X, new = np.vstack(rings((300,) * 6)), np.vstack(rings(seed=9))
    options = {"hidden_layer_sizes": (32, 32), "batch_size": 64, "learning_rate": 0.003}
    vae = small(n_epochs=40, patience=40, **options).fit(X)
    again = vae.inverse_transform(vae.transform(new))
    scaler = StandardScaler().fit(X)
    pca = make_pipeline(scaler, PCA(2)).fit(X)
    error, plane = (
        np.square((a - new) / scaler.scale_).mean()
        for a in (again, pca.inverse_transform(pca.transform(new)))
    )
    assert error < 0.8 * plane
    assert vae.history_["valid_loss"][-1] < vae.history_["valid_loss"][0]


def test_samples_are_like_frames():
    X = lines(1000)
    vae = small(n_epochs=60, batch_size=100).fit(X)
    drawn = vae.sample(4000, random_state=0)
    deviation = X.std(axis=0)
    np.testing.assert_allclose(drawn.mean(axis=0), X.mean(axis=0), atol=0.2 * deviation.max())
    np.testing.assert_allclose(drawn.std(axis=0), deviation, rtol=0.2)
    np.testing.assert_allclose(np.corrcoef(drawn.T), np.corrcoef(X.T), atol=0.15)
    still = vae.sample(4000, noise=False, random_state=0)
    assert (still.std(axis=0) < drawn.std(axis=0)).all()
    np.testing.assert_array_equal(drawn, vae.sample(4000, random_state=0))
    assert vae.sample().shape == (1, 6)
    assert vae.sample(np.int64(3)).shape == (3, 6) and vae.sample().dtype == np.float64


def test_beta_closes_dimensions():
    X = rings()
    loose, tight = (small(beta=beta, n_epochs=20).fit(X) for beta in (0.1, 1000.0))
    assert loose.active_units_ == 2 and tight.active_units_ == 0
    assert loose.kl_per_dim_.sum() > 1 > 0.1 > tight.kl_per_dim_.sum()
    assert loose.kl_per_dim_.shape == (2,) and (loose.kl_per_dim_ > 0).all()


def test_free_bits_keep_dimensions_open():
    X = rings()
    model = small(beta=1000.0, n_epochs=20, free_bits=0.5).fit(X)
    assert model.active_units_ == 2
    assert (model.kl_per_dim_ > 0.2).all()


def test_odd_frames_have_a_lower_bound():
    X = rings()
    vae = small(n_epochs=20).fit(X)
    ordinary, odd = vae.score_samples([X[0], X[0] + 20])
    assert odd.max() < ordinary.min()
    weights = np.r_[np.ones(60), np.zeros(60)]
    found = vae.score([X[0], X[0] + 20], sample_weight=weights)
    assert found == pytest.approx(ordinary.mean())


# --- training -----------------------------------------------------------------------------


def test_training_is_recorded():
    model = small().fit(rings())
    names = {"train_loss", "train_reconstruction", "train_kl", "kl_weight", "valid_loss"}
    assert set(model.history_) == names
    assert {len(values) for values in model.history_.values()} == {4}
    assert model.best_epoch_ == 1 + np.argmin(model.history_["valid_loss"])
    assert not model.module_.training
    few = small().fit(rings()[:2])
    assert "valid_loss" not in few.history_ and few.best_epoch_ == 4


def test_whole_sequences_are_held_out():
    X = rings((50,) * 10)
    model = small(validation_fraction=0.2, n_epochs=1).fit(X)
    train, held_out = model._split(10, 0.2)
    assert len(train) == 8 and len(held_out) == 2
    bounds = model.score([X[i] for i in held_out])
    assert model.elbo_ == pytest.approx(bounds)


def test_runs_of_neighbouring_frames_of_an_array_are_held_out():
    X = np.vstack(rings((300, 300)))
    model = small(validation_fraction=0.2, n_epochs=1).fit(X)
    train, held_out = model._split(10, 0.2)
    assert len(train) == 8
    rows = np.concatenate([np.arange(60 * i, 60 * (i + 1)) for i in held_out])
    assert model.elbo_ == pytest.approx(model.score(X[rows]))
    # Of fewer than three frames none can be spared.
    assert "valid_loss" in small(n_epochs=1).fit(X[:20]).history_
    assert "valid_loss" not in small(n_epochs=1).fit(X[:2]).history_


def test_same_seed_same_bytes_and_other_generators_are_left_alone():
    X = rings()
    before = np.random.get_state()[1].tobytes(), torch.get_rng_state()  # noqa: NPY002
    n_threads = torch.get_num_threads()
    a, b = (small().fit(X).transform(X) for _ in range(2))
    assert all(p.tobytes() == q.tobytes() for p, q in zip(a, b, strict=True))
    assert np.random.get_state()[1].tobytes() == before[0]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), before[1])
    assert torch.get_num_threads() == n_threads
    assert not np.array_equal(small(random_state=1).fit(X).transform(X)[0], a[0])


def test_dropout_is_off_when_fitted():
    def with_dropout(n, m):
        return nn.Sequential(nn.Linear(n, 16), nn.Dropout(0.5), nn.Linear(16, m))

    X = rings()
    model = small(encoder=with_dropout).fit(X)
    np.testing.assert_array_equal(model.transform(X)[0], model.transform(X)[0])


def test_a_diverged_training_keeps_the_last_good_weights():
    X = rings()
    model = small(learning_rate=1e30)
    with pytest.raises(ArithmeticError, match="lower learning_rate=1e\\+30"):
        model.fit(X)
    assert all(np.isfinite(z).all() for z in model.transform(X))
    assert np.isfinite(model.elbo_)
    model.set_params(learning_rate=0.01, warm_start=True).fit(X)
    assert len(model.history_["train_loss"]) == 4


def test_progress_is_one_line_an_epoch(capsys):
    small(verbose=1).fit(rings())
    assert len(capsys.readouterr().err.splitlines()) == 4
    small().fit(rings())
    assert capsys.readouterr() == ("", "")


def test_own_callbacks_are_called(tmp_path):
    from skorch.callbacks import Callback

    class Count(Callback):
        def on_epoch_end(self, net, **kwargs):
            seen.append(net.history[-1]["train_loss"])

    seen = []
    model = small(callbacks=[Count()], log_path=tmp_path / "log.csv").fit(rings())
    assert seen == model.history_["train_loss"].tolist()
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 5


# --- going on -----------------------------------------------------------------------------


def assert_same_training(a, b, X):
    for name, values in a.history_.items():
        np.testing.assert_array_equal(values, b.history_[name])
    assert a.best_epoch_ == b.best_epoch_ and a.elbo_ == b.elbo_
    for p, q in zip(a.transform(X), b.transform(X), strict=True):
        np.testing.assert_array_equal(p, q)


@pytest.mark.parametrize("fraction", [0.25, 0.0])
def test_training_goes_on_as_if_it_had_not_stopped(tmp_path, fraction):
    X = rings()
    options = {"warmup_epochs": 5, "validation_fraction": fraction, "random_state": None}
    np.random.seed(3)  # noqa: NPY002
    whole = small(n_epochs=8, **options).fit(X)
    np.random.seed(3)  # noqa: NPY002
    first = small(n_epochs=3, **options).fit(X)
    save_model(first, tmp_path / "vae.skstyle")
    again = load_model(tmp_path / "vae.skstyle").set_params(n_epochs=8, warm_start=True).fit(X)
    assert_same_training(whole, again, X)
    assert len(first.history_["train_loss"]) == 3
    # There is nothing left to do.
    assert_same_training(whole, again.fit(X), X)


def test_a_checkpoint_goes_on(tmp_path):
    from skorch.callbacks import Callback

    class PowerCut(Callback):
        def on_epoch_end(self, net, **kwargs):
            if len(net.history) == 4:
                raise RuntimeError("no power")

    X, path, log = rings(), tmp_path / "vae.skstyle", tmp_path / "log.csv"
    model = small(n_epochs=7, checkpoint_path=path, log_path=log, callbacks=[PowerCut()])
    with pytest.raises(RuntimeError, match="no power"):
        model.fit(X)
    saved = load_model(path)
    assert len(saved.history_["train_loss"]) == 4
    assert saved.transform(X)[0].shape == (60, 2)
    saved.set_params(warm_start=True, callbacks=None).fit(X)
    assert_same_training(small(n_epochs=7).fit(X), saved, X)
    assert [line.split(",")[0] for line in log.read_text().splitlines()[1:]] == list("1234567")


def test_an_early_stop_stays_one():
    X = rings()
    model = small(n_epochs=300, patience=2, warmup_epochs=0, learning_rate=0.1).fit(X)
    n = len(model.history_["train_loss"])
    assert n == model.best_epoch_ + 2 < 300
    assert len(model.set_params(warm_start=True).fit(X).history_["train_loss"]) == n


def test_other_sizes_cannot_go_on():
    model = small(warm_start=True).fit(rings())
    for name, before, now in (
        ("latent_dim", "2", 3),
        ("hidden_layer_sizes", r"\(16,\)", (8,)),
        ("decoder_variance", "'column'", "one"),
    ):
        kept = getattr(model, name)
        model.set_params(**{name: now})
        for method in (model.fit, model.partial_fit):
            with pytest.raises(ValueError, match=f"goes on with {name}={before}, but it is .* now"):
                method(rings())
        model.set_params(**{name: kept})
    # A list of the same sizes is no change.
    model.set_params(hidden_layer_sizes=[16], n_epochs=5).fit(rings())


def test_weight_decay_is_that_of_now(monkeypatch):
    from skstyle.neural import _resumable

    nets = []

    def make_net(*args, **options):
        nets.append(make(*args, **options))
        return nets[-1]

    make = _resumable.make_net
    monkeypatch.setattr(_resumable, "make_net", make_net)
    model = small(n_epochs=1, weight_decay=0.5).fit(rings())
    model.set_params(n_epochs=2, warm_start=True, weight_decay=0.1, learning_rate=0.02)
    model.fit(rings())
    (group,) = nets[1].optimizer_.param_groups
    assert (group["weight_decay"], group["lr"]) == (0.1, 0.02)


def test_fit_after_partial_fit_keeps_what_it_learns():
    # The weights that were best before were discarded: their loss says nothing.
    model = small(n_epochs=6).fit(rings())
    assert np.isfinite(model._training["watch"]["best_loss"])
    for _ in range(3):
        model.partial_fit([x + 3 for x in rings(seed=4)])
    assert model._training["watch"]["best_loss"] == np.inf
    model.set_params(n_epochs=14, warm_start=True).fit(rings())
    assert model.best_epoch_ > 9


def test_results_are_those_of_this_fit():
    model = small(n_epochs=0).fit(rings())
    assert model.history_ == {} and model.best_epoch_ == 0 and np.isfinite(model.elbo_)
    model.set_params(n_epochs=2).fit(rings())
    assert len(model.history_["train_loss"]) == 2
    model.set_params(n_epochs=0).fit(rings())
    assert model.history_ == {} and model.best_epoch_ == 0


def documented(estimator):
    """Names of the fitted attributes in a docstring, but for those of named columns."""
    section = type(estimator).__doc__.split("Attributes\n")[1].split("See Also")[0]
    names = re.findall(r"^    (\w+_) :", section, flags=re.M)
    return set(names) - {"feature_names_in_"}


@pytest.mark.parametrize(
    "estimator", [VAETransformer, VAETransport, ConvVAETransport], ids=lambda e: e.__name__
)
def test_a_checkpoint_has_all_that_is_documented(estimator, tmp_path):
    X, path = rings(), tmp_path / "vae.skstyle"
    y = None if estimator is VAETransformer else ["anna", "ben"] * 2
    if estimator is VAETransport:
        X, y = np.vstack(X), np.repeat(y, [len(x) for x in X])
    options = {"latent_dim": 2, "n_epochs": 2, "random_state": 0, "validation_fraction": 0}
    model = estimator(checkpoint_path=path, **options).fit(X, y)
    saved = load_model(path)
    names = documented(model)
    assert {"kl_per_dim_", "history_", "module_"} < names
    assert not hasattr(saved, "_data") and not hasattr(model, "_data")
    for name in names - {"module_"}:
        np.testing.assert_equal(getattr(saved, name), getattr(model, name), err_msg=name)
    found, expected = (np.concatenate(list(m.transform(X))) for m in (saved, model))
    np.testing.assert_array_equal(found, expected)


def test_partial_fit_is_an_epoch():
    X = rings()
    model = small(warmup_epochs=2)
    for n in range(1, 6):
        assert model.partial_fit(X) is model
        assert len(model.history_["train_loss"]) == model.best_epoch_ == n
    whole = small(n_epochs=5, validation_fraction=0, warmup_epochs=2).fit(X)
    assert_same_training(whole, model, X)
    # Of other frames, and after fit.
    before = whole.score(rings(seed=4))
    for _ in range(10):
        whole.partial_fit(rings(seed=4))
    assert whole.score(rings(seed=4)) > before


def test_partial_fit_after_fit_keeps_what_it_learns():
    X = rings()
    model = small(n_epochs=6).fit(X).partial_fit(X)
    assert len(model.history_["train_loss"]) == 7 == model.best_epoch_
    assert model.history_["valid_loss"].shape == (6,)


def test_pickles_and_clones():
    X = rings()
    model = small(encoder=nn.Linear(5, 4)).fit(X)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.transform(X)[1], model.transform(X)[1])
    copy = clone(model)
    with pytest.raises(NotFittedError):
        copy.transform(X)
    np.testing.assert_array_equal(copy.fit(X).transform(X)[1], model.transform(X)[1])


# --- with others --------------------------------------------------------------------------


def test_a_grid_search_in_two_processes():
    X = rings((40,) * 6)
    grid = {"latent_dim": [1, 2], "beta": [1.0, 4.0]}
    searches = [
        GridSearchCV(small(n_epochs=2), grid, cv=2, n_jobs=n_jobs).fit(X) for n_jobs in (2, 1)
    ]
    found = [search.cv_results_["mean_test_score"] for search in searches]
    np.testing.assert_array_equal(*found)
    assert len(set(found[0])) == 4 and np.isfinite(found[0]).all()
    assert searches[0].best_estimator_.transform(X)[0].shape[0] == 40


def test_training_uses_one_thread():
    from skorch.callbacks import Callback

    class Threads(Callback):
        def on_batch_end(self, net, **kwargs):
            seen.add(torch.get_num_threads())

    seen = set()
    small(n_epochs=1, callbacks=[Threads()]).fit(rings())
    assert seen == {1}


def test_processes_of_a_grid_search_use_one_thread_each():
    class OneThread(nn.Linear):
        def forward(self, x):
            if self.training and torch.get_num_threads() != 1:
                raise RuntimeError(f"{torch.get_num_threads()} threads")
            return super().forward(x)

    model = small(n_epochs=1, encoder=OneThread)
    grid = {"latent_dim": [1, 2], "beta": [1.0, 4.0]}
    search = GridSearchCV(model, grid, cv=2, n_jobs=2, refit=False, error_score="raise")
    search.fit(rings((40,) * 4))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_in_pipelines():
    X = rings()
    pipeline = make_pipeline(PerFrame(StandardScaler()), small()).fit(X)
    codes = pipeline.transform(X)
    assert [z.shape for z in codes] == [(n, 2) for n in LENGTHS]
    assert [x.shape for x in pipeline.inverse_transform(codes)] == [(n, 5) for n in LENGTHS]
    # As a transformer of frames, as any other.
    lifted = PerFrame(small()).fit(X).transform(X)
    assert [z.shape for z in lifted] == [(n, 2) for n in LENGTHS]


# --- containers ---------------------------------------------------------------------------


def test_containers_mirror():
    X = rings()
    model = small().fit(objects(X))
    out = model.transform(X)
    assert isinstance(out, list)
    found = model.transform(objects(X))
    assert found.dtype == object
    np.testing.assert_array_equal(found[1], out[1])
    np.testing.assert_allclose(model.transform(np.vstack(X)), np.vstack(out), atol=1e-12)
    short = np.stack([x[:40] for x in X])
    assert model.transform(short).shape == (4, 40, 2)
    assert model.score_samples(short).shape == (4, 40)
    assert model.inverse_transform(model.transform(short)).shape == short.shape
    assert [b.shape for b in model.score_samples(X)] == [(n,) for n in LENGTHS]
    assert model.score_samples(np.vstack(X)).shape == (sum(LENGTHS),)
    assert model.get_feature_names_out().tolist() == ["vaetransformer0", "vaetransformer1"]


def test_float32_is_kept():
    X = [x.astype(np.float32) for x in rings()]
    model = small().fit(X)
    codes = model.transform(X)
    found = [*codes, *model.inverse_transform(codes), *model.score_samples(X)]
    assert {a.dtype for a in found} == {np.dtype(np.float32)}


def test_inputs_are_not_written_to():
    X = rings()
    before = [x.copy() for x in X]
    for clip in X:
        clip.flags.writeable = False
    model = small().fit(X)
    model.inverse_transform(model.transform(X))
    model.partial_fit(X)
    for a, b in zip(X, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_large_offsets_do_not_matter():
    X = rings()
    expected = small().fit(X).transform(X)[0]
    found = small().fit([x + 1e6 for x in X]).transform([x + 1e6 for x in X])[0]
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_constant_columns_and_single_frames():
    X = [np.column_stack([x, np.full(len(x), 0.1)]) for x in rings()]
    model = small(n_epochs=30).fit(X)
    again = model.inverse_transform(model.transform(X))
    assert np.isfinite(model.elbo_) and np.abs(again[0][:, -1] - 0.1).max() < 0.1
    one = small().fit(np.ones((1, 3)))
    assert np.isfinite(one.transform(np.ones((1, 3)))).all()


# --- bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"latent_dim": 0}, ValueError, "latent_dim"),
        ({"hidden_layer_sizes": 16}, ValueError, "hidden_layer_sizes must be a tuple"),
        ({"hidden_layer_sizes": (0,)}, ValueError, "hidden_layer_sizes"),
        ({"beta": -1.0}, ValueError, "beta"),
        ({"beta": np.nan}, ValueError, "beta must be a finite number, got nan"),
        ({"warmup_epochs": np.inf}, ValueError, "warmup_epochs must be a finite number, got inf"),
        ({"free_bits": np.nan}, ValueError, "free_bits must be a finite number"),
        ({"learning_rate": np.inf}, ValueError, "learning_rate must be a finite number"),
        ({"weight_decay": np.nan}, ValueError, "weight_decay must be a finite number"),
        ({"validation_fraction": np.nan}, ValueError, "validation_fraction must be a finite"),
        ({"warmup_epochs": -1}, ValueError, "warmup_epochs"),
        ({"free_bits": -1.0}, ValueError, "free_bits"),
        ({"n_epochs": -1}, ValueError, "n_epochs"),
        ({"n_epochs": 1.5}, TypeError, "n_epochs"),
        ({"batch_size": 0}, ValueError, "batch_size"),
        ({"patience": 0}, ValueError, "patience"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate"),
        ({"weight_decay": -1.0}, ValueError, "weight_decay"),
        ({"validation_fraction": 1.0}, ValueError, "validation_fraction"),
        ({"decoder_variance": "full"}, ValueError, "decoder_variance must be 'column' or 'one'"),
        ({"device": "abacus"}, ValueError, 'device must be "cpu" or "cuda"'),
        ({"encoder": nn.Linear(5, 5)}, ValueError, "encoder must make 4 columns of 5"),
        ({"decoder": "linear"}, TypeError, "decoder must be a torch.nn.Module"),
    ],
)
def test_wrong_parameters_are_told_in_fit(parameters, error, message):
    with pytest.raises(error, match=message):
        small(**parameters).fit(rings())


def test_codes_of_another_width_are_told():
    model = small().fit(rings())
    with pytest.raises(ValueError, match="X has 5 columns, expected codes of latent_dim=2"):
        model.inverse_transform(rings())
    with pytest.raises(ValueError, match="n_samples"):
        model.sample(0)


def test_broken_frames_are_named():
    X = rings()
    X[2][7, 0] = np.nan
    with pytest.raises(ValueError, match=r"X\[2\] contains NaN \(first at frame 7 of 80\)"):
        small().fit(X)
    with pytest.raises(ValueError, match="leaves none of 4 sequences to train on"):
        small(validation_fraction=0.95).fit(rings())
