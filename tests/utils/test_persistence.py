"""A model file is whole, or it is not there."""

import stat

import joblib
import numpy as np
import pytest
from sklearn.linear_model import Ridge

from skstyle.utils import load_model, save_model
from skstyle.utils.persistence import atomic_path


@pytest.fixture
def model():
    rng = np.random.default_rng(0)
    return Ridge().fit(rng.normal(size=(20, 3)), rng.normal(size=(20, 2)))


def test_round_trip_keeps_the_predictions(model, tmp_path):
    path = tmp_path / "voice.joblib"
    save_model(model, path)
    X = np.eye(3)
    np.testing.assert_array_equal(load_model(path).predict(X), model.predict(X))
    assert load_model(str(path)).get_params() == model.get_params()


def test_failing_write_leaves_the_old_file_and_no_litter(model, tmp_path):
    path = tmp_path / "voice.joblib"
    save_model(model, path)
    before = path.read_bytes()
    with pytest.raises(Exception, match="pickle"):
        save_model(lambda: 0, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_atomic_path_moves_only_on_success(tmp_path):
    path = tmp_path / "out.txt"
    with pytest.raises(KeyboardInterrupt), atomic_path(path) as partial:
        partial.write_text("half", encoding="utf-8")
        assert not path.exists()
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with atomic_path(path) as partial:
        assert partial.suffix == ".txt"
        partial.write_text("whole", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "whole"


def test_files_get_ordinary_permissions(model, tmp_path):
    plain, path = tmp_path / "plain", tmp_path / "model"
    plain.touch()
    save_model(model, path)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_folder_must_exist(model, tmp_path):
    with pytest.raises(FileNotFoundError, match="the folder .*nowhere does not exist"):
        save_model(model, tmp_path / "nowhere" / "model")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="No model file at .*absent"):
        load_model(tmp_path / "absent")


@pytest.mark.parametrize("keep", [0, 10, 0.5])
def test_damaged_file_is_explained(model, tmp_path, keep):
    path = tmp_path / "model"
    save_model(model, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if keep < 1 else keep])
    with pytest.raises(ValueError, match="cannot be read as a skstyle model: it is damaged"):
        load_model(path)


@pytest.mark.parametrize("content", [{"format": "other"}, [1, 2], {}])
def test_other_pickles_are_no_models(tmp_path, content):
    path = tmp_path / "model"
    joblib.dump(content, path)
    with pytest.raises(ValueError, match="is not a skstyle model: save models with"):
        load_model(path)


def test_text_is_no_model(tmp_path):
    path = tmp_path / "model"
    path.write_text("hello", encoding="utf-8")
    with pytest.raises(ValueError, match="of another kind"):
        load_model(path)
