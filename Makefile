# Needs Python 3.10 or later, make and git; everything else goes into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= out/demo
CELL ?=
VOXEL ?=
SLICER ?= $(shell command -v Slicer 2>/dev/null)

.PHONY: demo test lint test-desktop bench clean

$(VENV)/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else "Python 3.10 or later is needed (make PYTHON=python3.12 ...)")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

## The main job: on a generated cell, or on your own with CELL=<path> VOXEL=<z,y,x in µm>
demo: $(VENV)/ready
ifeq ($(CELL),)
	$(BIN)/batterycell phantom cell --preset demo --out out/phantom --overwrite
	$(BIN)/batterycell analyze out/phantom/grey.nrrd --out $(OUT) --overwrite
else
	$(BIN)/batterycell analyze "$(CELL)" $(if $(VOXEL),--voxel-size $(VOXEL)) --out $(OUT) --overwrite
endif

## Lint, types and all tests that this machine can run
test: lint
	$(BIN)/python -m pytest -n auto
	$(MAKE) --no-print-directory test-desktop

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

## The desktop module inside a real Slicer: make test-desktop SLICER=<executable>
test-desktop: $(VENV)/ready
ifeq ($(SLICER),)
	@echo "skipped: no Slicer"
else
	$(BIN)/python Testing/Python/desktop/run.py "$(SLICER)"
endif

## The tables of the README
bench: $(VENV)/ready
	$(BIN)/python Testing/Benchmarks/overhang_accuracy.py

clean:
	rm -rf $(VENV) out
