"""Conversion of signals, in every tool of scikit-learn that takes an estimator."""

import pickle

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import RegressorMixin, clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skstyle.compose import (
    AlignedRegressor,
    PerFrame,
    SignalConverter,
    StreamRegressor,
    make_voice_converter,
)
from skstyle.compose import _conversion as converter_module
from skstyle.exceptions import ShortClipWarning, SilentClipWarning, UnvoicedClipWarning
from skstyle.features import SourceFilterVocoder
from skstyle.metrics import mel_cepstral_distortion as mcd
from skstyle.metrics import neg_mel_cepstral_distortion_scorer
from skstyle.signal import PhaseReconstructor, Resampler, STFTTransformer
from skstyle.utils import load_model, save_model

RATE = 16000
# A fast default for tests that are not about quality.
MCEP = slice(3, -5)


def fast(regressor=None, **parameters):
    """Return a converter of linear regression on the mel-cepstrum alone, one round."""
    streams = StreamRegressor([("mcep", regressor or Ridge(), MCEP)])
    return SignalConverter(
        SourceFilterVocoder(RATE), AlignedRegressor(streams, n_iter=1), **parameters
    )


def objects(items):
    out = np.empty(len(items), object)
    out[:] = items
    return out


@pytest.fixture(scope="module")
def few(speakers):
    """Three short pairs."""
    X, y = speakers
    return [x[2000:9000] for x in X[:3]], [c[2000:9500] for c in y[:3]]


@pytest.fixture(scope="module")
def fitted(speakers):
    X, y = speakers
    return make_voice_converter(RATE, Ridge()).fit(X[:4], y[:4])


# ---------------------------------------------------------------- quality


REGRESSORS = {
    "default": "jointgmm",
    "Ridge": Ridge(),
    "KNN": KNeighborsRegressor(),
    "PLS": PLSRegression(20),
}


@pytest.mark.parametrize("regressor", REGRESSORS.values(), ids=REGRESSORS)
def test_any_regressor_brings_the_voices_nearer(speakers, regressor):
    X, y = speakers
    converter = make_voice_converter(RATE, regressor, random_state=0).fit(X[:4], y[:4])
    before = mcd(y[4:], X[4:], sample_rate=RATE)
    assert mcd(y[4:], converter.predict(X[4:]), sample_rate=RATE) < 0.8 * before
    assert -converter.score(X[4:], y[4:]) < 0.8 * before


def test_pitch_becomes_that_of_the_target(speakers, fitted):
    _, y = speakers
    vocoder = SourceFilterVocoder(RATE).fit(y)

    def median_pitch(clips):
        voiced = np.concatenate([s[s[:, 1] == 1, 0] for s in vocoder.transform(clips)])
        return np.exp(np.median(voiced))

    converted = fitted.predict(speakers[0][4:])
    assert median_pitch(converted) == pytest.approx(median_pitch(y[:4]), rel=0.08)


def test_converting_to_oneself_changes_little(few):
    X, _ = few
    converter = fast(LinearRegression()).fit(X, X)
    assert -converter.score(X, X) < 0.5
    assert mcd(X, converter.predict(X), sample_rate=RATE) < 4


# ---------------------------------------------------------------- containers and bytes


def test_output_is_as_long_as_its_source_and_of_its_dtype(speakers, fitted):
    X = [speakers[0][4][:5001], speakers[0][5][:4999].astype(float)]
    out = fitted.predict(X)
    assert [(len(z), z.dtype) for z in out] == [(5001, np.float32), (4999, np.float64)]
    assert all(np.isfinite(z).all() for z in out)


@pytest.mark.parametrize("lengths", [(5000, 5000), (5000, 5100)])
def test_containers_mirror(speakers, fitted, lengths):
    X = [x[:n] for x, n in zip(speakers[0], lengths, strict=False)]
    from_list = fitted.predict(X)
    assert isinstance(from_list, list)
    from_objects = fitted.predict(objects(X))
    assert from_objects.dtype == object
    assert from_objects.shape == (2,)
    for a, b in zip(from_list, from_objects, strict=True):
        np.testing.assert_array_equal(a, b)


def test_transform_is_predict(speakers, fitted):
    X = [speakers[0][4][:5000]]
    np.testing.assert_array_equal(fitted.transform(X)[0], fitted.predict(X)[0])


