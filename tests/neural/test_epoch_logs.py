"""What is printed and written down after every epoch."""

import csv
import sys
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import pytest

from skstyle.neural import VAETransformer
from skstyle.neural._epoch_logs import log_callbacks


def trained(n_epochs, **options):
    X = np.random.default_rng(0).normal(size=(80, 3))
    vae = VAETransformer(1, hidden_layer_sizes=(4,), n_epochs=n_epochs, random_state=0, **options)
    return vae.fit(X)


def test_one_line_an_epoch(capsys):
    trained(3, verbose=1)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    words = ("loss", "reconstruction", "KL", "held out", " s, ", "s left")
    assert all(word in line for word in words for line in lines)
    vae = trained(1, verbose=1, validation_fraction=0)
    assert "held out" not in capsys.readouterr().err
    vae.set_params(n_epochs=3, warm_start=True).fit(np.ones((80, 3)))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 2/3", "epoch 3/3"]


def test_a_table_is_written(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("of another run")
    vae = trained(3, log_path=path)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    for name, values in vae.history_.items():
        assert [float(row[name]) for row in rows] == values.tolist()
    assert float(rows[0]["seconds"]) > 0


def test_logs_that_cannot_be_written_are_told(tmp_path):
    assert log_callbacks(None) == []
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        log_callbacks(tmp_path / "absent" / "log.csv")


@pytest.mark.skipif(find_spec("tensorboard") is not None, reason="TensorBoard is installed")
def test_tensorboard_is_asked_for(tmp_path):
    with pytest.raises(ImportError, match="pip install tensorboard, or name a file"):
        trained(1, log_path=tmp_path / "runs")


def test_tensorboard_is_told_of_every_epoch(tmp_path, monkeypatch):
    class SummaryWriter:
        def __init__(self, folder):
            self.folder, self.closed, self.scalars = folder, False, {}
            writers.append(self)

        def add_scalar(self, tag, scalar_value, global_step):
            self.scalars.setdefault(tag, {})[global_step] = scalar_value

        def close(self):
            self.closed = True

    writers = []
    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = SummaryWriter
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    vae = trained(3, log_path=tmp_path / "runs")
    (writer,) = writers
    assert str(writer.folder) == str(tmp_path / "runs") and writer.closed
    losses = next(v for tag, v in writer.scalars.items() if tag.endswith("train_loss"))
    assert list(losses.values()) == vae.history_["train_loss"].tolist()
    assert any(tag.endswith("valid_loss") for tag in writer.scalars)
