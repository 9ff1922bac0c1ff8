# Needs Python 3.10 to 3.13, make and git; everything else goes into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= out/demo
PHANTOM := out/phantom/grey.nrrd
CELL ?=
VOXEL ?=
SLICER ?= $(shell command -v Slicer 2>/dev/null)

# Where to take torch from, e.g. PIP_TORCH="--extra-index-url https://download.pytorch.org/whl/cpu" for the build without GPU.
PIP_TORCH ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo demo-model demo-movie models test lint test-desktop tutorial bench bench-speed bench-objects bench-models bench-movies clean

$(VENV)/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 10) <= sys.version_info < (3, 14) else "Python 3.10 to 3.13 is needed, this is " + sys.version.split()[0] + " (make PYTHON=python3.12 ...)")'
	$(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV): 1.7 GB, one to three minutes"
	$(PIP) -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# With networks: what training and applying models needs.
$(VENV)/ready-segment: requirements-segment.txt $(VENV)/ready
	@echo "installing torch and MONAI into $(VENV): 1 GB, with GPU packages 5 GB"
	$(PIP) $(PIP_TORCH) -r requirements-segment.txt
	@touch $@

## The main job: on a generated cell, or on your own with CELL=<path> VOXEL=<z,y,x in µm>
demo: $(VENV)/ready $(if $(CELL),,$(PHANTOM))
	$(BIN)/batterycell analyze "$(or $(CELL),$(PHANTOM))" $(if $(VOXEL),--voxel-size "$(VOXEL)") --out "$(OUT)" --overwrite