def test_same_seed_same_bytes(few):
    X, y = few
    results = []
    for n_jobs in (1, 1, 2):
        converter = make_voice_converter(RATE, random_state=0, n_iter=1, n_jobs=n_jobs)
        results.append([z.tobytes() for z in converter.fit(X, y).predict(X)])
    assert results[0] == results[1]
    assert results[0] == results[2]


def test_parameters_are_not_fitted(few):
    converter = fast()
    converter.fit(*few)
    assert not hasattr(converter.features, "hop_")
    assert not hasattr(converter.regressor, "regressor_")
    assert converter.sample_rate_ == RATE


def test_unfitted_is_told(few):
    for method in ("predict", "transform", "predict_features"):
        with pytest.raises(NotFittedError):
            getattr(fast(), method)(few[0])


# ---------------------------------------------------------------- persistence


def test_pickles_convert_alike(speakers, fitted, tmp_path):
    X = [speakers[0][5][:6000]]
    expected = fitted.predict(X)[0]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(X)[0], expected)
    save_model(fitted, tmp_path / "voice")
    np.testing.assert_array_equal(load_model(tmp_path / "voice").predict(X)[0], expected)


def test_clone_forgets_the_fit(fitted):
    other = clone(fitted)
    assert not hasattr(other, "regressor_")
    assert str(other.get_params()) == str(fitted.get_params())


# ---------------------------------------------------------------- scikit-learn's tools


def test_score_is_no_r2(fitted, speakers):
    """Trap: default scores are meaningless when all lengths are equal."""
    assert not isinstance(fitted, RegressorMixin)
    X, y = ([c[:8000] for c in part[4:]] for part in speakers)
    score = fitted.score(X, y)
    assert -10 < score < -0.5
    a, b = fitted.predict_features(X), fitted.target_features_.transform(y)
    expected = mcd([s[:, 2:27] for s in b], [s[:, 2:27] for s in a])
    assert score == pytest.approx(-expected, rel=0.02)


def test_score_takes_weights(fitted, speakers):
    X, y = (part[4:] for part in speakers)
    each = [fitted.score([a], [b]) for a, b in zip(X, y, strict=True)]
    assert fitted.score(X, y, sample_weight=[3, 1]) == pytest.approx((3 * each[0] + each[1]) / 4)


def test_grid_search_over_the_mixture_and_the_order(speakers):
    X, y = ([c[:9000] for c in part[:4]] for part in speakers)
    converter = make_voice_converter(RATE, random_state=0, n_iter=1)
    grid = {
        "regressor__regressor__mcep__regressor__n_components": [1, 2],
        "features__order": [16, 24],
    }
    search = GridSearchCV(converter, grid, cv=2, n_jobs=2, error_score="raise").fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert len(set(scores)) == 4
    assert search.best_score_ == scores.max() < 0
    assert search.best_estimator_.features.order == search.best_params_["features__order"]
    assert len(search.predict(X[:1])[0]) == 9000


def test_searches_work_with_metadata_routing(few):
    X, y = few
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = Pipeline([("convert", fast())])
        grid = {"convert__regressor__regressor__mcep__alpha": [1e-2, 1e6]}
        search = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(X, y)
        assert search.best_params_["convert__regressor__regressor__mcep__alpha"] == 1e-2
        assert np.isfinite(pipeline.fit(X, y).score(X, y))


def test_scorer_of_waveforms(few):
    scores = cross_validate(
        fast(),
        *few,
        cv=3,
        scoring={"waveform": neg_mel_cepstral_distortion_scorer},
        error_score="raise",
    )["test_waveform"]
    assert ((scores > -15) & (scores < 0)).all()


def test_cross_val_score_and_learning_curve(few):
    assert (cross_val_score(fast(), *few, cv=3, error_score="raise") < 0).all()
    _, train, test = learning_curve(fast(), *few, cv=3, train_sizes=[1, 2], error_score="raise")
    assert train.shape == test.shape == (2, 3)
    assert np.isfinite(test).all()


@pytest.mark.parametrize("equal", [True, False])
def test_cross_val_predict_on_object_arrays(few, equal):
    """Trap: predict that returns a list breaks, or silently stacks equal lengths."""
    X, y = few
    if not equal:
        X = [x[: 6000 + 100 * i] for i, x in enumerate(X)]
    predicted = cross_val_predict(fast(), objects(X), objects(y), cv=3)
    assert predicted.dtype == object
    assert [z.shape for z in predicted] == [x.shape for x in X]


def halve(X):
    return [0.5 * x for x in X]


