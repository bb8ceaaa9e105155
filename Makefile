# Everything runs in a virtual environment of its own; nothing outside of the folder is touched.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The real recordings are optional: tests that need them skip without the folder.
SKSTYLE_DATA ?= $(wildcard ../shared/data)
export SKSTYLE_DATA
# Pages are made of synthetic sound, unless who calls names the folder.
DOCS_DATA := $(if $(filter file,$(origin SKSTYLE_DATA)),,$(SKSTYLE_DATA))
# pyworld, pysptk and nnmnkwii come as sources only: they live apart, where they can be built.
ORACLES := .venv-oracles
# Peers ask for older libraries than constraints.txt: they live apart, too.
PEERS := .venv-peers
CAN_BUILD = echo '\#include <Python.h>' | $(CXX) -x c++ -fsyntax-only -I"$$($(PYTHON) -c \
	'import sysconfig; print(sysconfig.get_path("include"))')" - 2>/dev/null
NO_BUILD := No C++ compiler with the headers of Python: pyworld, pysptk and nnmnkwii are left out.
ONE_CORE := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1

.PHONY: help demo test test-oracles lint docs docs-quick docs-test docs-linkcheck bench bench-speed \
	bench-vocoder bench-mlpg bench-alignment bench-mixtures \
	bench-locally-linear bench-regressors bench-linear bench-style bench-style-peer bench-textures \
	bench-identification bench-vae bench-vae-speed bench-sequence bench-methods install clean

help:
	@echo "make demo   install, then convert a voice on built-in data (results in out/)"
	@echo "make test   install, then ruff and all tests"
	@echo "make bench  the main job on real speech (needs SKSTYLE_DATA)"
	@echo "make docs   build the documentation and the gallery, of real sound if SKSTYLE_DATA is named"
	@echo "make docs-quick  build the documentation without running the examples"
	@echo "make docs-test   build all, then open it in a browser (needs chromium)"
	@echo "make docs-linkcheck  ask whether links to other sites still lead there (needs a network)"
	@echo "make test-oracles   beside pyworld, pysptk and nnmnkwii, built from source (needs a compiler)"
	@echo "make bench-methods  twelve methods on one pair of voices, as a page (needs SKSTYLE_DATA)"
	@echo "make bench-speed    seconds and ratios beside other libraries, on one core"
	@echo "make bench-vocoder  copy-synthesis of real speech beside pyworld (needs SKSTYLE_DATA)"
	@echo "make bench-alignment  time warping beside librosa, tslearn, aeon and dtaidistance, on one core"
	@echo "make bench-mixtures an iteration of EM beside scikit-learn's"
	@echo "make bench-locally-linear  frames a second of local linear maps beside a loop"
	@echo "make bench-regressors  ten regressors on real speech (needs SKSTYLE_DATA)"
	@echo "make bench-linear   the time-variant linear family on real speech (needs SKSTYLE_DATA)"
	@echo "make bench-style    style transfer between all pairs of instruments (needs SKSTYLE_DATA)"
	@echo "make bench-style-peer  descent beside the recipe of Ulyanov and Lebedev, half an hour"
	@echo "make bench-textures    textures made of noise, judged by another net (needs SKSTYLE_DATA)"
	@echo "make bench-identification  instruments and voices by their Gram matrices (needs SKSTYLE_DATA)"
	@echo "make bench-vae      six voices to each other by one autoencoder (needs SKSTYLE_DATA)"
	@echo "make bench-sequence  texts, and contents of clips, in six voices: an hour (needs SKSTYLE_DATA)"
	@echo "make bench-vae-speed  training through skorch beside a plain loop"
	@echo "make bench-mlpg     parameter generation beside nnmnkwii, on one core"

$(VENV)/.base: setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed')"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.test: $(VENV)/.base
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[neural,docs,test]"
	touch $@

$(VENV)/.oracles: $(VENV)/.base
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[test,bench]"
	@if $(CAN_BUILD); then \
		$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[oracles]" \
		&& $(BIN)/python -W ignore -c "import pyworld, pysptk, nnmnkwii" \
		&& touch $@; \
	else echo "$(NO_BUILD)"; fi

$(VENV)/.bench: $(VENV)/.oracles
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[neural]"
	touch $@

$(VENV)/.peers: setup.cfg pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[bench,peers]"
	touch $@

install: $(VENV)/.base

