"""GramStyleTransformer."""

import pickle
import tracemalloc
import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skstyle import GramStyleTransformer, PhaseReconstructor, STFTTransformer
from skstyle.exceptions import ShortClipWarning, SilentClipWarning
from skstyle.transfer import RandomConvFeatures, Style
from skstyle.transfer._compression import compress, level_of
from skstyle.transfer._infinite_style import CENTRED
from skstyle.transfer._style_loss import StyleLoss
from skstyle.transfer._style_statistics import STATISTICS

SMALL = RandomConvFeatures((5,), n_filters=24)
INFINITE = RandomConvFeatures((5,), n_filters=None)
# Every statistic, and those that are known for infinitely many filters.
CASES = [
    *((SMALL, name) for name in sorted(STATISTICS)),
    *((INFINITE, name) for name in CENTRED),
]
RATE = 8000


def small(features=SMALL, **options):
    return GramStyleTransformer(
        features, **{"style_statistic": "gram", "max_iter": 8, "random_state": 0, **options}
    )


def sequences(lengths=(40, 55), seed=0, n_bins=9, colour=1.0):
    """Spectrograms of coloured noise that moves slowly."""
    rng = np.random.default_rng(seed)
    envelope = np.linspace(1, colour, n_bins)
    return [
        envelope * np.abs(np.cumsum(rng.normal(size=(n, n_bins)), axis=0)) + 0.01 for n in lengths
    ]


