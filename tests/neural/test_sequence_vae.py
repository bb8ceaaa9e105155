"""SequenceVAE as an estimator, on a small language in which every symbol has a sound."""

import csv
import os
import pickle
import warnings
from difflib import SequenceMatcher

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback

from skstyle import SequenceVAE, load_model, save_model
from skstyle.exceptions import UnstoppedWarning
from skstyle.neural._sequence_checks import others_of, read_codes, split_groups
from skstyle.neural._sequence_training import SEQUENCE_RECORDED
from skstyle.testing import signal_checks

SYMBOLS = "abcd"
PER_SYMBOL = 3
VOICE = len(SYMBOLS)  # the column that tells voices apart
# What a model of two epochs says need not end.
UNTRAINED = pytest.mark.filterwarnings("ignore::skstyle.exceptions.UnstoppedWarning")


def say(text, voice, rng, n=PER_SYMBOL):
    """Frames of symbols: a column of its own is high, and the last one tells the voice."""
    frames = [[*(float(c == s) for s in SYMBOLS), voice] for c in text for _ in range(n)]
    return np.array(frames) + 0.03 * rng.normal(size=(len(frames), VOICE + 1))


def language(n, seed=0):
    """Clips, texts and voices (-1 or 1)."""
    rng = np.random.default_rng(seed)
    texts = ["".join(rng.choice(list(SYMBOLS), size=rng.integers(4, 8))) for _ in range(n)]
    voices = np.resize([-1.0, 1.0], n)
    return [say(t, v, rng) for t, v in zip(texts, voices, strict=True)], texts, voices


def heard(frames, n=PER_SYMBOL):
    """The symbols of frames, by which column is highest."""
    loudest = frames[:, :VOICE].argmax(axis=1)
    parts = np.array_split(loudest, len(frames) // n)
    return "".join(SYMBOLS[np.bincount(part).argmax()] for part in parts)


def likeness(found, texts):
    """Share of symbols that are right and in order, on average."""
    pairs = zip(found, texts, strict=True)
    return np.mean([SequenceMatcher(None, a, b).ratio() for a, b in pairs])


def small(content="text", **options):
    return SequenceVAE(
        content,
        **{
            "latent_dim": 2,
            "content_dim": 16,
            "decoder_dim": 16,
            "frames_per_step": PER_SYMBOL,
            "n_epochs": 2,
            "batch_size": 10,
            "learning_rate": 5e-3,
            "warmup_epochs": 10,
            "dropout": 0.0,
            "frame_dropout": 0.0,
            "guide_weight": 0.5,
            "random_state": 0,
            **options,
        },
    )


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Sums of floats, and so what is learned, depend on how many threads there are."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def few():
    """Eight clips and their texts."""
    return language(8)[:2]


@pytest.fixture(scope="module")
def spoken():
    """A trained model, and what it was trained on."""
    X, texts, voices = language(40)
    return small(n_epochs=45).fit(X, texts), X, texts, voices


@pytest.fixture(scope="module")
def fitted(few):
    """A model of two epochs."""
    return small().fit(*few)


def same(a, b):
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)


def twin(model, **options):
    return pickle.loads(pickle.dumps(model)).set_params(**options)


NEW = ["abcd", "ddccbb", "badcab", "cabba", "bdbdbdb", "acacd", "abdcabd", "dbca"]


# --- what is learned ----------------------------------------------------------------------


def test_new_texts_are_heard_in_order(spoken):
    model, X, texts, voices = spoken
    assert not set(NEW) & set(texts)
    for i in (0, 1):
        frames = model.predict(NEW, style=X[i])
        assert likeness([heard(x) for x in frames], NEW) > 0.9
        assert model.stopped_.all()
        n_steps = [len(x) / PER_SYMBOL for x in frames]
        assert np.abs(np.subtract(n_steps, [len(text) for text in NEW])).max() <= 2
        assert all(abs(x[:, VOICE].mean() - voices[i]) < 0.7 for x in frames)


def test_training_helps(spoken):
    model, X, texts, _ = spoken
    new, new_texts, _ = language(8, seed=7)
    assert model.score(new, new_texts) > 0.8
    assert small(n_epochs=0).fit(X, texts).score(new, new_texts) < 0.2
    history = model.history_
    assert history["train_loss"][-1] < 0.3 * history["train_loss"][0]
    assert history["stop_accuracy"][-1] > 0.95 > 0.8 > history["stop_accuracy"][0]
    assert history["diagonality"][-1] > 0.9


def test_the_text_is_read(spoken):
    """Not foretold from the frames before."""
    model, X, texts, _ = spoken
    wrong = [text[::-1] for text in texts]
    assert model.score(X, wrong) < model.score(X, texts) - 0.2


def test_codes_tell_voices(spoken):
    model, X, _, voices = spoken
    codes = model.transform(X)
    assert codes.shape == (40, 2)
    centres = np.array([codes[voices == v].mean(axis=0) for v in (-1, 1)])
    distances = np.linalg.norm(codes[:, None] - centres, axis=2)
    assert (distances.argmin(axis=1) == (voices > 0)).mean() > 0.9
    assert model.active_units_ >= 1 and model.kl_per_dim_.shape == (2,)
    assert (model.kl_per_dim_ > 0).all()
    assert model.get_feature_names_out().tolist() == ["sequencevae0", "sequencevae1"]