def test_in_the_middle_of_a_pipeline(few):
    X, y = few
    pipeline = Pipeline(
        [("convert", fast()), ("halve", FunctionTransformer(halve)), ("spectra", STFTTransformer())]
    ).fit(X, y)
    plain = fast().fit(X, y).predict(X)
    np.testing.assert_allclose(
        pipeline.transform(X)[0], STFTTransformer().fit_transform(halve(plain))[0], rtol=1e-5
    )


def test_at_the_end_of_a_pipeline(few):
    X, y = few
    pipeline = make_pipeline(FunctionTransformer(halve), fast()).fit(X, y)
    assert [len(z) for z in pipeline.predict(X)] == [len(x) for x in X]
    assert pipeline.score(X, y) < 0


def test_features_may_be_a_pipeline(few):
    X, y = few
    features = make_pipeline(SourceFilterVocoder(RATE), PerFrame(StandardScaler()))
    converter = SignalConverter(features, AlignedRegressor(Ridge(), n_iter=1)).fit(X, y)
    assert converter.sample_rate_ == RATE
    assert [len(z) for z in converter.predict(X)] == [len(x) for x in X]
    assert -15 < converter.score(X, y) < 0


# ---------------------------------------------------------------- features without cepstra


def spectral():
    features = STFTTransformer(n_fft=256, output="log-magnitude", phase="pghi")
    return AlignedRegressor(Ridge(), n_iter=1), features


def test_score_analyses_the_sound_where_features_hold_no_cepstrum(few):
    X, y = few
    regressor, features = spectral()
    # Any step may carry the rate.
    features = make_pipeline(features, PerFrame(Rated(RATE)))
    converter = SignalConverter(features, regressor).fit(X, y)
    expected = mcd(y, converter.predict(X), sample_rate=RATE)
    assert converter.score(X, y) == pytest.approx(-expected)


class Rated(FunctionTransformer):
    """The identity, at a sample rate."""

    def __init__(self, sample_rate=None):
        super().__init__(check_inverse=False)
        self.sample_rate = sample_rate


def test_without_any_rate_the_score_explains_itself(few):
    regressor, features = spectral()
    converter = SignalConverter(features, regressor).fit(*few)
    assert converter.sample_rate_ is None
    assert len(converter.predict(few[0])) == 3
    with pytest.raises(ValueError, match="needs a sample rate, but no step has one: pass scoring="):
        converter.score(*few)


# ---------------------------------------------------------------- memory


@pytest.fixture
def counted(monkeypatch):
    """Count the clips that are really analysed."""
    calls = []
    analyse = SourceFilterVocoder._transform_one

    def count(self, x):
        calls.append(len(x))
        return analyse(self, x)

    monkeypatch.setattr(SourceFilterVocoder, "_transform_one", count)
    return calls


def test_memory_gives_the_same_result_and_analyses_once(few, tmp_path, counted):
    X, y = few
    expected = fast().fit(X, y).predict(X)
    assert len(counted) == 9
    counted.clear()
    for _ in range(2):
        out = fast(memory=str(tmp_path)).fit(X, y).predict(X)
        for a, b in zip(out, expected, strict=True):
            np.testing.assert_array_equal(a, b)
    assert len(counted) == 6


def test_memory_serves_a_grid_search(few, tmp_path, counted):
    X, y = few
    grid = {"regressor__regressor__mcep__alpha": [0.1, 1.0, 10.0]}
    converter = fast(memory=joblib.Memory(tmp_path, verbose=0))
    # A fold of two clips may learn another range of pitch, and would be analysed again.
    converter.set_params(features__learn_f0_range=False)
    GridSearchCV(converter, grid, cv=3, error_score="raise").fit(X, y)
    assert len(counted) == 6


def test_memory_hits_whatever_the_container(few, tmp_path, counted):
    """Trap: memmap and ndarray, list and tuple, strided and contiguous hash differently."""
    X, y = few
    memory = str(tmp_path / "cache")
    fast(memory=memory).fit(X, y)
    counted.clear()
    joblib.dump(X, tmp_path / "X")
    mapped = joblib.load(tmp_path / "X", mmap_mode="r")
    strided = [np.repeat(x, 2)[::2] for x in X]
    for variant in (tuple(X), objects(X), mapped, strided):
        fast(memory=memory).fit(variant, y)
    assert counted == []


def test_changed_clip_or_parameter_is_analysed_again(few, tmp_path, counted):
    X, y = few
    fast(memory=str(tmp_path)).fit(X, y)
    counted.clear()
    other = X[1].copy()
    other[100] += 0.01
    fast(memory=str(tmp_path)).fit([X[0], other, X[2]], y)
    assert counted == [len(other)]
    counted.clear()
    changed = fast(memory=str(tmp_path)).set_params(features__order=20)
    changed.fit(X, y)
    assert len(counted) == 6