def tones(seed, brightness, n_times=8000):
    """A melody of tones with harmonics."""
    rng = np.random.default_rng(seed)
    f0 = np.repeat(220 * 2 ** (rng.integers(0, 12, 8) / 12), n_times // 8)
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    return 0.1 * sum(np.cos(k * phase) * brightness**k for k in range(1, 8))


# --- the loss -----------------------------------------------------------------------------


@pytest.mark.parametrize("style_statistic", sorted(STATISTICS))
def test_gradient_agrees_with_finite_differences(style_statistic):
    # In float64: a callable takes the place of the float32 filters.
    generator = torch.Generator().manual_seed(0)
    W = torch.randn(6, 9, 5, generator=generator, dtype=torch.float64)

    def features(z):
        return [torch.conv1d(z.T[None].to(W), W, padding=2)[0].relu()]

    z, target, content = (
        torch.from_numpy(np.log1p(x[:20])) for x in sequences((20, 30, 20), seed=1)
    )
    style = Style(
        [{k: a.numpy() for k, a in STATISTICS[style_statistic](features(target)[0]).items()}],
        np.ones((3, 9)),
        {},
    )
    loss = StyleLoss(
        features,
        STATISTICS[style_statistic],
        style,
        layer_weights=[1.0],
        content_weight=0.3,
        style_weight=2.0,
        content=content.numpy(),
    )

    def total(z):
        content_loss, style_loss = loss.parts(z)
        return 0.3 * content_loss + 2.0 * style_loss

    assert torch.autograd.gradcheck(total, z.requires_grad_(), eps=1e-6, atol=1e-6)


def test_losses_are_those_of_the_equations():
    (style,), (content,) = sequences((70,), seed=1), sequences((50,), seed=2)
    features = RandomConvFeatures((3, 8), n_filters=10, random_state=3)
    model = small(features, content_weight=0.4, style_weight=3.0, layer_weights=(1, 4), max_iter=6)
    out = model.fit([style]).transform([content])[0]
    activations = features.build(9)

    def dense(x):
        z = torch.from_numpy(compress(x, level_of(content), 1000))
        return [F.double().numpy() for F in activations(z)]

    target = activations(torch.from_numpy(compress(style, level_of(style), 1000)))
    start, end = dense(content), dense(out)

    def style_loss(layers):
        E = []
        for F, S in zip(layers, target, strict=True):
            S = S.double().numpy()
            (N, M), M_style = F.shape, S.shape[1]
            # The length of the style is brought to that of the content.
            G, A = F @ F.T, S @ S.T * M / M_style
            E.append(((G - A) ** 2).sum() / (4 * N**2 * M**2))
        return np.dot([0.2, 0.8], E)

    def content_loss(layers):
        L = [0.5 * ((F - P) ** 2).sum() / F.size for F, P in zip(layers, start, strict=True)]
        return np.dot([0.2, 0.8], L)

    assert model.loss_curve_[0][0] == pytest.approx(3 * style_loss(start), rel=1e-4)
    assert model.style_loss_[0] == pytest.approx(style_loss(end), rel=1e-3)
    assert model.content_loss_[0] == pytest.approx(content_loss(end), rel=1e-3)
    last = 0.4 * model.content_loss_[0] + 3 * model.style_loss_[0]
    assert model.loss_curve_[0][-1] == pytest.approx(last, rel=0.02)


@pytest.mark.parametrize(("features", "style_statistic"), CASES)
@pytest.mark.parametrize("init", ["content", "noise", "style"])
def test_loss_falls_at_every_step(features, style_statistic, init):
    model = small(
        features, style_statistic=style_statistic, init=init, max_iter=12, content_weight=0.01
    )
    model.fit(sequences()).transform(sequences((33, 61), seed=5, colour=0.1))
    for curve in model.loss_curve_:
        assert (np.diff(curve) <= 0).all()
        assert curve[-1] < 0.8 * curve[0]


def test_weights_mean_the_same_for_every_length():
    (style,), (content,) = sequences((200,)), sequences((200,), seed=1, colour=0.1)
    model = small(content_weight=0.1, max_iter=0).fit([style])
    model.transform([content, np.concatenate([content] * 4)])
    assert model.style_loss_[1] == pytest.approx(model.style_loss_[0], rel=0.05)


def test_weights_mean_the_same_for_every_number_of_filters():
    style, content = sequences((200,)), sequences((200,), seed=1, colour=0.1)
    losses = []
    for n_filters in (64, 512):
        model = small(RandomConvFeatures((5,), n_filters=n_filters), max_iter=0).fit(style)
        model.transform(content)
        losses.append(model.style_loss_[0])
    assert losses[1] == pytest.approx(losses[0], rel=0.3)


# --- what comes out -----------------------------------------------------------------------


def test_style_comes_nearer_and_the_tune_stays():
    content, style = tones(0, 0.2), tones(1, 0.9)
    stft = STFTTransformer(n_fft=256, output="magnitude").fit([content])
    C, S = (stft.transform([x])[0] for x in (content, style))
    model = small(RandomConvFeatures(n_filters=128), max_iter=40).fit([S])
    out = model.transform([C])[0]
    before, after = (model.measure([x]).distance(model.style_) for x in (C, out))
    assert after < 0.2 * before

    z = {name: compress(x, level_of(x), 1000) for name, x in (("C", C), ("S", S), ("out", out))}
    mean = {name: x.mean(axis=0) for name, x in z.items()}
    assert np.abs(mean["out"] - mean["S"]).mean() < 0.7 * np.abs(mean["C"] - mean["S"]).mean()

    def likeness(n_shift):
        """Correlation with the content over time, bin by bin."""
        a, b = (x - x.mean(axis=0) for x in (z["out"], np.roll(z["C"], n_shift, axis=0)))
        return (a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())

    # Half the clip away there are other tones.
    assert likeness(0) > 0.3 > 2 * likeness(len(C) // 2)


def test_no_bin_gets_louder_than_the_loudest():
    (style,), (content,) = sequences((70,), seed=1), sequences((50,), seed=2, colour=0.01)
    out = small(max_iter=40, tol=0).fit([style]).transform([content])[0]
    assert out.min() >= 0
    loudest = max((x / level_of(x)).max() for x in (style, content))
    assert out.max() <= 1.0001 * loudest * level_of(content)


@pytest.mark.parametrize("features", [SMALL, INFINITE])
def test_the_content_in_its_own_style_stays(features):
    content = sequences((50,))
    out = small(features).fit(content).transform(content)
    np.testing.assert_allclose(out[0], content[0], rtol=1e-4)


def test_without_style_weight_the_content_comes_back():
    content = sequences((50,), seed=1)
    model = small(style_weight=0, content_weight=1).fit(sequences())
    np.testing.assert_allclose(model.transform(content)[0], content[0], rtol=1e-4)


def test_content_weight_holds_the_content():
    content = sequences((50,), seed=1, colour=0.1)
    losses = []
    for content_weight in (0, 10):
        model = small(content_weight=content_weight, init="noise").fit(sequences())
        model.transform(content)
        losses.append(model.content_loss_[0])
    assert losses[1] < 0.5 * losses[0]


@pytest.mark.parametrize("gain", [2.0**-20, 1e-3, 37.0])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"style_statistic": "whitening-coloring"},
        {"envelope_weight": 0.1, "spectral_envelope_weight": 0.1},
        {"features": INFINITE, "envelope_weight": 0.1, "spectral_envelope_weight": 0.1},
    ],
)
def test_a_louder_content_gives_the_same_but_louder(gain, options):
    model = small(**options).fit(sequences())
    content = sequences((50,), seed=1, colour=0.1)
    quiet, loud = model.transform([content[0], gain * content[0]])
    np.testing.assert_allclose(loud, gain * quiet, rtol=0.02, atol=1e-3 * gain * quiet.max())