demo: $(VENV)/.base
	$(BIN)/python -m skstyle demo --out out

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

test: lint
	# A worker a core: threads of both would wait for each other.
	$(ONE_CORE) $(BIN)/python -m pytest -n 2 --dist worksteal -q

test-oracles:
	@if $(CAN_BUILD); then \
		$(MAKE) --no-print-directory VENV=$(ORACLES) $(ORACLES)/.oracles \
		&& $(ORACLES)/bin/python -m pytest -q tests/oracles; \
	else echo "$(NO_BUILD) The oracle tests are skipped."; fi

bench: $(VENV)/.base
	$(BIN)/python benchmarks/voice_conversion.py

bench-methods: $(VENV)/.test
	$(ONE_CORE) $(BIN)/python benchmarks/methods.py

bench-speed:
	@$(MAKE) --no-print-directory VENV=$(ORACLES) $(ORACLES)/.bench
	$(ONE_CORE) $(ORACLES)/bin/python -m pytest -q --benchmark-quiet benchmarks/bench_speed.py

bench-vocoder:
	@$(MAKE) --no-print-directory VENV=$(ORACLES) $(ORACLES)/.oracles
	$(ONE_CORE) $(ORACLES)/bin/python benchmarks/copy_synthesis.py

bench-mlpg:
	@$(MAKE) --no-print-directory VENV=$(ORACLES) $(ORACLES)/.oracles
	$(ONE_CORE) $(ORACLES)/bin/python -m pytest -q --benchmark-quiet benchmarks/bench_mlpg.py

bench-alignment:
	@$(MAKE) --no-print-directory VENV=$(PEERS) $(PEERS)/.peers
	$(ONE_CORE) $(PEERS)/bin/python -m pytest -q --benchmark-quiet benchmarks/bench_alignment.py

bench-mixtures: $(VENV)/.base
	$(BIN)/python benchmarks/bench_mixtures.py

bench-locally-linear: $(VENV)/.base
	$(BIN)/python benchmarks/bench_locally_linear.py

bench-regressors: $(VENV)/.test
	$(ONE_CORE) $(BIN)/python benchmarks/regressors.py

bench-linear: $(VENV)/.test
	$(BIN)/python benchmarks/regressors.py --family linear
	$(BIN)/python benchmarks/regressors.py --family linear --max-train 10

bench-style: $(VENV)/.test
	$(ONE_CORE) $(BIN)/python benchmarks/style_transfer.py --methods transport concatenative auto gram
	$(ONE_CORE) $(BIN)/python benchmarks/style_transfer.py --reverse
	$(ONE_CORE) $(BIN)/python benchmarks/style_transfer.py --no-shared-notes shift

bench-style-peer: $(VENV)/.test
	$(BIN)/python benchmarks/gram_beside_recipe.py

bench-textures: $(VENV)/.test
	$(ONE_CORE) $(BIN)/python benchmarks/textures.py

bench-identification: $(VENV)/.test
	$(ONE_CORE) $(BIN)/python benchmarks/style_identification.py

bench-vae: $(VENV)/.test
	$(ONE_CORE) $(BIN)/python benchmarks/voices_vae.py

bench-sequence: $(VENV)/.test
	$(BIN)/python benchmarks/sequence_vae.py
	$(BIN)/python benchmarks/sequence_vae.py --content frames

bench-vae-speed: $(VENV)/.test
	$(ONE_CORE) $(BIN)/python benchmarks/bench_vae.py

SPHINX = SKSTYLE_DATA="$(DOCS_DATA)" $(ONE_CORE) $(BIN)/python -m sphinx -W --keep-going -b html -d docs/_build/trees

# Pages whose source is gone would stay.
docs: $(VENV)/.test
	rm -rf docs/_build/html
	$(SPHINX) docs docs/_build/html

docs-quick: $(VENV)/.test
	rm -rf docs/_build/quick
	$(SPHINX)-quick -D plot_gallery=0 docs docs/_build/quick

docs-test: docs
	SKSTYLE_SITE=docs/_build/html $(BIN)/python -m pytest -q tests/docs

docs-linkcheck: $(VENV)/.test
	SKSTYLE_DATA= $(BIN)/python -m sphinx -b linkcheck -D plot_gallery=0 docs docs/_build/linkcheck

clean:
	rm -rf $(VENV) $(ORACLES) $(PEERS) out docs/_build docs/auto_examples docs/generated
