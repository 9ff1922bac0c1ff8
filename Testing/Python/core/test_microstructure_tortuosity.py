"""Tortuosity factors through taufactor."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.measured import Stage
from batterycell.microstructure import MicrostructureSettings, measure_microstructure
from batterycell.microstructure import stage_steps as stages
from batterycell.microstructure.tortuosity import can_solve
from numpy.typing import NDArray

solved = pytest.mark.skipif(not can_solve(), reason="needs taufactor, an optional package")
CLASSES = {0: "NMC", 1: "Pore"}


def measured(pore: NDArray[np.bool_], voxel: tuple[float, float, float] = (1, 1, 1), most: int = 20_000) -> Stage:
    return measure_microstructure(pore.astype(np.uint8), voxel, CLASSES, MicrostructureSettings(tortuosity_voxels=most))


def factors(stage: Stage) -> dict[str, float]:
    return {one.name[-1]: one.value for one in stage.quantities if "tortuosity" in one.name}


def layers() -> NDArray[np.bool_]:
    """Half of the rows, from end to end along z and x."""
    pore = np.zeros((16, 16, 16), bool)
    pore[:, ::2] = True
    return pore


@solved
def test_straight_pores_have_the_factor_one_and_walls_none() -> None:
    stage = measured(layers())
    found = factors(stage)
    assert (found["z"], found["x"]) == pytest.approx((1, 1), abs=0.02)
    assert np.isnan(found["y"])
    assert any("does not percolate along y" in note for note in stage.notes)


@solved
def test_a_zigzag_is_as_long_as_its_path() -> None:
    pore = np.zeros((8, 40, 40), bool)
    pore[:, :, 4:8] = True
    pore[:, 16:24, 4:36] = True
    pore[:, :16, 4:8] = False
    pore[:, :16, 32:36] = True
    found = factors(measured(pore))["y"]
    # About 60 voxels of a channel 4 to 8 wide instead of 40 straight ones: far above 1, of a known order.
    assert 2 < found < 8


@solved
def test_voxels_that_are_no_cubes_are_made_cubes() -> None:
    rng = np.random.default_rng(1)
    fine = np.repeat(rng.random((12, 24, 24)) < 0.7, 2, axis=0)
    cubes, flat = measured(fine), measured(fine[::2], (2, 1, 1))
    assert factors(flat) == pytest.approx(factors(cubes), rel=0.03)
    told = next(one.description for one in flat.quantities if one.name.endswith("tortuosity_z"))
    assert "24 × 24 × 24 voxels of 1 µm" in told


@solved
def test_large_volumes_are_made_coarser_and_told() -> None:
    pore = np.repeat(layers(), 2, axis=1).repeat(2, axis=2).repeat(2, axis=0)
    stage = measured(pore, most=16**3)
    assert factors(stage)["x"] == pytest.approx(1, abs=0.02)
    assert any("voxels of 2 µm" in one.description for one in stage.quantities)


@solved
def test_a_section_has_two_axes_and_an_interval() -> None:
    pore = np.random.default_rng(1).random((1, 60, 60)) < 0.8
    stage = measured(pore)
    found = {one.name[-1]: one for one in stage.quantities if "tortuosity" in one.name}
    assert set(found) == {"y", "x"}
    assert all(1 < one.value < 3 and 0 < one.uncertainty < 3 for one in found.values())


def test_without_the_library_all_else_is_measured_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "can_solve", lambda: False)
    stage = measured(layers())
    assert factors(stage) == {} and any("taufactor" in note for note in stage.notes)
    assert any(one.name == "microstructure_fraction_pore_percent" for one in stage.quantities)