def test_a_louder_style_is_the_same_style():
    a, b = (small().fit([g * x for x in sequences()]).style_ for g in (1, 1000))
    assert a.distance(b) < 1e-5 * level_of(a.layers[0]["gram"])
    assert b.level == pytest.approx(1000 * a.level)


@pytest.mark.parametrize("representation", ["power", "log1p", "log-magnitude"])
def test_every_representation_gives_the_same(representation):
    content = sequences((50,), seed=1, colour=0.1)
    write = {"power": np.square, "log1p": np.log1p, "log-magnitude": np.log}[representation]
    plain = small().fit(sequences()).transform(content)[0]
    model = small(representation=representation).fit([write(x) for x in sequences()])
    out = model.transform([write(x) for x in content])[0]
    # Bins that are silent have no logarithm.
    np.testing.assert_allclose(
        np.maximum(out, write(1e-3)), write(np.maximum(plain, 1e-3)), rtol=0.03, atol=0.03
    )


@pytest.mark.parametrize(
    ("style_statistic", "features"),
    [("centred-gram", SMALL), ("whitening-coloring", SMALL), ("centred-gram", INFINITE)],
)
def test_workers_do_not_change_the_bytes(style_statistic, features):
    content = sequences((50, 30), seed=1)
    alone, together = (
        small(features, style_statistic=style_statistic, n_jobs=n)
        .fit(sequences())
        .transform(content)
        for n in (1, 2)
    )
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("features", [SMALL, INFINITE])
def test_same_seed_same_bytes_and_other_seeds_others(features):
    content = sequences((50,), seed=1)
    a, b, c = (
        small(features, random_state=seed, init="noise").fit(sequences()).transform(content)[0]
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


@pytest.mark.parametrize("features", [SMALL, INFINITE])
def test_bytes_do_not_depend_on_the_threads_of_torch(features):
    content = sequences((50,), seed=1)
    before = torch.get_num_threads()
    try:
        out = []
        for n in (1, 2):
            torch.set_num_threads(n)
            out.append(small(features).fit(sequences()).transform(content)[0])
            assert torch.get_num_threads() == n
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*out)


