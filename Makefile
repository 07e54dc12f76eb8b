# The commands. Thin: the work is done by scripts/bootstrap.py (before anything is installed) and Python after it.
# Settings: PORT= and HOST= for `make lab`, ARGS= for everything that ends in pytest, PYTHON= to choose an interpreter.

.PHONY: help lab test test-kind check lessons build-lessons translations bench fuzz lock clean setup setup-test

# The first Python that runs and is new enough; a venv that is there has answered that question already.
find_python = for python in python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done
PYTHON ?= $(or $(wildcard .venv/bin/python),$(shell $(find_python)))
RUN := .venv/bin/python -m
PYTEST := $(RUN) pytest -n auto --dist loadgroup

help:
	@echo 'make lab            set up if needed, open the course in JupyterLab (PORT=8888 HOST=127.0.0.1)'
	@echo 'make test           every check there is; closes with counts'
	@echo 'make test-kind      all tests on a real kind cluster (make test: a sample of them)'
	@echo 'make check          style, types, layers, lessons in step with their source: seconds'
	@echo 'make lessons        run all lessons and compare their outputs'
	@echo 'make build-lessons  write the notebooks from lessons/*/lesson.py'
	@echo 'make translations   bring the catalogues (.po) in step with the code; says what is not translated'
	@echo 'make bench          measure what we promise'
	@echo 'make fuzz           hostile inputs for the embedded cluster, with ever new seeds (SECONDS=3600)'
	@echo 'make lock           choose the versions of all packages anew'
	@echo 'make clean          remove what these commands made'

lab: setup
	@exec .venv/bin/k8s-tutor lab $(if $(PORT),--port $(PORT)) $(if $(HOST),--host $(HOST))

test: setup-test
	@$(PYTEST) $(ARGS)

test-kind: setup-test
	@K8S_TUTOR_TEST_ALL=1 $(PYTEST) -m kind -v --durations=0 --durations-min=1 $(ARGS)

check: setup-test
	@$(RUN) pytest -q tests/static $(ARGS)

lessons: setup-test
	@$(RUN) pytest -q -m lesson --durations=0 --durations-min=1 $(ARGS)

build-lessons: setup-test
	@$(RUN) k8s_tutor.authoring build $(ARGS)

translations: setup-test
	@$(RUN) k8s_tutor.authoring translations $(ARGS)

bench: setup-test
	@$(RUN) benchmarks $(ARGS)

fuzz: setup-test
	@$(RUN) tests.unit.hostile $(or $(SECONDS),3600)

lock: setup
	@.venv/bin/python scripts/lock.py

clean:
	@$(or $(shell $(find_python)),python3) scripts/clean.py

setup setup-test: setup%: | python
	@$(PYTHON) scripts/bootstrap.py $(if $*,test,lab)

.PHONY: python
python:
	@$(if $(PYTHON),:,echo '✗ No Python 3.11 or newer was found.' >&2; \
	  echo '  Next: install one (python.org/downloads, or apt/dnf/brew install python3), or say which: make lab PYTHON=/path/to/python3' >&2; exit 1)