# Made again only when the cell factory changes.
$(PHANTOM): $(wildcard BatteryCellAnalysis/batterycell/phantom/*.py) | $(VENV)/ready
	$(BIN)/batterycell phantom cell --preset demo --out $(@D) --overwrite

## A network trained on generated cathodes, applied and judged
demo-model: $(VENV)/ready-segment
	$(BIN)/batterycell phantom microstructure --images 13 --size 192 --seed 1 --out out/demo-model/cathodes --overwrite
	$(BIN)/batterycell train out/demo-model/cathodes --effort quick --out out/demo-model/model --overwrite
	$(BIN)/batterycell segment out/demo-model/cathodes/test/images --model out/demo-model/model --out out/demo-model/predicted --overwrite
	$(BIN)/batterycell evaluate out/demo-model/predicted out/demo-model/cathodes/test/labels --out out/demo-model/evaluation --overwrite

## X-ray movies of a generated particle at two rates: lithium from photons, rates, and the reaction's law beside the voltage (a minute or two)
demo-movie: $(VENV)/ready-segment
	$(BIN)/batterycell phantom movie --preset small --c-rates 0.5,2 --frames 20 --lithium --drift 2 --out out/demo-movie/movies --overwrite
	$(BIN)/batterycell movie chemistry out/demo-movie/movies/movie-1.tif --end-member FePO4=out/demo-movie/movies/FePO4.txt --end-member LiFePO4=out/demo-movie/movies/LiFePO4.txt --out out/demo-movie/chemistry --overwrite
	$(BIN)/batterycell movie kinetics out/demo-movie/chemistry --out out/demo-movie/kinetics --overwrite
	$(BIN)/batterycell movie invert out/demo-movie/movies/lithium-1 out/demo-movie/movies/lithium-2 --voltage out/demo-movie/movies/voltage-1.csv --voltage out/demo-movie/movies/voltage-2.csv --same-particles --out out/demo-movie/law --overwrite

## The models that ship, trained again on generated specimens only: 35 and 75 minutes on 2 cores; broken off, it goes on
models: out/models/cell-overhang out/models/cathode-microstructure
	@echo "to ship them, copy the folders of out/models to BatterySegmentationWizard/Resources/Models, and their files' names to its CMakeLists.txt"

out/models/%: | $(VENV)/ready-segment
	$(BIN)/python -m batterycell.pretrain $* --out $@

## Lint, types and all tests that this machine can run
# There is a process of tests for every core: threads of their own would wait for one another.
test: $(VENV)/ready-segment lint
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal
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

## The pictures of the tutorials, pressed in a real Slicer on the real cell, into out/desktop (CONTRIBUTING.md)
tutorial: $(VENV)/ready
	$(BIN)/python Testing/Python/desktop/run.py "$(SLICER)" tutorial tutorial_wizard tutorial_objects tutorial_movie

## The tables of docs/figures.md; some need real data (CONTRIBUTING.md); an hour on 2 cores
bench: $(VENV)/ready-segment
	$(BIN)/python Testing/Benchmarks/overhang_accuracy.py
	$(BIN)/python Testing/Benchmarks/winding_accuracy.py
	$(BIN)/python Testing/Benchmarks/ruler_accuracy.py
	$(BIN)/python Testing/Benchmarks/look_speed.py
	$(BIN)/python Testing/Benchmarks/metrology_accuracy.py --seeds 38
	$(BIN)/python Testing/Benchmarks/can_accuracy.py
	$(BIN)/python Testing/Benchmarks/pouch_accuracy.py
	$(BIN)/python Testing/Benchmarks/inclusion_accuracy.py
	$(BIN)/python Testing/Benchmarks/overhang_objects.py
	$(BIN)/python Testing/Benchmarks/winding_slice.py
	$(BIN)/python Testing/Benchmarks/real_cell.py
	$(BIN)/python Testing/Benchmarks/repeatability.py
	$(BIN)/python Testing/Benchmarks/whole_cell_speed.py
	$(BIN)/python Testing/Benchmarks/big_cell.py
	$(MAKE) --no-print-directory bench-speed

## Each beside the peer that one would otherwise take, in the same run; peers that are not installed are left out
bench-speed: $(VENV)/ready-segment
	$(BIN)/python Testing/Benchmarks/apply_speed.py
	$(BIN)/python Testing/Benchmarks/training_throughput.py
	$(BIN)/python Testing/Benchmarks/reslice_speed.py
	$(BIN)/python Testing/Benchmarks/cluster.py
	$(BIN)/python Testing/Benchmarks/instances_speed.py

## The tables of objects and microstructure; peers that are not installed are left out
bench-objects: $(VENV)/ready-segment
	$(BIN)/python Testing/Benchmarks/instances_values.py
	$(BIN)/python Testing/Benchmarks/instances_speed.py --size 512 --objects 100000
	$(BIN)/python Testing/Benchmarks/instances_stream.py --gb 4
	$(BIN)/python Testing/Benchmarks/instances_stream_road.py --gb 4
	$(BIN)/python Testing/Benchmarks/instances_large.py --size 1000
	$(BIN)/python Testing/Benchmarks/instances_parted.py --size 512
	$(BIN)/python Testing/Benchmarks/instances_shapes.py
	$(BIN)/python Testing/Benchmarks/instances_shapes_speed.py
	$(BIN)/python Testing/Benchmarks/microstructure_values.py
	$(BIN)/python Testing/Benchmarks/microstructure_truth.py

## The tables on networks: two hours on 2 cores
bench-models: $(VENV)/ready-segment
	$(BIN)/python Testing/Benchmarks/recipe_50_epochs.py
	$(BIN)/python Testing/Benchmarks/overhang_model.py
	$(BIN)/python Testing/Benchmarks/fibsem_lco.py --out out/fibsem_lco
	$(BIN)/python Testing/Benchmarks/training_throughput.py
	$(BIN)/python Testing/Benchmarks/apply_speed.py
	$(BIN)/python Testing/Benchmarks/apply_seams.py
	$(BIN)/python Testing/Benchmarks/apply_cell.py
	$(BIN)/python Testing/Benchmarks/kill_resume.py
	$(BIN)/python Testing/Benchmarks/cell_overhang_model.py
	$(BIN)/python Testing/Benchmarks/cathode_model.py
	$(BIN)/python Testing/Benchmarks/model_calibration.py
	$(BIN)/python Testing/Benchmarks/familiarity.py
	$(BIN)/python Testing/Benchmarks/fine_tuning.py

## The tables on X-ray movies
bench-movies: $(VENV)/ready
	$(BIN)/python Testing/Benchmarks/movie_chemistry.py
	$(BIN)/python Testing/Benchmarks/movie_kinetics.py
	$(BIN)/python Testing/Benchmarks/movie_law.py --seeds 3 --size 24 --frames 15
	$(BIN)/python Testing/Benchmarks/movie_law.py --timing

clean:
	rm -rf $(VENV) out
