# Everything is set up on the way: a machine needs Python 3.11 to 3.13 with pip, and make.
PYTHON ?= python3
VENV   ?= .venv
UV_VERSION = 0.13.8
UV  = UV_PROJECT_ENVIRONMENT=$(VENV) UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy .uv/bin/uv
BIN = $(VENV)/bin
PACKAGES = alerts classifiers connectors core flows policies redshank review storage

export PREFECT_SERVER_ANALYTICS_ENABLED = false
export DO_NOT_TRACK = 1
export ORT_DISABLE_TELEMETRY = 1

.PHONY: setup demo test test-servers check bench format lock clean
.DEFAULT_GOAL := setup

setup: $(VENV)/.ready

.uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "Redshank needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .uv "uv==$(UV_VERSION)"

$(VENV)/.ready: pyproject.toml uv.lock | .uv/bin/uv
	@# Behind a proxy that opens TLS, only the system's own certificates will do, as they do for pip.
	$(UV) sync --frozen --quiet --python $(PYTHON) \
	  || UV_SYSTEM_CERTS=1 $(UV) sync --frozen --quiet --python $(PYTHON)
	@touch $@

demo: setup
	$(BIN)/redshank demo

test: setup
	$(BIN)/python -m pytest

# Against real servers of Debian and npm; what is not installed skips with a reason (tests/servers/conftest.py).
test-servers: setup
	REDSHANK_TEST_SERVERS=1 $(BIN)/python -m pytest tests/servers

check: setup
	$(UV) lock --check --quiet
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

# benchmarks/score.py also needs torch and transformers; it says how to get them.
bench: setup
	$(UV) sync --frozen --quiet --inexact --group bench
	$(BIN)/python benchmarks/collect.py
	$(BIN)/python benchmarks/copies.py
	$(BIN)/python benchmarks/feed.py
	$(BIN)/python benchmarks/functional.py
	$(BIN)/python benchmarks/month.py
	$(BIN)/python benchmarks/personal_data.py
	$(BIN)/python benchmarks/query.py
	$(BIN)/python benchmarks/relevance.py
	$(BIN)/python benchmarks/score.py
	$(BIN)/python benchmarks/telling.py

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .uv/bin/uv
	$(UV) lock

clean:
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache redshank-demo