def test_global_random_numbers_are_left_alone():
    torch.manual_seed(0)
    state = torch.get_rng_state()
    numbers = np.random.get_state()[1].copy()  # noqa: NPY002
    small(init="noise").fit(sequences()).transform(sequences())
    assert torch.equal(state, torch.get_rng_state())
    np.testing.assert_array_equal(numbers, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays(dtype):
    X = [x.astype(dtype) for x in sequences()]
    assert {x.dtype for x in small().fit(X).transform(X)} == {np.dtype(dtype)}


# --- length, time and memory --------------------------------------------------------------


@pytest.mark.parametrize("features", [SMALL, INFINITE])
def test_long_clips_are_cut_and_joined(features):
    style, content = sequences((100,)), sequences((300,), seed=1, colour=0.1)
    model = small(features, chunk_length=64, overlap=16, max_iter=40).fit(style)
    out = model.transform(content)[0]
    assert out.shape == content[0].shape and np.isfinite(out).all()
    assert (np.diff(model.loss_curve_[0]) <= 0).all()
    nearer = model.measure([out]).distance(model.style_)
    assert nearer < 0.3 * model.measure(content).distance(model.style_)


def test_memory_is_bounded_by_the_chunks():
    content = sequences((3000,), n_bins=65)
    peaks = []
    for chunk_length in (150, 3000):
        model = small(chunk_length=chunk_length, overlap=16, max_iter=12, tol=0).fit(content)
        tracemalloc.start()
        model.transform(sequences((3000,), seed=1, n_bins=65))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # What is left are the clip and its result; descent needs twenty times as much.
    assert peaks[0] < 0.5 * peaks[1]


def test_time_is_bounded():
    model = small(max_iter=500, tol=0, max_seconds=1e-9).fit(sequences())
    model.transform(sequences((50,), seed=1))
    assert len(model.loss_curve_[0]) == 2


def test_stops_where_little_is_won():
    content = sequences((50,), seed=1, colour=0.1)
    n_steps = []
    for tol in (0.2, 0):
        model = small(max_iter=40, tol=tol).fit(sequences())
        model.transform(content)
        n_steps.append(len(model.loss_curve_[0]))
    assert n_steps[0] < n_steps[1]


# --- styles -------------------------------------------------------------------------------


def test_the_style_is_the_mean_of_clips_weighted_by_frames():
    X = sequences((30, 90))
    both = small().fit(X)
    a, b = (both.measure([x]) for x in X)
    assert both.style_.distance(0.25 * a + 0.75 * b) < 1e-4 * a.distance(b)
    assert both.style_.weight == 1


@pytest.mark.parametrize("features", [SMALL, INFINITE])
def test_fit_takes_a_mixture(features):
    model = small(features).fit(sequences())
    other = model.measure(sequences(seed=3, colour=0.05))
    mixed = 0.5 * model.style_ + 0.5 * other
    content = sequences((60,), seed=4, colour=0.3)
    blended = small(features).fit(mixed)
    assert blended.n_features_in_ == 9
    out = blended.transform(content)
    end = blended.measure(out)
    assert end.distance(mixed) < min(end.distance(model.style_), end.distance(other))


def test_fit_refuses_styles_of_other_filters():
    style = small(random_state=1).fit(sequences()).style_
    with pytest.raises(ValueError, match="different features: .*random_state="):
        small().fit(style)
    with pytest.raises(ValueError, match="different style_statistic: gram and moments"):
        small(style_statistic="moments", random_state=1).fit(style)
    with pytest.raises(ValueError, match="begins at clips"):
        small(init="style", random_state=1).fit(style)


@pytest.mark.parametrize("features", [SMALL, INFINITE])
def test_samples_are_textures_of_the_style(features):
    X = [x.astype(np.float32) for x in sequences((200,))]
    model = small(features, max_iter=60, tol=0).fit(X)
    one, two = model.sample(80, n_clips=2)
    assert one.shape == (80, 9) and one.dtype == np.float32 and not np.array_equal(one, two)
    assert len(model.loss_curve_) == 2 and model.content_loss_ == [0, 0]
    half = model.measure([X[0][:100]]).distance(model.measure([X[0][100:]]))
    assert model.measure([one]).distance(model.style_) < half
    np.testing.assert_allclose(level_of(one.astype(float)), model.style_.level, rtol=1e-5)
    np.testing.assert_array_equal(model.sample(80)[0], one)


def test_styles_and_models_are_small():
    model = small().fit(sequences((4000,)))
    assert len(pickle.dumps(model)) < 20000


# --- in scikit-learn ----------------------------------------------------------------------


def test_between_analysis_and_phases():
    content, style = [tones(0, 0.2)[:4001], tones(2, 0.2)[:3333]], [tones(1, 0.9)]
    pipeline = make_pipeline(
        STFTTransformer(n_fft=256, output="magnitude", keep_source=True),
        small(),
        PhaseReconstructor(init="source", n_iter=4),
    ).fit(style)
    assert [len(x) for x in pipeline.transform(content)] == [4001, 3333]


def test_settings_can_be_searched():
    X = sequences((30, 40, 50, 60))

    def nearness(model, X, y=None):
        return -model.measure(model.transform(X)).distance(model.style_)

    search = GridSearchCV(
        small(max_iter=3),
        {"features__n_filters": [8, 16], "style_statistic": ["gram", "moments"]},
        scoring=nearness,
        cv=2,
        error_score="raise",
    ).fit(X)
    assert set(search.best_params_) == {"features__n_filters", "style_statistic"}


def test_any_module_can_be_the_features():
    net = torch.nn.Sequential(torch.nn.Conv1d(9, 6, 3), torch.nn.Tanh())
    model = small(net).fit(sequences())
    out = pickle.loads(pickle.dumps(model)).transform(sequences((50,), seed=1))
    np.testing.assert_array_equal(out[0], model.transform(sequences((50,), seed=1))[0])
    assert (np.diff(model.loss_curve_[0]) <= 0).all()


def test_unfitted():
    for call in ("transform", "measure"):
        with pytest.raises(NotFittedError):
            getattr(small(), call)(sequences())
    with pytest.raises(NotFittedError):
        small().sample(3)


# --- bad input ----------------------------------------------------------------------------


def test_silent_content_passes_with_a_warning():
    X = sequences((40, 50), seed=1)
    model = small().fit(sequences())
    with pytest.warns(SilentClipWarning, match=r"^X\[1\]: silent, returned as silence"):
        out = model.transform([X[0], np.zeros((7, 9)), X[1]])
    assert out[1].shape == (7, 9) and not out[1].any()
    assert [len(model.loss_curve_), model.style_loss_[1]] == [3, 0]
    np.testing.assert_array_equal(out[2], model.transform(X)[1])


def test_silent_style_clips_are_left_out():
    with pytest.warns(SilentClipWarning, match=r"X\[0\]: silent, left out of the style"):
        style = small().fit([np.zeros((30, 9)), *sequences()]).style_
    assert style.distance(small().fit(sequences()).style_) == 0
    with pytest.raises(ValueError, match="All 2 clips are silent: there is no style in them"):
        small().fit([np.zeros((30, 9))] * 2)


def test_short_clips_are_told_by_name():
    short = sequences((30, 3))
    with pytest.warns(ShortClipWarning, match=r"^X\[1\]: fewer frames than the widest filter, 5"):
        model = small().fit(short)
    with pytest.warns(ShortClipWarning):
        out = model.transform(short)
    assert out[1].shape == (3, 9) and np.isfinite(out[1]).all()


@pytest.mark.parametrize(("features", "style_statistic"), CASES)
def test_one_click_is_a_style(features, style_statistic):
    click = np.zeros((30, 9))
    click[4] = 1.0
    model = small(features, style_statistic=style_statistic).fit([click])
    assert np.isfinite(model.transform(sequences((50,), seed=1))[0]).all()
    assert np.isfinite(model.sample(20)[0]).all()
    model = small(features, style_statistic=style_statistic).fit(sequences())
    assert np.isfinite(model.transform([click])[0]).all()


def test_negative_values_are_refused_by_name():
    X = sequences()
    X[1][3, 2] = -1.5
    for call in (small().fit, small().fit(sequences()).transform):
        with pytest.raises(ValueError, match=r"^X\[1\]: Negative values.*frame 3 of 55.*-1.5"):
            call(X)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda x: np.where(np.arange(55)[:, None] == 3, np.nan, x),
            r"NaN \(first at frame 3 of 55",
        ),
        (lambda x: np.stack([x, x], axis=2), r"has shape \(55, 9, 2\)"),
        (lambda x: x[:, 0], r"has shape \(55,\), expected a sequence"),
        (lambda x: 1j * x, "has dtype complex128.*output='magnitude'"),
        (lambda x: x[:0], r"is empty \(shape \(0, 9\)\)"),
    ],
)
def test_what_is_no_spectrogram_is_refused_by_name(spoil, words):
    X = sequences()
    X[1] = spoil(X[1])
    for call in (small().fit, small().fit(sequences()).transform):
        with pytest.raises(ValueError, match=rf"X\[1\].*{words}"):
            call(X)


