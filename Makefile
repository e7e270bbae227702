# Every target prepares .venv from the lock file first; a second run is instant.
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.13; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# Half as many tests again as there are cores: half of their time they wait for nodes and browsers.
WORKERS = $$($(BIN)/python -c "import os; print(min(6, (os.cpu_count() or 1) * 3 // 2))")
PARALLEL = --numprocesses $(WORKERS) --dist worksteal

# Where Python may not keep what it compiled, every start of a node or command compiles it again, in 0.4 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo run test check interpreters bench scale docs lock clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

setup: $(STAMP) ## Make .venv with the locked dependencies and the command .venv/bin/rochdale

$(STAMP): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Rochdale needs Python 3.11 or newer with venv; set PYTHON=/path/to/python3"; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) (once; a few minutes on a slow line)"
	@$(PYTHON) -m venv --clear $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
		VIRTUAL_ENV=$(VENV) uv pip install --quiet --require-hashes -r requirements-dev.lock && \
		VIRTUAL_ENV=$(VENV) uv pip install --quiet --no-deps --no-build-isolation -e . ; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $(STAMP)

demo: setup ## Thirteen co-operative nodes decide something together, then keep serving
	@$(BIN)/rochdale demo

run: setup ## Serve one node from ./data (made on first run)
	@$(BIN)/rochdale serve

test: setup ## The whole test suite, on SQLite and PostgreSQL, with Redis and Celery
	@$(BIN)/python -m pytest $(PARALLEL)

check: setup ## All that CI runs: format, lint, types, contracts, tests, coverage
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/coverage run -m pytest $(PARALLEL)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
	@$(BIN)/python -m tests.architecture.coverage_by_room

interpreters: setup ## The fast suite on the other promised Pythons found on this machine
	@.ci/interpreters

bench: setup ## Measure the hot paths against named limits; writes benchmarks.json
	@$(BIN)/python -m tests.benchmarks

scale: setup ## Simulate federations of up to 10,000 co-ops and a million members against a central recount
	@$(BIN)/python -m tests.scale

docs: setup ## Write docs/reference from the code
	@$(BIN)/rochdale reference docs/reference

lock: ## Resolve the lock files again (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## Remove what set-up and tests made
	rm -rf $(VENV) .venv-* .demo .mypy_cache .ruff_cache .pytest_cache .coverage* .hypothesis
