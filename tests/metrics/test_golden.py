"""Values of all measures stay what they were: golden files, written by make_golden.py."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from skstyle import metrics

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("make_golden", HERE / "make_golden.py")
make_golden = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_golden)
# Rounding of other machines may turn a frame: a step of a path, a line of pitch.
COUNTS = {"voicing_error": 0.015, "log_f0_correlation": 0.01}
# Adapters of functions of the user have no values of their own.
ADAPTERS = {"mean_opinion_score", "word_error_rate", "normalize_words", "style_report"}


def test_every_measure_is_golden():
    public = {n for n in metrics.__all__ if not n.endswith("_scorer")} - ADAPTERS
    assert public == set(make_golden.SETTINGS)
    assert {path.stem for path in make_golden.FOLDER.glob("*.json")} == public


@pytest.mark.parametrize("name", sorted(make_golden.SETTINGS))
def test_golden(name):
    rows = json.loads((make_golden.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    found = make_golden.golden_values(name)
    assert [row["settings"] for row in found] == [row["settings"] for row in rows]
    for row, expected in zip(found, rows, strict=True):
        atol = COUNTS.get(name, 1e-6)
        np.testing.assert_allclose(row["values"], expected["values"], rtol=1e-3, atol=atol)
        assert np.isfinite(expected["values"]).all()