def test_styles_are_clips_codes_or_lists(spoken):
    model, X, _, _ = spoken
    texts = ["abcd", "dbca"]
    low, high = (model.predict(texts, style=X[i]) for i in (0, 1))
    codes = model.transform(X[:2])
    for style, expected in (
        (codes[0], low),
        ([X[0], X[1]], [low[0], high[1]]),
        ([codes[0], X[1]], [low[0], high[1]]),
        (list(codes), [low[0], high[1]]),
        ((codes[1], codes[1]), high),
    ):
        for found, frames in zip(model.predict(texts, style=style), expected, strict=True):
            np.testing.assert_allclose(found, frames, atol=1e-5)
    middle = [x[:, VOICE].mean() for x in model.predict(texts)]
    assert all(abs(level) < 0.6 for level in middle)


def test_between_two_codes_the_voice_moves_in_one_direction(spoken):
    model, X, _, voices = spoken
    codes = model.transform(X)
    low, high = (codes[voices == v].mean(axis=0) for v in (-1, 1))
    styles = [low + share * (high - low) for share in np.linspace(0, 1, 6)]
    levels = [x[:, VOICE].mean() for x in model.predict(["abcd"] * 6, style=styles)]
    assert (np.diff(levels) > 0).all() and levels[-1] - levels[0] > 1


def test_other_texts_in_a_batch_change_nothing(spoken):
    model, X, _, _ = spoken
    together = model.predict([*NEW, "abcd" * 4], style=X[0])
    alignments = model.alignments_
    for i in (0, 4, 7):
        (alone,) = model.predict([NEW[i]], style=X[0])
        np.testing.assert_allclose(alone, together[i], atol=1e-5)
        np.testing.assert_allclose(model.alignments_[0], alignments[i], atol=1e-5)


def test_spelling_does_not_matter(spoken):
    model = spoken[0]
    same(model.predict([" aBcD\n"]), model.predict(["abcd"]))
    same(model.predict([list("abcd")]), model.predict(["abcd"]))


# --- how it was said ----------------------------------------------------------------------


def test_alignments_and_stops_are_told(spoken):
    model = spoken[0]
    frames = model.predict(NEW)
    assert model.stopped_.dtype == bool and model.stopped_.shape == (len(NEW),)
    for text, x, weights, stop in zip(
        NEW, frames, model.alignments_, model.stop_probabilities_, strict=True
    ):
        n_steps = len(x) // PER_SYMBOL
        assert weights.shape == (n_steps, len(text))
        np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-3)
        assert (weights >= 0).all()
        # The middle of what is read only moves forward.
        assert (np.diff(weights @ np.arange(len(text))) > -0.2).all()
        # The step that stopped is told, but not said.
        assert stop.shape == (n_steps + 1,)
        assert stop[-1] > 0.5 and (stop[1:-1] <= 0.5).all()
        assert ((0 <= stop) & (stop <= 1)).all()


