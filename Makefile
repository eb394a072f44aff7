# burgh: everything a fresh clone needs. Python 3.11 or later and make; the rest is installed into .venv.
#
#   PYTHON=python3.12     the interpreter that makes .venv
#   TORCH_INDEX=ADDRESS   where torch alone is installed from: on Linux without a GPU the small CPU build
#   ARGS="--seed 3"       more arguments for `make run`, `make watch` or `make test`
#   WORKERS=1             in how many processes the tests run
#   ONLY="festival arena" which of the long checks `make accept` runs: those whose names have one of these words

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
TORCH_INDEX ?=
ARGS ?=
WORKERS ?= 2
ONLY ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
TORCH := $(shell grep '^torch==' constraints.txt)
INSTALLED := $(VENV)/.installed

.PHONY: help install weights run watch test lint format accept clean

help: ## what can be made
	@echo "burgh: make TARGET"
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  \1\t\2/' | expand -t 12

install: $(INSTALLED) ## installs everything into .venv (quick when nothing changed)

# torch comes first: what depends on it would otherwise bring a build of its own choice.
$(INSTALLED): pyproject.toml constraints.txt src/burgh/__init__.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "burgh needs Python 3.11 or later: name one with make PYTHON=python3.12" >&2; exit 2; }
	[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo "installing torch into $(VENV): some minutes"
	@$(PIP) install --quiet $(if $(TORCH_INDEX),--no-deps --index-url $(TORCH_INDEX),-c constraints.txt) $(TORCH)
	@echo "installing all else: some minutes"
	@$(PIP) install --quiet -c constraints.txt -e '.[dev]'
	@touch $@

weights: $(INSTALLED) ## fetches the embedded models into the user's cache (once)
	@$(BIN)/burgh models pull

run: weights ## runs market-day on the embedded language model
	$(BIN)/burgh run market-day $(ARGS)

watch: weights ## runs market-day and shows it in a window
	$(BIN)/burgh run market-day --watch $(ARGS)

test: weights ## the tests, those on the embedded models included
	@$(BIN)/burgh models pull smollm2-135m-gguf
	$(BIN)/pytest -n $(WORKERS) --dist loadfile $(ARGS)

lint: $(INSTALLED) ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(INSTALLED) ## formats the code and mends what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

accept: weights ## the long checks on the embedded model; their log goes into docs/acceptance.md
	@ARGS="$(ARGS)" $(BIN)/python tests/accept/write_log.py $(ONLY)

clean: ## removes .venv and what tools cached here; runs and models stay
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
