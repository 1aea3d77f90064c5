# Every target sets up what it needs: an environment in .venv, from requirements-dev.txt, with hashes.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help demo test quick lint types check regenerate requirements clean
.DEFAULT_GOAL := help

help:  ## Say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

demo: $(VENV)/.ready  ## Trade on a paper exchange, on this machine
	@$(BIN)/python -m scripts.demo

test: $(VENV)/.ready  ## Run all tests
	@$(BIN)/python -m pytest -n auto

quick: $(VENV)/.ready  ## Run the quick tests
	@$(BIN)/python -m pytest -n auto -m "not slow" tests/unit

lint: $(VENV)/.ready  ## Check style
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .

types: $(VENV)/.ready  ## Check types, with two checkers
	@$(BIN)/python -m mypy
	@$(BIN)/python -m basedpyright --pythonpath $(BIN)/python

check: $(VENV)/.ready  ## Check that what is made from the document is what it makes
	@$(BIN)/python -m scripts.regenerate --check
	@$(BIN)/python -m scripts.paper_openapi --check

regenerate: $(VENV)/.ready  ## Rebuild what is made from openapi.yaml
	@$(BIN)/python -m scripts.regenerate
	@$(BIN)/python -m scripts.paper_openapi

requirements: $(VENV)/.ready  ## Pin the development environment anew (needs uv and the network)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet --upgrade -o requirements-dev.txt

clean:  ## Remove the environment and caches
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.ready: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@echo "setting up $(VENV)"
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --clear --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  $(PYTHON) -m venv --clear $(VENV) && \
	  $(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt && \
	  $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@
