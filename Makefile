# `make demo` and `make test` need Python 3.11 to 3.13, pip and make; they set up the rest, once.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check bench lock clean

help:             ## Show this list.
	@sed -n 's/^\([a-z]*\): .*## /  make \1\t/p' Makefile

demo: $(READY)    ## Make a class of 30 and grade it: the good, the wrong and the wicked.
	$(BIN)/autograder demo

test: $(READY)    ## Run every test, the linters and the type checker.
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadfile

bench: $(READY)   ## Time grading against nbgrader on the same submissions.
	$(BIN)/python -m benchmarks.throughput

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14) and "Python 3.11 to 3.13 is needed: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

lock:             ## Renew requirements.lock from pyproject.toml (needs uv).
	uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --extra dev --python-version 3.11 pyproject.toml -o requirements.lock

clean:            ## Remove what make and the demo made.
	rm -rf $(VENV) demo
