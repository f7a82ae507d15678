# Two commands for a newcomer: `make demo` and `make test`. Both set up what they need, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PROCESSES ?= 2
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.PHONY: help setup demo test fast lint types format lock clean

help: ## show the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: $(INSTALLED) ## make .venv and install from requirements.lock, then stop

demo: $(INSTALLED) ## simulate a fictional place, refresh it, and serve its dashboards
	@$(BIN)/joinedup demo $(ARGS)

test: $(INSTALLED) ## run every test (browser and acceptance tests skip where their needs are missing)
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadgroup --no-loadscope-reorder $(ARGS)

fast: $(INSTALLED) ## run the unit, property and architecture tests
	@$(BIN)/python -m pytest -q tests/unit tests/property tests/architecture

lint: $(INSTALLED) ## check style, SQL format, types and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/sqlfmt --check -q dbt_project
	@$(BIN)/lint-imports
	@$(BIN)/mypy

types: $(INSTALLED) ## check the types
	@$(BIN)/mypy

format: $(INSTALLED) ## put Python and SQL into the house format
	@$(BIN)/ruff check --fix -q .
	@$(BIN)/ruff format -q .
	@$(BIN)/sqlfmt -q dbt_project

lock: $(INSTALLED) ## compile requirements.lock again from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --extra area --extra dev --generate-hashes --python-version 3.11 --no-annotate \
		--no-emit-index-url --custom-compile-command "make lock" -q --upgrade -o requirements.lock

clean: ## remove the environment and the running data of the demo
	@rm -rf $(VENV) var

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/uv
	@echo "Installing the locked packages (once; a minute or two) ..." >&2
	@$(BIN)/uv pip sync --python $(BIN)/python --require-hashes --compile-bytecode -q requirements.lock
	@$(BIN)/uv pip install --python $(BIN)/python --no-deps --no-build-isolation -q -e .
	@touch $@

$(BIN)/uv: | $(BIN)/python
	@$(BIN)/python -m pip --disable-pip-version-check install -q uv==$(UV_VERSION)

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed (on Debian: apt-get install python3)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || $(MAKE) --no-print-directory venv-from-debian

.PHONY: venv-from-debian
venv-from-debian:
	@rm -rf $(VENV)
	@test "$$(id -u)" = 0 && command -v apt-get >/dev/null || { \
		echo "This Python cannot make virtual environments. On Debian: sudo apt-get install python3-venv, then again." >&2; exit 1; }
	@echo "Installing Debian's python3-venv ..." >&2
	@apt-get update -q >/dev/null && apt-get install -q -y --no-install-recommends python3-venv >/dev/null
	@$(PYTHON) -m venv $(VENV)
