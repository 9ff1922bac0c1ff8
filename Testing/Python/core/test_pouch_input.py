"""What is no stack is told so; which kind of cell a volume shows."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.phantom import preset
from batterycell.pouch import find_kind, find_pouch, measure_pouch
from batterycell.progress import Progress
from batterycell.volume import Volume
from made_cells import made_cell
from pouch_cells import CELLS, measured

DATA = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[4] / "shared" / "data")) / "cell_top_ucl"
rng = np.random.default_rng(1)


def stack_of(array: np.ndarray, size_um: float = 40.0) -> Volume:
    return Volume.from_stack(array, (size_um, size_um, size_um), "test")


def wound_prismatic() -> Volume:
    """Rings of sheets around a flat core: a racetrack in every slice."""
    k, j, i = np.ogrid[:24, :160, :340]
    distance = np.hypot(np.maximum(np.abs(i - 170) - 95, 0), j - 80)
    winding = 30 + 60 * (np.sin(2 * np.pi * distance / 9) > 0.2)
    return stack_of((np.where(distance < 70, winding, 0) + 0 * k).astype(np.uint8))


@pytest.mark.parametrize("name", CELLS)
def test_stacks_are_told_from_rolls(name: str) -> None:
    assert find_kind(measured(name).phantom.volume) == "pouch"


def test_rolls_are_told_from_stacks() -> None:
    volume = made_cell(*preset("small"), seed=3).volume
    assert find_kind(volume) == "cylindrical"
    with pytest.raises(InputError) as caught:
        find_pouch(volume)
    assert caught.value.code == "no-stack"


@pytest.mark.real
def test_the_real_cell_is_a_roll() -> None:
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is absent")
    import tifffile

    array = np.stack([tifffile.imread(path) for path in sorted(DATA.glob("im*.tif"))])
    assert find_kind(Volume.from_stack(array, (67.94, 33.97, 33.97), "test")) == "cylindrical"


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((30, 40, 50), np.uint8),
        rng.integers(0, 255, (40, 50, 60), dtype=np.uint8),
        np.full((1, 40, 40), 7, np.uint8),
        np.full((40, 40, 40), np.nan, np.float32),
    ],
    ids=["nothing", "noise", "one slice", "no numbers"],
)
def test_what_shows_no_layers_is_no_stack(array: np.ndarray) -> None:
    assert find_kind(stack_of(array)) == "cylindrical"
    with pytest.raises(InputError) as caught:
        find_pouch(stack_of(array))
    assert caught.value.code == "no-stack"
    assert caught.value.hint


def test_a_wound_prismatic_cell_is_named_and_refused() -> None:
    with pytest.raises(InputError) as caught:
        find_pouch(wound_prismatic())
    assert caught.value.code == "wound-prismatic"
    assert "wound" in caught.value.message


def test_a_stack_without_edges_is_refused() -> None:
    volume = measured("clean").phantom.volume
    _, j, i = volume.array.shape
    middle = volume.array[:, int(0.4 * j) : int(0.6 * j), int(0.4 * i) : int(0.6 * i)]
    with pytest.raises(InputError) as caught:
        find_pouch(replace(volume, array=middle))
    assert caught.value.code in ("no-edge", "no-stack")


def test_layers_finer_than_the_voxels_are_refused() -> None:
    volume = measured("clean").phantom.volume
    coarse = volume.array[::3, ::3, ::3]
    matrix = volume.ijk_to_ras @ np.diag([3.0, 3.0, 3.0, 1.0])
    with pytest.raises(InputError):
        find_pouch(replace(volume, array=coarse, ijk_to_ras=matrix))


def test_a_parallel_pile_of_plates_is_measured_or_refused_but_never_guessed() -> None:
    plates = np.zeros((60, 80, 80), np.uint8)
    plates[::6] = plates[1::6] = 100
    with pytest.raises(InputError):
        measure_pouch(stack_of(plates), find_pouch(stack_of(plates)))


def test_what_is_too_noisy_to_read_is_flagged_not_guessed() -> None:
    volume = measured("clean").phantom.volume
    noisy = np.clip(volume.array + rng.normal(0, 40, volume.array.shape), 0, 255).astype(np.uint8)
    try:
        stage = measure_pouch(replace(volume, array=noisy), find_pouch(replace(volume, array=noisy)), positions=6)
    except InputError:
        return
    table = stage.tables["overhang"]
    error = np.abs(table["overhang_um"] - 500)
    assert np.nanpercentile(error, 90) < 250 or np.isnan(error).mean() > 0.5


def test_a_stop_is_obeyed() -> None:
    cell = measured("clean")
    stop = Progress(is_cancelled=lambda: True)
    with pytest.raises(Cancelled):
        find_pouch(cell.phantom.volume, stop)
    with pytest.raises(Cancelled):
        measure_pouch(cell.phantom.volume, cell.pouch, stop)


def test_progress_rises_to_the_end() -> None:
    cell, seen = measured("clean"), []
    progress = Progress(listener=lambda fraction, _: seen.append(fraction))
    measure_pouch(cell.phantom.volume, cell.pouch, progress.part(0.5, 1.0), positions=4)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
