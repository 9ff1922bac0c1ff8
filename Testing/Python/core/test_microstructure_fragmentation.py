"""Cracks, fragments and broken particles in drawn discs and balls whose every crack is known."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.errors import InputError, UsageError
from batterycell.measured import Stage
from batterycell.microstructure.fragmentation.measure import measure_fragmentation, place_fragments
from batterycell.microstructure.fragmentation.settings import FragmentationSettings
from batterycell.slabs import SlabSource
from numpy.typing import NDArray

PORE, ACTIVE, BINDER = 1, 2, 3
UM = (0.1, 0.1, 0.1)
SETTINGS = FragmentationSettings(crack_um=0.6)
Labels = NDArray[np.uint8]


def grid(shape: tuple[int, ...], centre: tuple[float, ...]) -> list[NDArray[np.float64]]:
    return [axis - middle for axis, middle in zip(np.indices(shape), centre, strict=True)]


def disc(radius: float = 30, size: int = 90) -> Labels:
    """One disc in the middle of a slice of pore."""
    return drawn((size, size), [((size / 2, size / 2), radius)])[None]


def drawn(shape: tuple[int, ...], balls: list[tuple[tuple[float, ...], float]]) -> Labels:
    labels = np.full(shape, PORE, np.uint8)
    for centre, radius in balls:
        labels[sum(axis**2 for axis in grid(shape, centre)) < radius**2] = ACTIVE
    return labels


def measure(labels: Labels, settings: FragmentationSettings = SETTINGS, um: tuple[float, float, float] = UM) -> Stage:
    return measure_fragmentation(labels, um, ACTIVE, PORE, settings)


def value(stage: Stage, name: str) -> float:
    return next(one.value for one in stage.quantities if one.name == f"microstructure_{name}")


def row(stage: Stage) -> dict[str, float]:
    """The only particle."""
    table = stage.tables["fragments"]
    assert len(table) == 1
    return {column.name: float(table[column.name][0]) for column in table.columns}


def test_a_whole_particle_has_no_crack_and_one_fragment() -> None:
    found = row(measure(disc()))
    assert (found["cracks"], found["cracked"], found["fragments"], found["broken"], found["crack_um2"]) == (
        0,
        0,
        1,
        0,
        0,
    )
    assert found["solid_um2"] == pytest.approx(np.pi * 3**2, rel=0.01)
    assert found["equivalent_diameter_um"] == pytest.approx(6, rel=0.01)


def test_a_crack_has_its_area_length_and_width_and_does_not_break_by_itself() -> None:
    labels = disc()
    labels[0, 43:47, 25:60] = PORE
    found = row(measure(labels))
    assert (found["cracks"], found["cracked"], found["fragments"], found["broken"]) == (1, 1, 1, 0)
    assert found["crack_um2"] == pytest.approx(0.4 * 3.5)
    assert found["crack_length_um"] == pytest.approx(3.5, rel=0.05)
    assert found["crack_width_um"] == pytest.approx(0.4, rel=0.2)
    assert found["crack_percent"] == pytest.approx(100 * 1.4 / (np.pi * 9), rel=0.01)


@pytest.mark.parametrize("width", [1, 3, 5])
def test_a_crack_from_side_to_side_breaks_a_particle_in_two(width: int) -> None:
    labels = disc()
    labels[0, 40 : 40 + width] = PORE
    found = row(measure(labels))
    assert (found["fragments"], found["broken"], found["cracked"]) == (2, 1, 1)


def test_crossing_cracks_make_four_fragments_and_a_wider_gap_makes_two_particles() -> None:
    labels = disc()
    labels[0, 43:46], labels[0, :, 43:46] = PORE, PORE
    assert row(measure(labels))["fragments"] == 4
    labels = disc()
    labels[0, 40:50] = PORE
    assert len(measure(labels).tables["fragments"]) == 2


def test_a_round_void_is_no_crack() -> None:
    labels = disc()
    labels[0][sum(axis**2 for axis in grid((90, 90), (40, 40))) < 2.5**2] = PORE
    found = row(measure(labels))
    assert (found["cracks"], found["crack_um2"]) == (0, 0)
    assert found["void_um2"] == pytest.approx(0.01 * np.pi * 2.5**2, rel=0.15)


def test_a_notch_in_the_outline_is_no_crack() -> None:
    labels = disc()
    j, i = grid((90, 90), (20, 45))
    labels[0][np.abs(i) < 0.7 * (5 - j)] = PORE
    assert row(measure(labels))["cracked"] == 0


def test_binder_in_a_gap_is_no_crack() -> None:
    labels = disc()
    labels[0, 20:22, 38:52] = BINDER
    assert row(measure(labels))["crack_um2"] == 0


def test_particles_that_touch_or_nearly_touch_are_not_fragments() -> None:
    for apart in (40, 43, 45):
        labels = drawn((90, 130), [((45, 40), 20), ((45, 40 + apart), 20)])[None]
        table = measure(labels).tables["fragments"]
        assert (len(table), table["broken"].sum(), table["cracked"].sum()) == (2, 0, 0), apart


def test_specks_are_no_fragments() -> None:
    labels = disc()
    labels[0, 43:46], labels[0, 20:42, 30] = PORE, PORE
    labels[0, 44, 44] = ACTIVE
    assert row(measure(labels))["fragments"] == 2


def test_a_broken_ball_is_broken_in_3d_and_cracked_only_within() -> None:
    labels = drawn((48, 48, 48), [((24, 24, 24), 18)])
    half = labels.copy()
    labels[23:26] = PORE
    found = row(measure(labels))
    assert (found["fragments"], found["broken"], found["cracked"]) == (2, 1, 1)
    half[23:26, 10:30, 10:30] = PORE
    found = row(measure(half))
    assert (found["fragments"], found["broken"], found["cracks"]) == (1, 0, 1)
    assert found["crack_um3"] == pytest.approx(0.3 * 2 * 2, rel=0.05)
    assert found["crack_width_um"] == pytest.approx(0.3, rel=0.3)


def test_voxels_of_another_shape_change_nothing() -> None:
    cubes = drawn((48, 48, 48), [((23.5, 23.5, 23.5), 18)])
    cubes[22:26, :, 24:] = PORE
    flat = cubes[::2]
    one, other = row(measure(cubes)), row(measure(flat, um=(0.2, 0.1, 0.1)))
    for name in ("crack_percent", "solid_um3", "equivalent_diameter_um", "crack_length_um"):
        assert other[name] == pytest.approx(one[name], rel=0.1), name


def test_lengths_scale_with_the_voxel_and_shares_do_not() -> None:
    labels = disc()
    labels[0, 43:47, 25:60] = PORE
    one = row(measure(labels))
    two = row(measure(labels, FragmentationSettings(crack_um=1.2), (0.2, 0.2, 0.2)))
    assert two["crack_length_um"] == pytest.approx(2 * one["crack_length_um"])
    assert two["crack_um2"] == pytest.approx(4 * one["crack_um2"])
    assert two["crack_percent"] == pytest.approx(one["crack_percent"])


def test_slices_on_their_own_have_particles_of_their_own() -> None:
    stack = np.repeat(disc(), 5, axis=0)
    stack[2, 44:46] = PORE
    stage = measure(stack, FragmentationSettings(dimension=2, crack_um=0.6))
    table = stage.tables["fragments"]
    assert table["fragments"].tolist() == [1, 1, 2, 1, 1]
    assert table["k"].tolist() == [0, 1, 2, 3, 4]
    assert any("slices" in note for note in stage.notes)


def test_what_the_border_may_cut_weighs_nothing() -> None:
    labels = drawn((90, 180), [((45, 45), 20), ((45, 178), 20)])[None]
    labels[0, 44:46, 120:] = PORE
    stage = measure(labels)
    table = stage.tables["fragments"]
    assert table["on_border"].tolist() == [0, 1] and table["broken"].tolist() == [0, 1]
    assert (table["weight"] > 0).tolist() == [True, False]
    assert value(stage, "broken_percent") == 0
    assert value(stage, "particle_count") == 2


def test_labels_in_slabs_give_the_same_and_places_follow_the_volume() -> None:
    labels = drawn((40, 50, 60), [((20, 20, 20), 12), ((20, 30, 45), 12)])
    labels[19:22, 20:] = PORE
    one = measure(labels)
    two = measure_fragmentation(SlabSource.of_array(labels), UM, ACTIVE, PORE, SETTINGS)
    assert all(np.array_equal(one.tables["fragments"][name], values, equal_nan=True)
               for name, values in two.tables["fragments"].data.items())  # fmt: skip
    placed = place_fragments(one, np.diag([2.0, 3.0, 4.0, 1.0])).tables["fragments"]
    assert placed["a_mm"] == pytest.approx(3 * placed["j"])


def test_of_no_active_material_and_of_wrong_settings_one_sentence_tells() -> None:
    with pytest.raises(InputError, match="No voxel has the label 2"):
        measure(np.ones((1, 20, 20), np.uint8))
    with pytest.raises(InputError, match="large enough"):
        measure(disc(3))
    for wrong in ({"crack_um": 0.0}, {"dimension": 4}, {"enclosed": 1.0}, {"crack_um": float("nan")}):
        with pytest.raises(UsageError):
            FragmentationSettings(**wrong)  # type: ignore[arg-type]