def test_a_clip_that_does_not_stop_is_ended_with_a_warning(spoken):
    model = twin(spoken[0], stop_threshold=1 - 1e-12, max_length_ratio=3.0)
    text = "abcdabcd"
    with pytest.warns(UnstoppedWarning) as seen:
        frames = model.predict(["ab", text])
    limits = [20, int(np.ceil(3 * model.slowest_ * len(text)))]  # not too short for any
    assert [len(x) // PER_SYMBOL for x in frames] == limits
    assert not model.stopped_.any()
    assert [str(w.message).split(":")[0] for w in seen] == [
        f"X[{i}] did not stop, and was ended after {n} steps" for i, n in enumerate(limits)
    ]
    assert all("lower stop_threshold" in str(w.message) for w in seen)
    assert seen[0].filename == __file__
    assert [len(w) for w in model.alignments_] == limits
    assert [len(p) for p in model.stop_probabilities_] == limits


def test_the_threshold_decides_when_it_stops(spoken):
    frames = twin(spoken[0], stop_threshold=1e-12).predict(["abcd", "ab"])
    assert [len(x) for x in frames] == [PER_SYMBOL] * 2


def test_slowest_is_what_the_clips_had(few, fitted):
    X, texts = few
    assert fitted.slowest_ == max(-(-len(x) // 3) / len(t) for x, t in zip(X, texts, strict=True))


# --- contents of frames -------------------------------------------------------------------


@UNTRAINED
def test_what_a_clip_says_is_said_in_the_style_of_another():
    """Content and style are clips: of new sentences, in either voice."""
    rng = np.random.default_rng(0)
    texts = language(20)[1]
    voices = (-1.0, 1.0)
    X = [say(text, voice, rng, 4) for text in texts for voice in voices]
    model = small("frames", frames_per_step=4, n_epochs=25, learning_rate=1e-2)
    model.fit(X, [text for text in texts for _ in voices])
    assert not set(NEW) & set(texts)
    for source in voices:
        contents = [say(text, source, rng, 4) for text in NEW]
        for style, voice in zip(X, voices, strict=False):
            frames = model.predict(contents, style=style)
            assert likeness([heard(x, 4) for x in frames], NEW) > 0.8
            assert all(abs(x[:, VOICE].mean() - voice) < 0.8 for x in frames)


@UNTRAINED
@pytest.mark.parametrize("labelled", [True, False])
def test_contents_may_be_clips(few, labelled):
    X, texts = few
    labels = ["one", "two"] * 4 if labelled else None
    model = small("frames", batch_size=4).fit(X, labels)
    frames = model.predict(X[:3], style=X[5])
    assert [x.shape[1] for x in frames] == [5] * 3
    assert all(np.isfinite(x).all() for x in frames)
    for x, weights in zip(X[:3], model.alignments_, strict=True):
        assert weights.shape[1] == -(-len(x) // 4)
    assert not hasattr(model, "symbols_")
    assert np.isfinite(model.score(X, labels)) and np.isfinite(model.score(X))
    # Labels decide what is read in training: here no two texts are the same.
    own = small("frames", batch_size=4).fit(X, texts)
    same_loss = np.array_equal(own.history_["train_loss"], model.history_["train_loss"])
    assert same_loss == (not labelled)


def test_who_says_the_same():
    found = others_of(np.array([3, 1, 3, 0, 3]))
    assert [others.tolist() for others in found] == [[2, 4], [1], [4, 0], [3], [0, 2]]


# --- training -----------------------------------------------------------------------------


def test_same_seed_same_bytes_and_other_generators_are_left_alone(few, fitted):
    X, texts = few
    before = np.random.get_state()[1].tobytes(), torch.get_rng_state()  # noqa: NPY002
    n_threads = torch.get_num_threads()
    again = small().fit(X, texts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnstoppedWarning)
        a, b = (model.predict(NEW, style=X[0]) for model in (fitted, again))
    again.score(X, texts)
    assert all(x.tobytes() == y.tobytes() for x, y in zip(a, b, strict=True))
    assert fitted.transform(X).tobytes() == again.transform(X).tobytes()
    for name, values in fitted.history_.items():
        np.testing.assert_array_equal(again.history_[name], values)
    assert np.random.get_state()[1].tobytes() == before[0]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), before[1])
    assert torch.get_num_threads() == n_threads
    assert not np.array_equal(small(random_state=1).fit(X, texts).transform(X), fitted.transform(X))


@UNTRAINED
@pytest.mark.parametrize("content", ["text", "frames"])
def test_inputs_are_not_written_to(content):
    X, texts, _ = language(6)
    before, said = [x.copy() for x in X], list(texts)
    for x in X:
        x.flags.writeable = False
    model = small(content).fit(X, texts)
    model.predict(texts if content == "text" else X, style=X[0])
    model.transform(X)
    model.score(X, texts)
    same(X, before)
    assert texts == said


def test_training_is_recorded(few, fitted):
    assert set(fitted.history_) == set(SEQUENCE_RECORDED) - {"valid_loss"}
    assert {values.shape for values in fitted.history_.values()} == {(2,)}
    assert fitted.best_epoch_ == 2 and not fitted.module_.training
    assert fitted.history_["learning_rate"][0] == pytest.approx(5e-3, rel=0.3)
    assert fitted.symbols_.tolist() == list(SYMBOLS) and fitted.n_features_in_ == 5


def test_a_table_is_written(few, tmp_path):
    path = tmp_path / "log.csv"
    model = small(log_path=path, validation_fraction=0.25).fit(*few)
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert reader.fieldnames == ["epoch", *SEQUENCE_RECORDED, "seconds"]
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert set(model.history_) == set(SEQUENCE_RECORDED)
    for name, values in model.history_.items():
        assert [float(row[name]) for row in rows] == values.tolist()


def test_progress_is_one_line_an_epoch(few, capsys):
    small(verbose=1).fit(*few)
    *lines, last = capsys.readouterr().err.splitlines()
    assert last == "speak 8 training clips"
    assert [line.split(":")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    words = ("loss", "reconstruction", "KL", "stop", "% right", " s, ", "s left")
    assert all(word in line for word in words for line in lines)
    small().fit(*few)
    assert capsys.readouterr() == ("", "")


def test_dropout_is_off_when_fitted(few):
    model = small(dropout=0.5, frame_dropout=0.5).fit(*few)
    same(model.transform(few[0]), model.transform(few[0]))
    assert model.score(*few) == model.score(*few)


@UNTRAINED
@pytest.mark.parametrize("batch_size", [4, 10])
def test_a_diverged_training_keeps_the_last_good_weights(few, batch_size):
    """The loss of a batch is from before the step that broke the weights."""
    X, texts = few
    model = small(learning_rate=1e30, n_epochs=4, batch_size=batch_size)
    with pytest.raises(ArithmeticError, match=r"lower learning_rate=1e\+30. The weights of epoch"):
        model.fit(X, texts)
    assert all(np.isfinite(x).all() for x in model.predict(texts, style=X[0]))
    assert np.isfinite(model.transform(X)).all()
    model.set_params(learning_rate=5e-3, warm_start=True).fit(X, texts)
    assert len(model.history_["train_loss"]) == 4


# --- what is held out ---------------------------------------------------------------------


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.5])
def test_no_transcript_is_in_both_parts(fraction):
    numbers = np.array([0, 1, 2, 0, 1, 2, 3, 3, 4, 0])
    train, held_out = split_groups(numbers, fraction, seed=0)
    assert sorted([*train, *held_out]) == list(range(10))
    assert not set(numbers[train]) & set(numbers[held_out])
    assert len(set(numbers[held_out])) == max(1, round(fraction * 5))
    for a, b in zip((train, held_out), split_groups(numbers, fraction, seed=0), strict=True):
        np.testing.assert_array_equal(a, b)
    assert len({split_groups(numbers, fraction, seed)[1].tobytes() for seed in range(9)}) > 1
    train, held_out = split_groups(numbers, 0.0, seed=0)
    assert len(train) == 10 and len(held_out) == 0


def test_held_out_clips_are_not_trained_on(few):
    """Neither are other clips of their transcripts: broken frames there change nothing."""
    X, texts = few
    X, texts = [*X, *X], [*texts, *(text.upper() for text in texts)]
    model = small(validation_fraction=0.25).fit(X, texts)
    numbers = np.unique([text.lower() for text in texts], return_inverse=True)[1]
    _, held_out = split_groups(numbers, 0.25, model._split_seed)
    assert len(held_out) == 4
    for i in held_out:
        X[i] = X[i][::-1] + 3
    other = small(validation_fraction=0.25).fit(X, texts)
    np.testing.assert_array_equal(other.history_["train_loss"], model.history_["train_loss"])
    assert (other.history_["valid_loss"] != model.history_["valid_loss"]).all()


def test_the_best_or_the_last_weights_are_kept(few):
    options = {"validation_fraction": 0.25, "n_epochs": 5, "warmup_epochs": 0, "patience": 2}
    options |= {"learning_rate": 0.05, "last_learning_rate": 0.05}
    last = small(**options).fit(*few)
    assert len(last.history_["valid_loss"]) == 5 == last.best_epoch_
    best = small(**options, keep="best").fit(*few)
    losses = best.history_["valid_loss"]
    assert best.best_epoch_ == 1 + np.argmin(losses)
    assert len(losses) == min(5, best.best_epoch_ + 2)
    np.testing.assert_array_equal(losses, last.history_["valid_loss"][: len(losses)])


# --- going on -----------------------------------------------------------------------------


def assert_same_training(a, b, X):
    assert set(a.history_) == set(b.history_)
    for name, values in a.history_.items():
        np.testing.assert_array_equal(values, b.history_[name])
    assert a.best_epoch_ == b.best_epoch_ and a.active_units_ == b.active_units_
    assert a.transform(X).tobytes() == b.transform(X).tobytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnstoppedWarning)
        same(*(model.predict(NEW, style=X[0]) for model in (a, b)))
    for name, values in a.module_.state_dict().items():
        assert torch.equal(values, b.module_.state_dict()[name])