def test_memory_works_with_workers(few, tmp_path):
    X, y = few
    expected = fast().fit(X, y).predict(X)
    for _ in range(2):
        out = fast(memory=str(tmp_path), n_jobs=2).fit(X, y).predict(X)
        np.testing.assert_array_equal(out[2], expected[2])


# ---------------------------------------------------------------- odd clips


def test_silent_pairs_are_left_out_by_name(few):
    X, y = few
    silent_x = [X[0], np.zeros_like(X[1]), X[2]]
    with pytest.warns(SilentClipWarning, match=r"X\[1\] silent: the pair was left out"):
        converter = fast().fit(silent_x, y)
    expected = fast().fit([X[0], X[2]], [y[0], y[2]]).predict(X[:1])[0]
    np.testing.assert_array_equal(converter.predict(X[:1])[0], expected)
    both = [y[0], np.zeros_like(y[1]), y[2]]
    with pytest.warns(SilentClipWarning, match=r"X\[1\] and y\[1\] silent"):
        fast().fit(silent_x, both)


def test_all_silent_is_an_error(few):
    X, y = few
    with (
        pytest.warns(SilentClipWarning),
        pytest.raises(ValueError, match="All 3 pairs of clips are silent: there is nothing"),
    ):
        fast().fit([0 * x for x in X], y)


def test_silence_is_converted_to_silence(fitted):
    with pytest.warns(SilentClipWarning, match=r"X\[1\] is silent: it was converted to silence"):
        out = fitted.predict([np.full(300, 0.1), np.zeros(1234, np.float32)])
    assert out[1].dtype == np.float32
    assert out[1].shape == (1234,)
    assert not out[1].any()


def test_one_sample_is_converted(fitted):
    with pytest.warns(ShortClipWarning, match=r"X\[0\] has 1 samples, less than one frame"):
        out = fitted.predict([np.array([0.1])])
    assert out[0].shape == (1,)
    assert np.isfinite(out[0]).all()


def test_unvoiced_clips_are_converted(few, fitted):
    noise = 0.1 * np.random.default_rng(0).standard_normal(8000)
    with pytest.warns(UnvoicedClipWarning, match=r"X\[1\] has no voiced frame"):
        out = fitted.predict([few[0][0], noise])[1]
    assert out.shape == (8000,)
    assert 0 < np.abs(out).max() < 10


def test_names_survive_a_silent_pair(few):
    """What is left out does not shift the numbers of the others."""
    X, y = few
    noise = 0.1 * np.random.default_rng(0).standard_normal(8000)
    with (
        pytest.warns(SilentClipWarning, match=r"X\[0\] silent"),
        pytest.warns(UnvoicedClipWarning, match=r"X\[2\] has no voiced frame"),
    ):
        fast().fit([0 * X[0], X[1], noise], y)


@pytest.mark.parametrize("seconds", [0.05, 60])
def test_very_short_and_very_long_clips_are_converted(speakers, fitted, seconds):
    x = np.resize(np.concatenate(speakers[0])[3000:], int(seconds * RATE))
    out = fitted.predict([x])[0]
    assert out.shape == x.shape
    assert np.isfinite(out).all()
    assert 0.1 < out.std() / x.std() < 10