def test_clips_may_be_huge_or_tiny():
    content = sequences((50,), seed=1, colour=0.1)[0]
    model = small().fit(sequences())
    plain = model.transform([content])[0]
    for gain in (1e300, 1e-290):
        out = model.transform([gain * content])[0]
        np.testing.assert_allclose(out / gain, plain, rtol=0.02, atol=1e-3 * plain.max())


def test_other_bins_are_refused():
    with pytest.raises(
        ValueError, match="X has 8 features, but GramStyleTransformer is expecting 9"
    ):
        small().fit(sequences()).transform(sequences(n_bins=8))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"content_weight": -1}, "content_weight == -1, must be >= 0"),
        ({"style_weight": -1}, "style_weight == -1, must be >= 0"),
        ({"style_weight": 0}, "both 0: nothing to match"),
        ({"layer_weights": (1, 2)}, "layer_weights has 2 weights for 1 layers"),
        ({"layer_weights": (-1,)}, "layer_weights must not be negative"),
        ({"style_statistic": "grams"}, "style_statistic must be one of"),
        ({"features": "vgg"}, "features must be one of"),
        ({"init": "random"}, "init must be one of"),
        ({"representation": "mel"}, "representation must be one of"),
        ({"contrast": 0}, "contrast == 0, must be > 0"),
        ({"max_iter": -1}, "max_iter == -1, must be >= 0"),
        ({"tol": -1}, "tol == -1, must be >= 0"),
        ({"max_seconds": 0}, "max_seconds == 0, must be > 0"),
        ({"content_weight": np.nan}, "content_weight must be a finite number, got nan"),
        ({"spectral_envelope_weight": np.inf}, "must be a finite number, got inf"),
        ({"contrast": np.nan}, "contrast must be a finite number, got nan"),
        ({"tol": True}, "tol must be a number, got True"),
        ({"chunk_length": 4, "overlap": 0}, "chunk_length must be at least .* sees, 5, got 4"),
        ({"chunk_length": 1}, "chunk_length == 1, must be >= 2"),
        ({"chunk_length": 10, "overlap": 6}, "overlap == 6, must be <= 5"),
        ({"device": "tpu9"}, 'device must be "cpu" or "cuda"'),
    ],
)
def test_bad_settings_are_refused(options, words):
    with pytest.raises((ValueError, TypeError), match=words):
        small(**options).fit(sequences())