class Cut(Callback):
    """Ends training after the second epoch, or in the middle of the third."""

    def __init__(self, error, within=False):
        self.error, self.within = error, within

    def on_epoch_end(self, net, **kwargs):
        if not self.within and len(net.history) == 2:
            raise self.error

    def on_batch_end(self, net, **kwargs):
        if self.within and len(net.history) == 3:
            raise self.error


OPTIONS = {"n_epochs": 4, "warmup_epochs": 3, "batch_size": 4}
OPTIONS |= {"dropout": 0.1, "frame_dropout": 0.2, "validation_fraction": 0.25}


def test_the_slowest_clip_is_told_by_what_it_may_be_read_from():
    # A long clip that is read from a short one, four frames of which are a state.
    X = [np.random.default_rng(i).normal(size=(n, 4)) for i, n in enumerate((40, 8, 12, 12))]
    model = small("frames", n_epochs=0, frames_per_step=2).fit(X, [0, 0, 1, 1])
    steps = [20 / 2, 4 / 10, 6 / 3, 6 / 3]
    assert model.slowest_ == pytest.approx(np.percentile(steps, 95))
    assert small("frames", n_epochs=0, frames_per_step=2).fit(X).slowest_ == 2


def test_what_was_said_is_known_after_predict(few):
    model = small(n_epochs=0).fit(*few)
    for name in ("stopped_", "alignments_", "stop_probabilities_"):
        assert not hasattr(model, name)
        with pytest.raises(AttributeError, match="known after predict"):
            getattr(model, name)


def test_codes_may_be_an_array(fitted, few):
    X, texts = few
    codes = fitted.transform(X)
    same(fitted.predict(texts, codes), fitted.predict(texts, list(codes)))
    wide = small(latent_dim=5, n_epochs=0).fit(X, texts)
    with pytest.raises(ValueError, match=r"8 codes, or a clip\? Give codes as a list"):
        wide.predict(texts, wide.transform(X))


