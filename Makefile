# Everything runs in a virtual environment of its own; nothing outside of the folder is touched.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The real recordings are optional: tests that need them skip without the folder.
SKSTYLE_DATA ?= $(wildcard ../shared/data)
export SKSTYLE_DATA

.PHONY: help demo test lint docs bench install clean

help:
	@echo "make demo   install, then convert a voice on built-in data (results in out/)"
	@echo "make test   install, then ruff and all tests"
	@echo "make bench  the main job on real speech (needs SKSTYLE_DATA)"
	@echo "make docs   build the documentation and the gallery"

$(VENV)/.base: setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed')"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.test: $(VENV)/.base
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[neural,test]"
	touch $@

$(VENV)/.docs: $(VENV)/.test
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[neural,docs]"
	touch $@

install: $(VENV)/.base

demo: $(VENV)/.base
	$(BIN)/python -m skstyle demo --out out

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

test: lint
	$(BIN)/python -m pytest -n 2 -q

bench: $(VENV)/.base
	$(BIN)/python benchmarks/voice_conversion.py

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

clean:
	rm -rf $(VENV) out docs/_build docs/auto_examples docs/generated
