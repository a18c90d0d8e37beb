# `make run` and `make test` are all a newcomer needs. Everything is installed into .venv, nothing elsewhere.

# The first Python that is new enough; PYTHON=/path/to/python3.11 chooses another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python && break; done)
WORKERS ?= 2
VENV := .venv
# Other programs that Lianshen is measured against: never among what it runs with.
PEERS := .venv-bench
BIN := $(VENV)/bin
CATALOGUES := $(wildcard web/translations/*/LC_MESSAGES/*.po)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test check bench report soak lock clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.installed $(CATALOGUES:.po=.mo)  ## install what is needed to run into .venv

run: install  ## start the demonstration and print its address
	$(BIN)/lianshen demo
	$(BIN)/lianshen serve

test: check  ## run every check and every test
	@# What the tests of a file share, a site with its browser or a filled database, is made once.
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: $(VENV)/.tested $(CATALOGUES:.po=.mo)  ## style, types and the borders between the packages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.tested $(PEERS)/.installed  ## measure for ten minutes, into var/bench.json
	$(BIN)/python -m tests.benchmarks.bench

report: $(VENV)/.tested  ## put what was measured into docs/performance.md
	$(BIN)/python -m tests.benchmarks.report

SECONDS ?= 600
soak: $(VENV)/.tested  ## race, crowd and kill it for long: SECONDS=600 a run, SEED=n to see one again
	$(BIN)/python -m tests.soak --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

lock: $(VENV)/.tested  ## work out requirements/*.txt anew from requirements/*.in
	cd requirements && for list in run test bench; do \
	  ../$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate --no-emit-index-url --output-file $$list.txt $$list.in || exit 1; done

clean:  ## remove what was installed or made, except the data in var/
	rm -rf $(VENV) $(PEERS) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find workflow web notifications tests -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f $(CATALOGUES:.po=.mo)

$(VENV)/bin/pip:
	@$(or $(PYTHON),false) -c '$(NEW_ENOUGH)' \
	  || { echo "Lianshen needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements/run.txt pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.tested: requirements/test.txt $(VENV)/.installed
	$(BIN)/pip install --quiet --require-hashes -r requirements/test.txt
	touch $@

$(PEERS)/.installed: requirements/bench.txt | $(VENV)/bin/pip
	$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/pip install --quiet --require-hashes -r requirements/bench.txt
	touch $@

%.mo: %.po $(VENV)/.installed
	$(BIN)/pybabel compile --input-file $< --output-file $@