def test_score_of_clips_together_is_the_mean_of_their_scores(fitted, few):
    X, texts = few
    alone = [fitted.score([x], [text]) for x, text in zip(X, texts, strict=True)]
    assert fitted.score(X, texts) == pytest.approx(np.mean(alone), abs=1e-6)
    first = [1.0] + [0.0] * 7
    assert fitted.score(X, texts, sample_weight=first) == pytest.approx(alone[0], abs=1e-6)


@pytest.mark.parametrize("changed", [{"recurrent": False}, {"content": "frames"}])
def test_training_goes_on_with_what_it_began_with(fitted, few, changed):
    with pytest.raises(ValueError, match=f"goes on with {next(iter(changed))}="):
        twin(fitted, warm_start=True, n_epochs=4, **changed).fit(*few)


def test_speech_varies_as_much_as_clips_do(fitted, few):
    X, texts = few
    assert fitted.stretch_.max() > 1
    flat = twin(fitted, global_variance=0.0).predict(texts, list(fitted.transform(X)))
    lively = fitted.predict(texts, list(fitted.transform(X)))
    for a, b in zip(flat, lively, strict=True):
        np.testing.assert_allclose(a.mean(axis=0), b.mean(axis=0), atol=1e-6)
        np.testing.assert_allclose(
            b - b.mean(axis=0), fitted.stretch_ * (a - a.mean(axis=0)), atol=1e-6
        )
    # As far as the bounds let it.
    missing = np.sqrt(np.mean([x.var(axis=0) for x in X], axis=0))
    missing /= np.sqrt(np.mean([x.var(axis=0) for x in flat], axis=0))
    np.testing.assert_allclose(fitted.stretch_, np.clip(missing, 1, 2), rtol=1e-4)
    assert (small(global_variance=0.0).fit(X, texts).stretch_ == 1).all()


@pytest.fixture(scope="module")
def whole(few):
    """A training that was not cut."""
    return small(**OPTIONS).fit(*few)


def test_a_checkpoint_goes_on_after_a_crash(few, whole, tmp_path):
    path, log = tmp_path / "vae.skstyle", tmp_path / "log.csv"
    options = {**OPTIONS, "checkpoint_path": path, "log_path": log}
    with pytest.raises(RuntimeError, match="no power"):
        small(**options, callbacks=[Cut(RuntimeError("no power"))]).fit(*few)
    saved = load_model(path)
    assert len(saved.history_["train_loss"]) == 2 == saved.best_epoch_
    assert saved.transform(few[0]).shape == (8, 2)
    saved.set_params(warm_start=True).fit(*few)
    assert_same_training(whole, saved, few[0])
    assert [line.split(",")[0] for line in log.read_text().splitlines()[1:]] == list("1234")


def test_a_checkpoint_goes_on_after_an_interrupt(few, whole, tmp_path):
    path = tmp_path / "vae.skstyle"
    model = small(**OPTIONS, checkpoint_path=path, callbacks=[Cut(KeyboardInterrupt, within=True)])
    model.fit(*few)
    saved = load_model(path)
    assert len(saved.history_["train_loss"]) == 2
    saved.set_params(warm_start=True, checkpoint_path=None).fit(*few)
    assert_same_training(whole, saved, few[0])


def test_after_an_error_training_begins_anew(few, whole):
    model = small(**OPTIONS, warm_start=True, callbacks=[Cut(RuntimeError("no power"))])
    with pytest.raises(RuntimeError, match="no power"):
        model.fit(*few)
    assert_same_training(whole, model.set_params(callbacks=None).fit(*few), few[0])


@pytest.mark.parametrize("within", [False, True])
def test_training_goes_on_as_if_it_had_not_stopped(few, whole, within):
    model = small(**OPTIONS, warm_start=True)
    model.set_params(callbacks=[Cut(KeyboardInterrupt, within)]).fit(*few)
    assert {len(values) for values in model.history_.values()} == {2}
    model.set_params(callbacks=None).fit(*few)
    if within:  # what the broken epoch drew cannot be taken back
        assert {len(values) for values in model.history_.values()} == {4}
    else:
        assert_same_training(whole, model, few[0])
        # There is nothing left to do.
        assert_same_training(whole, model.fit(*few), few[0])


@pytest.mark.parametrize(
    "change",
    [{"latent_dim": 3}, {"content_dim": 8}, {"decoder_dim": 8}, {"frames_per_step": 2}],
)
def test_another_size_cannot_go_on(few, fitted, change):
    (name,) = change
    with pytest.raises(ValueError, match=name):
        twin(fitted, warm_start=True, n_epochs=3, **change).fit(*few)


def test_no_epochs_are_an_untrained_model(few):
    model = small(n_epochs=0).fit(*few)
    assert model.best_epoch_ == 0 and model.history_ == {}
    assert model.active_units_ >= 0 and model.transform(few[0]).shape == (8, 2)


def test_without_warm_start_training_begins_anew(few, fitted):
    model = twin(fitted, latent_dim=3).fit(*few)
    assert model.transform(few[0]).shape == (8, 3)
    assert len(model.history_["train_loss"]) == 2


