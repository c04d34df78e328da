# Every target makes what it needs: the environment, the install, then the job.
PYTHON ?= python3
VENV   ?= .venv
REGIME ?= both
PRESET ?= quick
JOBS   ?= 2
WHEELS ?= wheels
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --constraint constraints.txt

.PHONY: verify test slow browser lint types docs sdist bench scaling gpu calibration pins findings pages clean

verify: $(VENV)/.installed  ## train, fit, decide; a violated claim (exit 1) is a result too
	$(BIN)/bofcheck verify --regime $(REGIME) --preset $(PRESET) || [ $$? -eq 1 ]

test: $(VENV)/.installed-dev  ## tests and doctests: 25 minutes on two cores
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

slow: $(VENV)/.installed-dev  ## the tests marked slow
	$(BIN)/python -m pytest -m slow

browser:  ## a Chromium for the tests of the web page; installs Debian's if root and none is there
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; \
	else echo "no Chromium: install the package chromium; its tests are skipped" >&2; fi

lint: $(VENV)/.installed-dev  ## style, formatting and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=src $(BIN)/lint-imports

types: $(VENV)/.installed-dev
	$(BIN)/mypy -p bofcheck
	cd benchmarks && $(abspath $(BIN))/mypy --config-file ../pyproject.toml .
	cd tools && $(abspath $(BIN))/mypy --config-file ../pyproject.toml .

docs: $(VENV)/.installed-docs  ## HTML in docs/_build/html; warnings are errors
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

calibration: $(VENV)/.installed  ## how often verdicts are wrong where the truth is known; rewrites its page
	$(BIN)/python tools/calibration.py --workers 2 --json tools/calibration.json
	$(BIN)/python tools/calibration.py --table tools/calibration.json > docs/calibration.md

pins: $(VENV)/.installed  ## decide the ledger on preset quick; pin verdicts and numbers for the tests
	rm -rf results/pins
	$(BIN)/bofcheck claims --run --preset quick --out results/pins > /dev/null || [ $$? -eq 1 ]
	$(BIN)/python tools/pins.py results/pins

findings: $(VENV)/.installed  ## decide the ledger on PRESET and rewrite the docs' findings page
	$(BIN)/bofcheck claims --run --preset $(PRESET) > /dev/null || [ $$? -eq 1 ]
	$(BIN)/python tools/findings.py results/paper-$(PRESET)

pages: $(VENV)/.installed  ## rewrite the docs' pages of thresholds and of the ledger, and three pictures
	$(BIN)/python tools/thresholds_page.py
	$(BIN)/python tools/ledger_page.py
	$(BIN)/python tools/verdict_pictures.py
	$(BIN)/python tools/limit_picture.py

bench: $(VENV)/.installed-dev  ## every way to take a gradient step, timed in turns; rewrites the docs' table
	$(BIN)/python benchmarks/engines.py --json benchmarks/engines.json
	$(BIN)/python benchmarks/tables.py
	$(BIN)/python benchmarks/limit_steps.py --json benchmarks/limit_steps.json
	$(BIN)/python benchmarks/limit_steps.py --table benchmarks/limit_steps.json

scaling: $(VENV)/.installed-dev  ## what the store costs and workers gain; rewrites the docs' tables
	$(BIN)/python benchmarks/scaling.py --json benchmarks/scaling.json
	$(BIN)/python benchmarks/scaling_table.py

# PYTHON brings torch for CUDA, numba and numba-cuda; what else it lacks lies in WHEELS
gpu:  ## on a machine with a GPU, no network needed: tests, agreement, speeds; rewrites the docs' table
	mkdir -p build/gpu
	if ls $(WHEELS)/*.whl > /dev/null 2>&1; then $(PYTHON) -m pip install --quiet --no-index \
	  --no-deps --upgrade --target build/gpu $(WHEELS)/*.whl; fi
	PYTHONPATH=src:build/gpu $(PYTHON) benchmarks/gpu.py --json benchmarks/gpu.json
	$(PYTHON) benchmarks/gpu_table.py

sdist: $(VENV)/.installed-dev  ## build the sdist, install from it alone, run it once
	rm -rf build dist $(VENV)-sdist
	$(BIN)/python -m build --sdist --quiet
	$(PYTHON) -m venv $(VENV)-sdist
	$(VENV)-sdist/bin/python -m pip install --quiet --constraint constraints.txt dist/*.tar.gz
	cd dist && ../$(VENV)-sdist/bin/bofcheck --version
	cd dist && ../$(VENV)-sdist/bin/python -c "from bofcheck.compare import all_claims; print(len(all_claims()), 'claims')"
	cd dist && ../$(VENV)-sdist/bin/python -c "from importlib.resources import files; \
	  assert all(files('bofcheck.compare.report.html').joinpath(n).is_file() \
	    for n in ('report.html.jinja', 'evidence.html.jinja', 'style.css', 'script.js'))"
	rm -rf $(VENV)-sdist

clean:
	rm -rf $(VENV) $(VENV)-sdist build dist results docs/_build src/*.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .numba_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml setup.py constraints.txt
	$(PIP) --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml setup.py constraints.txt
	$(PIP) --editable ".[dev]"
	touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: $(VENV)/bin/python pyproject.toml setup.py constraints.txt
	$(PIP) --editable ".[dev,docs]"
	touch $@ $(VENV)/.installed $(VENV)/.installed-dev
