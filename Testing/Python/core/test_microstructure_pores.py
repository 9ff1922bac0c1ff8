"""Sizes of pores, surfaces and chords against known ones."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.measured import Stage
from batterycell.microstructure import MicrostructureSettings, measure_microstructure
from batterycell.microstructure.pores_room import room_levels
from batterycell.microstructure.representativity_cells import Cells
from batterycell.microstructure.surface_area import Interfaces
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from microstructure_made import boolean_spheres, boolean_surface, gaussian_phase
from numpy.typing import NDArray

QUICK = MicrostructureSettings(tortuosity=False)
CLASSES = {0: "NMC", 1: "Pore"}


def measured(pore: NDArray[np.bool_], voxel: tuple[float, float, float] = (1, 1, 1)) -> dict[str, float]:
    stage: Stage = measure_microstructure(pore.astype(np.uint8), voxel, CLASSES, QUICK)
    return {one.name.removeprefix("microstructure_"): one.value for one in stage.quantities}


def surface(pore: NDArray[np.bool_], voxel: tuple[float, float, float] = (1, 1, 1)) -> float:
    """Surface per volume, of a section boundary per area."""
    cells = Cells.of_volume(pore.shape, voxel, 2 if len(pore) == 1 else 3)
    found = Interfaces(SlabSource.of_array(pore.astype(np.uint8)), (0, 1), cells, cells.dimension)
    found.measure(Progress())
    return float(found.of_pair(0, 1).sum() / (pore.size * np.prod(voxel[3 - cells.dimension :])))


def largest_um(pore: NDArray[np.bool_], voxel: tuple[float, float, float], dimension: int = 3) -> float:
    room = room_levels(pore, voxel, dimension, Progress())
    return float(room.diameters_um[room.level.max()])


@pytest.mark.parametrize("width", [3, 6, 11])
def test_a_gap_between_plates_is_as_wide_as_it_is(width: int) -> None:
    pore = np.zeros((8, 40, 8), bool)
    pore[:, 10 : 10 + width] = True
    # Odd widths have a voxel in their middle, even ones do not: half a voxel more, half a voxel less.
    assert largest_um(pore, (1, 1, 1)) == pytest.approx(width, abs=0.5)
    assert measured(pore)["pore_opening_d90_um"] == pytest.approx(width, abs=1)


def test_a_ball_has_its_diameter_in_voxels_that_are_no_cubes() -> None:
    k, j, i = np.ogrid[-15:16, -30:31, -30:31]
    pore = (2.0 * k) ** 2 + j**2 + i**2 <= 20**2
    assert largest_um(pore, (2, 1, 1)) == pytest.approx(40, abs=1.5)


def test_every_voxel_of_a_ball_is_in_the_largest_sphere_but_for_its_rough_edge() -> None:
    k, j, i = np.ogrid[-15:16, -15:16, -15:16]
    pore = k**2 + j**2 + i**2 <= 12**2
    room = room_levels(pore, (1, 1, 1), 3, Progress())
    assert (room.level[pore] >= room.level.max() - 2).mean() > 0.95
    assert (room.level[~pore] == 0).all()


def test_slices_on_their_own_know_nothing_of_their_neighbours() -> None:
    pore = np.zeros((5, 30, 30), bool)
    pore[2, 5:25, 5:25] = True
    assert largest_um(pore, (1, 1, 1)) == 1.5
    assert largest_um(pore, (1, 1, 1), dimension=2) == pytest.approx(20, abs=1)


def test_two_widths_are_told_apart_by_the_volume_they_fill() -> None:
    pore = np.zeros((4, 60, 90), bool)
    pore[:, 10:15] = True
    pore[:, 30:45] = True
    found = measured(pore)
    assert found["pore_opening_d10_um"] == pytest.approx(5, abs=1.5)
    assert found["pore_opening_d90_um"] == pytest.approx(15, abs=1.5)


def test_the_block_that_is_examined_is_told() -> None:
    pore = gaussian_phase((24, 24, 24), (2, 2, 2), 0.5, 1).astype(np.uint8)
    settings = MicrostructureSettings(tortuosity=False, pore_voxels=4000)
    stage = measure_microstructure(pore, (1, 1, 1), CLASSES, settings)
    assert any("block in its middle" in note for note in stage.notes)


def test_the_surface_of_overlapping_balls_is_that_of_the_boolean_model() -> None:
    found = [surface(boolean_spheres((48, 48, 48), (1, 1, 1), 7, 0.4, seed)) for seed in range(6)]
    assert np.mean(found) == pytest.approx(boolean_surface(7, 0.4, flat=False), rel=0.06)


def test_voxels_that_are_no_cubes_do_not_change_a_surface() -> None:
    voxel = (2.0, 1.0, 1.0)
    found = [surface(boolean_spheres((32, 64, 64), voxel, 8, 0.4, seed), voxel) for seed in range(6)]
    assert np.mean(found) == pytest.approx(boolean_surface(8, 0.4, flat=False), rel=0.07)


def test_a_section_gives_surface_per_volume_as_four_over_pi_of_its_boundary() -> None:
    discs = [boolean_spheres((1, 120, 120), (1, 1, 1), 8, 0.4, seed) for seed in range(10)]
    assert np.mean([surface(one) for one in discs]) == pytest.approx(boolean_surface(8, 0.4, flat=True), rel=0.08)
    assert measured(discs[0])["pore_surface_per_um"] == pytest.approx(4 / np.pi * surface(discs[0]))


def test_surfaces_of_classes_are_the_sums_of_their_interfaces() -> None:
    labels = np.random.default_rng(1).integers(1, 4, (12, 13, 14)).astype(np.uint8)
    cells = Cells.of_volume(labels.shape, (1, 1, 1))
    found = Interfaces(SlabSource.of_array(labels), (1, 2, 3), cells, 3)
    found.measure(Progress())
    total = found.of_pair(1, 2).sum() + found.of_pair(3, 1).sum()
    assert found.of_class(1).sum() == pytest.approx(total)


def test_the_border_of_the_image_is_no_surface() -> None:
    layers = np.zeros((10, 40, 40), bool)
    layers[5:] = True
    # One plane of 40 × 40 in 10 × 40 × 40, within what 13 directions make of a plane.
    assert measured(layers)["pore_surface_per_um"] == pytest.approx(0.1, rel=0.1)


def test_chords_of_layers_are_as_long_as_they_are_thick() -> None:
    layers = np.zeros((1, 64, 40), bool)
    layers[:, np.arange(64) % 16 < 4] = True
    found = measured(layers, (1, 0.5, 0.5))
    # 16 voxels in 7 changes of class: as the border cuts none, 2 µm to within a change.
    assert found["pore_chord_y_um"] == pytest.approx(2, rel=0.16)
    assert np.isnan(found["pore_chord_x_um"])


def test_a_class_has_the_same_surface_and_chords_whether_or_not_what_it_borders_on_is_named() -> None:
    labels = gaussian_phase((1, 96, 96), (0, 4, 4), 0.4, 3).astype(np.uint8) + 1
    both = measure_microstructure(labels, (1, 1, 1), {1: "NMC", 2: "Pore"}, QUICK)
    alone = measure_microstructure(np.where(labels == 1, labels, 0), (1, 1, 1), {1: "NMC"}, QUICK)
    named, unnamed = ({one.name: one.value for one in stage.quantities} for stage in (both, alone))
    for what in ("surface_per_own_um", "chord_y_um", "chord_x_um"):
        assert unnamed[f"microstructure_nmc_{what}"] == named[f"microstructure_nmc_{what}"]
    assert any("have no named class" in note for note in alone.notes)


def test_classes_that_do_not_meet_have_no_interface_and_end_at_what_has_no_class() -> None:
    labels = np.zeros((1, 30, 30), np.uint8)
    labels[:, :10], labels[:, 20:] = 1, 2
    stage = measure_microstructure(labels, (1, 1, 1), {1: "Pore", 2: "NMC"}, QUICK)
    found = {one.name: one for one in stage.quantities}
    assert found["microstructure_interface_pore_nmc_per_um"].value == 0
    assert found["microstructure_pore_surface_per_um"].value > 0
    assert np.isnan(found["microstructure_pore_chord_x_um"].value)