@UNTRAINED
def test_saved_and_pickled_models_say_the_same(few, fitted, tmp_path):
    X, texts = few
    save_model(fitted, tmp_path / "vae.skstyle")
    expected = fitted.predict(texts, style=X[1])
    for model in (load_model(tmp_path / "vae.skstyle"), twin(fitted)):
        same(model.predict(texts, style=X[1]), expected)
        same(model.transform(X), fitted.transform(X))
        same(model.alignments_, fitted.alignments_)


def test_clones_are_not_fitted(fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert set(vars(copy)) == set(copy.get_params())
    for call in (copy.transform, copy.predict, copy.score):
        with pytest.raises(NotFittedError):
            call([np.ones((5, 5))])


# --- with others --------------------------------------------------------------------------


class Threads(Callback):
    """Two processes share the cores."""

    def on_batch_begin(self, net, **kwargs):
        if torch.get_num_threads() > max(1, (os.cpu_count() or 1) // 2):
            raise RuntimeError(f"{torch.get_num_threads()} threads")


def test_a_grid_search_in_two_processes(few):
    grid = {"latent_dim": [1, 2], "beta": [1e-4, 1.0]}
    search = GridSearchCV(
        small(callbacks=[Threads()]), grid, cv=2, n_jobs=2, refit=False, error_score="raise"
    )
    found = search.fit(*few).cv_results_["mean_test_score"]
    assert len(set(found)) == 4 and np.isfinite(found).all()
    grid = {name: [value] for name, value in search.best_params_.items()}
    alone = GridSearchCV(small(), grid, cv=2, refit=False).fit(*few)
    assert alone.best_score_ == pytest.approx(search.best_score_, abs=1e-4)


# Of our checks those that hold for content and style; scikit-learn's are in tests/test_common.py.
CHECKS = (
    "complex_is_refused",
    "empty",
    "lone_clip_is_refused",
    "nan_and_inf_are_named",
    "object_array",
    "parameters_are_kept",
    "ragged_list",
    "wrong_dimensions_are_refused",
)


@UNTRAINED
@pytest.mark.parametrize("name", CHECKS)
def test_our_checks(name):
    checks = signal_checks(small("frames", n_epochs=1), level="sequence", paired=False)
    dict(checks)[f"check_{name}"]()


@UNTRAINED
def test_containers_of_clips(few, fitted):
    X, texts = few
    objects = np.empty(len(X), dtype=object)
    objects[:] = X
    expected = fitted.transform(X)
    same(small().fit(objects, np.array(texts)).transform(objects), expected)
    same(small().fit(tuple(X), tuple(texts)).transform(X), expected)
    cube = np.stack([x[:12] for x in X])
    model = small().fit(cube, texts)
    assert model.transform(cube).shape == (8, 2)
    same(model.predict(texts, style=objects), model.predict(texts, style=X))
    assert isinstance(model.predict(np.array(texts)), list)


@UNTRAINED
def test_float32_is_kept(few):
    X = [x.astype(np.float32) for x in few[0]]
    model = small().fit(X, few[1])
    found = [model.transform(X), *model.predict(few[1])]
    assert {a.dtype for a in found} == {np.dtype(np.float32)}
    assert small().fit(*few).transform(few[0]).dtype == np.float64


@UNTRAINED
def test_units_of_columns_do_not_matter(few, fitted):
    X, texts = few
    scale, offset = np.array([1e-3, 1, 50, 1e4, 2]), np.array([0, 1e3, 0, -5, 1])
    model = small().fit([x * scale + offset for x in X], texts)
    np.testing.assert_allclose(
        model.transform([x * scale + offset for x in X]), fitted.transform(X), atol=1e-2
    )


@UNTRAINED
@pytest.mark.parametrize("content", ["text", "frames"])
def test_short_and_long_clips_in_a_batch(content):
    """Of a tenth of a second, and of half a minute."""
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 3)) for n in (9, 2600, 1)]
    texts = ["a", "ab" * 100, "b"]
    model = small(content, frames_per_step=40, n_epochs=1).fit(X, texts)
    assert np.isfinite(model.transform(X)).all() and np.isfinite(model.score(X, texts))
    frames = model.predict(X[:1] if content == "frames" else ["ab"], style=X[1])
    assert np.isfinite(frames[0]).all()


def test_constant_columns(few):
    X = [np.column_stack([x, np.full(len(x), 0.1)]) for x in few[0]]
    model = small().fit(X, few[1])
    assert np.isfinite(model.transform(X)).all()


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_all_sizes_of_batches(few, batch_size):
    X, texts = (part[:7] for part in few)
    model = small(batch_size=batch_size, n_epochs=1).fit(X, texts)
    assert np.isfinite(model.history_["train_loss"]).all()
    assert np.isfinite(model.score(X[:1], texts[:1]))


# --- symbols ------------------------------------------------------------------------------


