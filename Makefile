# make demo      set up what the app needs and start it
# make test      set up what the tests need and run them all
# make coverage  the tests, and which lines none of them runs
# make lint      formatting, code and type checks
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
PORT ?= 8501
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: demo test coverage lint app-environment tests-environment
.DEFAULT_GOAL := help
help:
	@sed -n 's/^# make/make/p' Makefile

demo: app-environment
	@$(RUN) -c "import socket; socket.create_server(('127.0.0.1', $(PORT)))" 2>/dev/null || { \
		echo "Port $(PORT) is taken (another demo running?). Try: make demo PORT=$$(($(PORT) + 1))"; exit 1; }
	@echo "Starting the app on http://localhost:$(PORT) (end it with Ctrl-C)."
	@$(RUN) -m streamlit run demo/app.py --server.port $(PORT)

# A file is run by one worker. Which comes first is said in tests/conftest.py.
PYTEST := OMP_NUM_THREADS=1 $(RUN) -m pytest --numprocesses auto --maxprocesses 4 \
	--dist loadfile --no-loadscope-reorder

test: tests-environment
	@echo "Running all tests."
	@$(PYTEST) $(TESTS)

coverage: tests-environment
	@$(PYTEST) --cov --cov-report=term-missing:skip-covered $(TESTS)

lint: tests-environment
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

app-environment: $(VENV)/.requirements.txt
tests-environment: $(VENV)/.requirements-tests.txt

# A stamp a requirements file: installed once, and again whenever the file changes.
$(VENV)/.requirements-tests.txt: requirements-simulation.txt $(VENV)/.requirements.txt
$(VENV)/.%: % | $(VENV)/bin/python
	@echo "Installing $< into $(VENV) (the first time takes some minutes)."
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r $< || { \
		echo "Installing $< failed: see the lines above. Without network nothing can be installed;"; \
		echo "with it, the same command goes on where it was."; exit 1; }
	@touch $@

$(VENV)/bin/python:
	@[ -n "$(PYTHON)" ] && $(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { \
		echo "Python 3.11 or 3.12 is needed; found: $(or $(PYTHON),none). Install one, or name it:"; \
		echo "make PYTHON=/path/to/python3.11 demo"; exit 1; }
	@echo "Creating the environment $(VENV) with $(PYTHON)."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "The environment could not be created; on Debian and Ubuntu install python3-venv."; exit 1; }
