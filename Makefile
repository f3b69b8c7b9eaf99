# Needs python3 (3.11 or newer) and make; everything else is installed into .venv from constraints.txt.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3

.PHONY: install demo serve test test-slow check format bench clean

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,postgres]'
	touch $@

demo: install  ## generate, train, evaluate, record, recommend, place, plan
	$(BIN)/adaptive demo

serve: install  ## the API on http://127.0.0.1:8000, with the demo's model and database where there are any
	$(BIN)/adaptive serve

test: install  ## the default suite, with coverage; two processes of one thread each, since tables in tests are tiny
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --cov --cov-report=term

test-slow: install  ## what is left out of the default suite
	$(BIN)/pytest -m slow

check: install  ## style, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict adaptive
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install  ## the measured claims: experiments/README.md
	$(BIN)/python experiments/bench.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis demo out