@UNTRAINED
def test_transcripts_of_phonemes(few):
    X = few[0][:2]
    model = small().fit(X, [["HH", "ay"], ["b", "ay", "AY"]])
    assert model.symbols_.tolist() == ["AY", "HH", "ay", "b"]
    assert len(model.predict([["b", "AY"], ("HH",)])) == 2
    with pytest.raises(ValueError, match=r"X\[0\] has 'h', 'y', which was in no transcript"):
        model.predict(["hy"])


@UNTRAINED
@pytest.mark.parametrize(
    "symbols", ["abcdz ", list("zabcd "), np.array(list("abcdz "), dtype=object)]
)
def test_symbols_may_be_given(few, symbols):
    model = small(symbols=symbols).fit(*few)
    assert model.symbols_.tolist() == list(" abcdz")
    assert np.isfinite(model.predict(["za b"])[0]).all()
    with pytest.raises(ValueError, match=r"y\[0\] has .* Known: a b\."):
        small(symbols="ab").fit(few[0][:2], ["abd", "ab"])


# --- bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"content": "speech"}, ValueError, "content must be one of 'text', 'frames', got"),
        ({"keep": "first"}, ValueError, "keep must be one of 'last', 'best', got 'first'"),
        ({"keep": "best"}, ValueError, "set validation_fraction=0.1"),
        ({"latent_dim": 0}, ValueError, "latent_dim == 0"),
        ({"latent_dim": 2.0}, TypeError, "latent_dim"),
        ({"content_dim": 0}, ValueError, "content_dim"),
        ({"content_dim": 15}, ValueError, "content_dim must be even, got 15"),
        ({"decoder_dim": 0}, ValueError, "decoder_dim"),
        ({"frames_per_step": 0}, ValueError, "frames_per_step"),
        ({"dropout": 1.0}, ValueError, "dropout"),
        ({"dropout": -0.1}, ValueError, "dropout"),
        ({"frame_dropout": 1.0}, ValueError, "frame_dropout"),
        ({"symbols": 5}, (TypeError, ValueError), "symbols"),
        ({"beta": -1.0}, ValueError, "beta"),
        ({"warmup_epochs": -1}, ValueError, "warmup_epochs"),
        ({"stop_weight": -1.0}, ValueError, "stop_weight"),
        ({"guide_weight": -1.0}, ValueError, "guide_weight"),
        ({"n_epochs": -1}, ValueError, "n_epochs"),
        ({"n_epochs": 1.5}, TypeError, "n_epochs"),
        ({"batch_size": 0}, ValueError, "batch_size"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate"),
        ({"last_learning_rate": 0.0}, ValueError, "last_learning_rate"),
        ({"weight_decay": -1.0}, ValueError, "weight_decay"),
        ({"validation_fraction": 1.0}, ValueError, "validation_fraction"),
        ({"validation_fraction": 0.95}, ValueError, "leaves none of 8"),
        ({"patience": 0}, ValueError, "patience"),
        ({"stop_threshold": 0.0}, ValueError, "stop_threshold"),
        ({"stop_threshold": 1.0}, ValueError, "stop_threshold"),
        ({"beta": np.nan}, ValueError, "beta must be a finite number"),
        ({"global_variance": np.inf}, ValueError, "global_variance must be a finite number"),
        ({"max_length_ratio": 0.0}, ValueError, "max_length_ratio"),
        ({"device": "abacus"}, ValueError, 'device must be "cpu" or "cuda"'),
        ({"log_path": "absent/log.csv"}, FileNotFoundError, "there is no folder absent"),
    ],
)
def test_wrong_parameters_are_told_in_fit(few, parameters, error, message):
    model = small()
    model.set_params(**parameters)
    with pytest.raises(error, match=message):
        model.fit(*few)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (None, ValueError, 'requires y to be passed.*a transcript of every clip.*content="frames"'),
        (["ab", "cd"], ValueError, "X has 3 clips and y has 2"),
        (["ab", None, "cd"], TypeError, r"y\[1\] is None: every clip needs .* Leave out clips"),
        (["ab", "cd", float("nan")], TypeError, r"y\[2\] is nan: every clip needs a transcript"),
        (["ab", "  ", "cd"], ValueError, r"y\[1\] is an empty transcript. Leave out that clip"),
        (["ab", [], "cd"], ValueError, r"y\[1\] is an empty transcript"),
        ("abc", TypeError, r"y is 'abc', expected a list of transcripts.*y=\[transcript\]"),
        ([0, 1, 2], TypeError, r"y\[0\] is 0: every clip needs a transcript"),
    ],
)
def test_clips_without_transcripts_are_named(few, y, error, message):
    with pytest.raises(error, match=message):
        small().fit(few[0][:3], y)