def test_long_clips_in_workers_are_read_only(speakers, fitted):
    """Trap: over 1 MB, clips arrive in workers as read-only memmaps."""
    X = [np.resize(x, 270_000) for x in speakers[0][:2]]
    assert X[0].nbytes > 2**20
    expected = fitted.predict(X)
    parallel = clone(fitted).set_params(n_jobs=2).fit(speakers[0][:4], speakers[1][:4])
    for a, b in zip(parallel.predict(X), expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_inputs_are_not_written_to(few):
    """The clips of the fixture are read-only; their content is looked at here as well."""
    X, y = few
    before = [c.copy() for c in X + y]
    assert not any(c.flags.writeable for c in X + y)
    fast().fit(X, y).predict(X)
    for a, b in zip(X + y, before, strict=True):
        np.testing.assert_array_equal(a, b)


# ---------------------------------------------------------------- refusals


def test_numbers_of_clips_must_pair(few, fitted):
    X, y = few
    with pytest.raises(ValueError, match="X has 3 clips and y has 2: paired clips are needed"):
        fast().fit(X, y[:2])
    with pytest.raises(ValueError, match="X has 3 clips and y has 2"):
        fitted.score(X, y[:2])


def test_lone_signals_are_refused(few, fitted):
    """Trap: KFold would split the time samples of a lone signal."""
    X, y = few
    with pytest.raises(ValueError, match=r"Wrap a single signal in a list: \[x\]"):
        fast().fit(X[0], y[0])
    with pytest.raises(ValueError, match=r"Wrap a single signal in a list: \[x\]"):
        fitted.predict(X[0])


def test_targets_are_needed_and_named(few):
    X, y = few
    with pytest.raises((TypeError, ValueError), match="got NoneType|requires y"):
        fast().fit(X, None)
    bad = [y[0], y[1], np.full(100, np.nan)]
    with pytest.raises(ValueError, match=r"y\[2\] contains NaN"):
        fast().fit(X, bad)


def test_rates_of_two_steps_must_agree(few):
    features = make_pipeline(SourceFilterVocoder(RATE), PerFrame(Rated(22050)))
    with pytest.raises(ValueError, match="one sample rate, got .*16000.*22050|22050.*16000"):
        SignalConverter(features, AlignedRegressor(Ridge())).fit(*few)


def test_silence_has_one_threshold():
    from skstyle.features import _vocoder

    assert converter_module.SILENT_PEAK == _vocoder.SILENT_PEAK


def test_verbose_says_one_line_a_stage(few, capsys):
    fast(verbose=1).fit(*few)
    captured = capsys.readouterr()
    assert "source" in captured.err
    assert "analyse target" in captured.err
    assert "fit AlignedRegressor on 3 pairs" in captured.out + captured.err
    fast().fit(*few)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


# ---------------------------------------------------------------- found by review


def test_few_sentences_do_not_blow_up(real_parallel):
    """Slopes learned from little speech must not make single frames explode."""
    X, y, rate = real_parallel
    converter = make_voice_converter(rate, random_state=0).fit(X[:2], y[:2])
    for x, out in zip(X[2:], converter.predict(X[2:]), strict=True):
        assert abs(20 * np.log10(out.std() / x.std())) < 1.5
        assert np.abs(out).max() < 3 * np.abs(x).max()


def test_the_order_cannot_be_won_by_leaving_coefficients_out(speakers):
    """Every candidate is measured in one space: fewer coefficients are no smaller distance."""
    X, y = speakers
    scores = [
        make_voice_converter(RATE, Ridge(), order=order).fit(X[:4], y[:4]).score(X[4:], y[4:])
        for order in (2, 24)
    ]
    assert scores[0] < scores[1]


def test_cached_analyses_have_a_version(few, tmp_path, counted, monkeypatch):
    X, y = few
    fast(memory=str(tmp_path)).fit(X, y)
    n = len(counted)
    fast(memory=str(tmp_path)).fit(X, y)
    assert len(counted) == n
    monkeypatch.setattr(converter_module, "ANALYSIS_VERSION", -1)
    fast(memory=str(tmp_path)).fit(X, y)
    assert len(counted) == 2 * n


def test_features_may_start_from_the_phases_of_the_source(few):
    X, y = few
    features = STFTTransformer(
        n_fft=256, output="log-magnitude", phase=PhaseReconstructor(init="source", n_iter=1)
    )
    converter = SignalConverter(features, AlignedRegressor(Ridge(), n_iter=1)).fit(X, y)
    out = converter.predict(X[:1])[0]
    assert out.shape == X[0].shape
    assert np.isfinite(out).all()


def test_errors_of_an_analysis_name_the_clip(few):
    X, y = few

    def picky(x, sample_rate, times):
        return np.full(len(times) - np.array_equal(x, X[1]), 150.0)

    converter = fast().set_params(features__f0=picky)
    with pytest.raises(ValueError, match=r"^X\[1\]: f0 returned an array"):
        converter.fit(X, y)


def test_clips_resampled_to_another_rate_are_refused(few):
    X, y = few
    halved = Resampler(RATE, RATE // 2).fit_transform(X)
    with pytest.raises(ValueError, match="sample_rate=16000, but its input was resampled to 8000"):
        fast().fit(halved, y)
    with pytest.raises(ValueError, match="resampled to 8000 Hz"):
        fast().fit(X, y).predict(halved)


def test_labels_are_no_targets(few):
    with pytest.raises(ValueError, match="y holds labels.*make_unpaired_converter"):
        fast().fit(few[0], ["anna", "ben", "anna"])