def test_bad_samples_are_refused():
    model = small().fit(sequences())
    for wrong in ({"n_frames": 0}, {"n_frames": 9, "n_clips": 0}):
        with pytest.raises(ValueError, match="must be >= 1"):
            model.sample(**wrong)


def test_warnings_are_none_in_good_use():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = clone(small(n_jobs=2, init="style")).fit(sequences()).transform(sequences())
    assert [x.shape for x in out] == [x.shape for x in sequences()]
    assert all(np.isfinite(x).all() for x in out)


def test_styles_of_other_weights_are_other_styles():
    nets = [torch.nn.Conv1d(9, 4, 3) for _ in range(2)]
    a, b, again = (small(net).fit(sequences()).style_ for net in (*nets, nets[0]))
    assert a.distance(again) == 0
    with pytest.raises(ValueError, match="different features"):
        a.distance(b)


def test_the_same_features_are_known_however_they_are_written():
    styles = [
        small(RandomConvFeatures(widths, n_filters=n, random_state=np.int64(0)))
        .fit(sequences())
        .style_
        for widths, n in (((5,), 24), ([5], np.int32(24)))
    ]
    assert styles[0].distance(styles[1]) == 0


def test_read_only_arrays_are_no_matter():
    X = sequences()
    model = small().fit(X)
    for layer in model.style_.layers:
        for values in layer.values():
            values.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(model.transform(X)) == 2


def test_silent_frames_of_the_content_stay_silent():
    X = [x.astype(np.float32) for x in sequences((60,))]
    X[0][20:40] = 0
    model = small(chunk_length=24, overlap=4).fit(sequences())
    out = model.transform(X)[0]
    assert not out[20:40].any() and out[:20].any() and out[40:].any()


def test_silence_in_logarithms():
    silence = np.full((30, 9), np.log(1e-10))
    X = [np.log(x) for x in sequences()]
    model = small(representation="log-magnitude")
    with pytest.warns(SilentClipWarning, match=r"X\[2\]: silent, left out"):
        model.fit([*X, silence])
    expected = small(representation="log-magnitude").fit(X)
    assert model.style_.distance(expected.style_) == 0
    with pytest.warns(SilentClipWarning, match=r"X\[0\]: silent, returned"):
        np.testing.assert_array_equal(model.transform([silence])[0], silence)


@pytest.mark.parametrize(
    "changed", [{"style_statistic": "moments"}, {"init": "style"}, {"contrast": 10}]
)
def test_what_the_style_depends_on_must_not_change(changed):
    model = small().fit(sequences()).set_params(**changed)
    for call in (lambda: model.transform(sequences()), lambda: model.sample(9)):
        with pytest.raises(ValueError, match="in fit, and is .* now: fit again"):
            call()
    model.fit(sequences()).set_params(content_weight=-1)
    with pytest.raises(ValueError, match="content_weight == -1"):
        model.transform(sequences())
