# Needs Python 3.10 or newer, git and make. Everything else goes into .venv.
# OLDEST is the Python for `make test-lowest`, ORACLE_ON that of the libraries that `make test-all`
# runs programs with: a version that uv finds or fetches, or a path.

PYTHON ?= python3
REPO ?= .
ARGS ?=
OLDEST ?= 3.10
ORACLE_ON ?= 3.11
ORACLE_PIP ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
INDEX := https://pypi.org/simple
LOWEST := .venv-lowest
ORACLE := .venv-oracle
MLFLOWS := .venv-mlflow2/ready .venv-mlflow3/ready
DVC := .venv-dvc

export PIP_NO_WARN_SCRIPT_LOCATION = 1

.DEFAULT_GOAL := help
.PHONY: help audit test test-all oracle tracking-oracle dvc lint format bench lock test-lowest clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

audit: .venv/runtime ## Audit a repository: make audit REPO=path ARGS="--persona pedantic"
	@PYTHONPATH="$(CURDIR)/src" $(BIN)/python -m mlaudit check $(ARGS) -- "$(REPO)"

test: lint ## Lint, check types and run the fast tests
	$(BIN)/pytest -q -n auto

test-all: lint .venv/browser $(ORACLE)/ready $(DVC)/ready $(MLFLOWS) ## The same with the slow tests
	$(BIN)/pytest -q -n auto -m ""

oracle: .venv/dev $(ORACLE)/ready ## Run the programs of fixtures/oracle; record and compare
	$(BIN)/python tests/oracle/record.py
	$(BIN)/python tests/oracle/verdicts.py

dvc: .venv/dev $(DVC)/ready ## Bring repositories into all states with real DVC; record and compare
	$(DVC)/bin/python tests/dvc/dvc_record.py
	$(BIN)/pytest -q tests/dvc

tracking-oracle: .venv/dev $(MLFLOWS) ## Run the programs of fixtures/tracking_oracle; record and compare
	$(BIN)/python tests/tracking_oracle/record_tracked.py
	$(BIN)/python tests/tracking_oracle/tracked_verdicts.py

lint: .venv/dev ## Lint and check types
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy --strict --no-error-summary

format: .venv/dev ## Put all code into its usual form
	$(BIN)/ruff check --quiet --fix
	$(BIN)/ruff format --quiet

bench: .venv/runtime ## Measure speed and memory: make bench REPO=path
	@PYTHONPATH="$(CURDIR)/src" $(BIN)/python benchmarks/bench.py $(if $(filter-out .,$(REPO)),"$(REPO)")

lock: .venv/uv ## Resolve the dependencies again, and export them
	$(BIN)/uv lock --default-index $(INDEX) $(ARGS)
	$(BIN)/uv export --quiet --locked --default-index $(INDEX) --no-emit-project --no-dev \
		--output-file requirements.txt
	$(BIN)/uv export --quiet --locked --default-index $(INDEX) --no-emit-project --group dev \
		--output-file requirements-dev.txt
	$(BIN)/uv export --quiet --locked --default-index $(INDEX) --no-emit-project --only-group browser \
		--output-file requirements-browser.txt

test-lowest: .venv/uv ## Run the fast tests on the oldest Python and dependencies that we claim
	$(BIN)/uv venv --quiet --clear --python $(OLDEST) $(LOWEST)
	$(BIN)/uv pip install --quiet --python $(LOWEST) --default-index $(INDEX) \
		--resolution lowest-direct -r pyproject.toml
	$(BIN)/uv pip freeze --python $(LOWEST) > $(LOWEST)/constraints.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST) --default-index $(INDEX) \
		--constraints $(LOWEST)/constraints.txt --group test
	PYTHONPATH="$(CURDIR)/src" $(LOWEST)/bin/python -m pytest -q -n auto

clean: ## Remove what make and the tools made
	rm -rf .venv $(LOWEST) $(ORACLE) $(DVC) $(dir $(MLFLOWS)) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.txt | .venv/bin/python
	$(PIP) --no-deps -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt pyproject.toml | .venv/bin/python
	$(PIP) --no-deps -r requirements-dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/browser: requirements-browser.txt | .venv/dev
	$(PIP) --no-deps -r $<
	@touch $@

# pip, because it takes the build of torch that is at hand.
$(ORACLE)/ready: fixtures/oracle/requirements.txt | .venv/uv
	$(BIN)/uv venv --quiet --clear --seed --python $(ORACLE_ON) $(ORACLE)
	$(ORACLE)/bin/python -m pip install -qq --disable-pip-version-check --no-input $(ORACLE_PIP) -r $<
	@touch $@

$(DVC)/ready: tests/dvc/requirements.txt | .venv/uv
	$(BIN)/uv venv --quiet --clear --python $(ORACLE_ON) $(DVC)
	$(BIN)/uv pip install --quiet --python $(DVC) --default-index $(INDEX) -r $<
	@touch $@

.venv-mlflow%/ready: fixtures/tracking_oracle/mlflow%.txt | .venv/uv
	$(BIN)/uv venv --quiet --clear --python $(ORACLE_ON) $(@D)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(@D) --default-index $(INDEX) -r $<
	@touch $@

.venv/uv: | .venv/bin/python
	$(PIP) "uv>=0.9"
	@touch $@
