"""Without torch, what does not need it works, and what does says so."""

import subprocess
import sys

import pytest

TORCHLESS = (
    "from skstyle.transfer import ConcatenativeStyleTransformer, Style, TransportStyleTransformer"
)


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize("statement", ["import skstyle.transfer", TORCHLESS])
def test_importing_loads_no_torch(statement):
    done = run(f"import sys; {statement}; print('torch' in sys.modules)")
    assert done.stdout.strip() == "False", done.stderr


def test_without_torch_the_message_tells_the_fix():
    hide = (
        "import importlib.util as u; find = u.find_spec; "
        "u.find_spec = lambda name, *a: None if name == 'torch' else find(name, *a)"
    )
    done = run(f"{hide}; {TORCHLESS}; from skstyle import GramStyleTransformer")
    last = done.stderr.strip().splitlines()[-1]
    assert last.endswith(
        "GramStyleTransformer needs torch, not installed here: pip install skstyle[neural]"
    )
    assert last.startswith("ImportError")


def test_unknown_names():
    import skstyle.transfer

    with pytest.raises(AttributeError, match="has no attribute 'Gram'"):
        skstyle.transfer.Gram  # noqa: B018