@pytest.mark.parametrize("content", ["text", "frames"])
def test_broken_clips_are_named(few, content):
    X, texts = few

    def broken(i, x):
        return [*X[:i], x, *X[i + 1 :]]

    nan = X[2].copy()
    nan[7, 0] = np.nan
    fitted = small(content, n_epochs=0).fit(X, texts)
    for x, message in (
        (nan, r"X\[2\] contains NaN \(first at frame 7 of"),
        (X[2][:, :3], r"X\[2\] has 3 features, X\[0\] has 5"),
        (X[2][:0], r"X\[2\] is empty .* Remove it"),
        (X[2][:, 0], r"X\[2\] has shape .*expected a sequence \(n_frames, n_features\)"),
    ):
        for call in (small(content).fit, fitted.score):
            with pytest.raises(ValueError, match=message):
                call(broken(2, x), texts)
        with pytest.raises(ValueError, match=message):
            fitted.transform(broken(2, x))
    with pytest.raises(ValueError, match="X has 3 features, but SequenceVAE is expecting 5"):
        fitted.transform([x[:, :3] for x in X])
    with pytest.raises(ValueError, match="empty"):
        small(content).fit([], [])


def test_one_clip_is_too_few(few):
    X, texts = few
    for content in ("text", "frames"):
        with pytest.raises(ValueError, match="1 clip to train on.* expected at least 2.*Give more"):
            small(content).fit(X[:1], texts[:1])
    with pytest.raises(ValueError, match="1 clip to train on.* or validation_fraction=0"):
        small(validation_fraction=0.5).fit(X[:2], texts[:2])
    with pytest.raises(ValueError, match="2 clips and y has 1 labels"):
        small("frames").fit(X[:2], ["a"])


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        (["ab", "a?z"], ValueError, r"X\[1\] has '\?', 'z', which was in no .*Known: a b c d\."),
        (["ab", ""], ValueError, r"X\[1\] is an empty transcript"),
        (["ab", None], TypeError, r"X\[1\] is None"),
        ("ab", TypeError, r"X is 'ab', expected a list of transcripts.*X=\[transcript\]"),
        ([np.ones((5, 5))], TypeError, r"X\[0\] is an array of shape \(5, 5\)"),
        ([], ValueError, "empty"),
    ],
)
def test_texts_that_cannot_be_said_are_named(fitted, texts, error, message):
    with pytest.raises(error, match=message):
        fitted.predict(texts)


def test_unknown_symbols_are_named_when_scored(few, fitted):
    X, texts = few
    with pytest.raises(ValueError, match=r"y\[1\] has 'q'"):
        fitted.score(X[:2], ["ab", "aq"])
    with pytest.raises(ValueError, match="requires y to be passed"):
        fitted.score(X)
    with pytest.raises(ValueError, match="X has 2 clips and y has 8"):
        fitted.score(X[:2], texts)


def test_contents_of_frames_are_no_texts(few):
    model = small("frames", n_epochs=0).fit(*few)
    for texts in (["ab", "cd"], "ab"):
        with pytest.raises((TypeError, ValueError), match="expected an array|list of 2-D"):
            model.predict(texts)
    with pytest.raises(ValueError, match="X has 3 features, but SequenceVAE is expecting 5"):
        model.predict([np.ones((9, 3))])


@pytest.mark.parametrize(
    ("style", "message"),
    [
        (np.ones((9, 3)), "style has 3 features, but SequenceVAE is expecting 5"),
        (np.zeros((3, 2)), "style has 2 features"),  # codes for other contents
        (np.zeros(3), r"style has shape \(3,\), expected a clip .* or a code of 2 finite"),
        (np.array([0.0, np.nan]), r"a code of 2 finite numbers"),
        ([np.zeros(2)], "style is a list of 1 and there are 2 contents: give one style for all"),
        ([np.zeros(2)] * 3, "style is a list of 3 and there are 2 contents"),
        ([], "style is a list of 0"),
        ([np.zeros(2), np.zeros(5)], r"style\[1\] has shape \(5,\)"),
        ([np.zeros(2), np.full((9, 5), np.nan)], r"style\[1\] contains NaN"),
        ([np.zeros(2), np.ones((0, 5))], r"style\[1\] is empty"),
        ([np.ones((9, 5)), np.ones((9, 3))], r"style\[1\] has 3 features"),
        (np.ones((0, 5)), r"style(\[0\])? is empty"),
    ],
)
def test_wrong_styles_are_named(fitted, style, message):
    with pytest.raises(ValueError, match=message):
        fitted.predict(["ab", "cd"], style=style)


@pytest.mark.parametrize("style", ["anna", 3, [0.5, 0.5], [None, None]])
def test_what_is_no_style_is_told(fitted, style):
    with pytest.raises((TypeError, ValueError), match="style"):
        fitted.predict(["ab", "cd"], style=style)


def test_codes_of_styles_by_hand():
    def encode(clip, name):
        assert name.startswith("style")
        return np.array([clip.mean(), len(clip)])

    clip, code = np.ones((4, 3)), np.array([7.0, 8.0])
    assert read_codes(None, 2, 2, encode).tolist() == [[0, 0], [0, 0]]
    assert read_codes(clip, 2, 2, encode).tolist() == [[1, 4], [1, 4]]
    assert read_codes(code, 2, 2, encode).tolist() == [[7, 8], [7, 8]]
    assert read_codes([code, clip], 2, 2, encode).tolist() == [[7, 8], [1, 4]]
    assert read_codes(np.stack([clip, clip * 2]), 2, 2, encode).tolist() == [[1, 4], [2, 4]]
