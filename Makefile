# make play   set up and start        make test       everything that has to pass, in five minutes
# make bench  measure the budgets     make test-long  the same of more draws, digits and terminals
# make clean  remove what was set up

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
INSTALLED_FROM := pyproject.toml constraints.txt

.PHONY: play test test-long bench clean

play: $(VENV)/.installed
	@$(BIN)/initplay

test: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyrefly check --python-interpreter-path $(BIN)/python --output-format min-text
	$(BIN)/python -m pytest -n 3 --dist worksteal

# Where it is set, each of the tests' many processes compiles again what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

test-long: export INITPLAY_LONG = 1
test-long: test

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV)

$(VENV)/.installed: $(INSTALLED_FROM) | $(BIN)/python
	@echo "Installing initplay and torch into $(VENV): a minute or a few, once."
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: $(INSTALLED_FROM) | $(BIN)/python
	@echo "Installing initplay, torch and the development tools into $(VENV): a minute or a few, once."
	@$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "initplay needs Python 3.10 or newer, and $(PYTHON) is not that: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment: install its venv module (on Debian: apt install python3-venv)." >&2; exit 1; }
