"""What is printed and written down after every epoch of training."""

import csv
import sys
from pathlib import Path
from time import perf_counter

from skorch.callbacks import Callback

# Of what is kept of an epoch.
RECORDED = ("train_loss", "train_reconstruction", "train_kl", "kl_weight", "valid_loss")


class EpochLine(Callback):
    """Print one line an epoch."""

    def on_train_begin(self, net, **kwargs):
        """Start the watch."""
        self.start, self.before = perf_counter(), len(net.history)

    def on_epoch_end(self, net, **kwargs):
        """Tell the terms of the loss, the seconds and how long it may take still."""
        row, epoch = net.history[-1], len(net.history)
        n_epochs = self.before + net.max_epochs
        held_out = f", held out {row['valid_loss']:.3f}" if "valid_loss" in row else ""
        if "stop_accuracy" in row:
            held_out = f", stop {100 * row['stop_accuracy']:.1f} % right{held_out}"
        left = (perf_counter() - self.start) / (epoch - self.before) * (n_epochs - epoch)
        print(
            f"epoch {epoch}/{n_epochs}: loss {row['train_loss']:.3f} (reconstruction "
            f"{row['train_reconstruction']:.3f}, KL {row['train_kl']:.3f} x {row['kl_weight']:.2g})"
            f"{held_out}, {row['seconds']:.1f} s, at most {left:.0f} s left",
            file=sys.stderr,
            flush=True,
        )


class CSVLog(Callback):
    """Write a line of a table after every epoch.

    Parameters
    ----------
    path : path-like
        A new file, unless training goes on.
    recorded : sequence of str
        What is written of an epoch, beside its number and its seconds.
    """

    def __init__(self, path, recorded=RECORDED):
        self.path = Path(path)
        self.columns = ("epoch", *recorded, "seconds")

    def on_train_begin(self, net, **kwargs):
        """Write what was trained before, and begin anew."""
        with self.path.open("w", newline=""):
            pass
        for row in net.history:
            self._write(row)

    def on_epoch_end(self, net, **kwargs):
        """Add the line of this epoch."""
        self._write(net.history[-1])

    def _write(self, row):
        with self.path.open("a", newline="") as file:
            # Without held-out frames a place stays empty.
            writer = csv.DictWriter(file, self.columns, restval="", extrasaction="ignore")
            if row["epoch"] == 1:
                writer.writeheader()
            writer.writerow(row)


def log_callbacks(path, recorded=RECORDED):
    """Return the callbacks that write down how training goes.

    Parameters
    ----------
    path : path-like or None
        A file that ends in ``.csv``, or a folder for TensorBoard.
    recorded : sequence of str
        What a table tells of an epoch.

    Returns
    -------
    callbacks : list of (str, Callback)
    """
    if path is None:
        return []
    path = Path(path)
    if path.suffix == ".csv":
        if not path.parent.is_dir():
            raise FileNotFoundError(f"log_path={str(path)!r}: there is no folder {path.parent}.")
        return [("log", CSVLog(path, recorded))]
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as e:
        raise ImportError(
            f"log_path={str(path)!r} is a folder for TensorBoard, which is not installed: pip "
            "install tensorboard, or name a file that ends in .csv."
        ) from e
    from skorch.callbacks import TensorBoard

    return [("log", TensorBoard(SummaryWriter(path)))]
