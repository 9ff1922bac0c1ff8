"""What percolates, what is cut off."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.microstructure import MicrostructureSettings, connectivity, measure_microstructure
from batterycell.microstructure.connectivity import Connection, measure_connection
from batterycell.microstructure.connectivity_table import connection_table
from batterycell.microstructure.representativity_cells import Cells
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from microstructure_made import gaussian_phase
from numpy.typing import NDArray

QUICK = MicrostructureSettings(tortuosity=False)


def connection(pore: NDArray[np.bool_], dimension: int = 3) -> Connection:
    labels = pore.astype(np.uint8)
    cells = Cells.of_volume(labels.shape, (1, 1, 1), dimension)
    return measure_connection(SlabSource.of_array(labels), 1, "Pore", cells, Progress())


def pipes() -> NDArray[np.bool_]:
    """One pipe through along x (20 voxels), one from the first row inwards (10), one that ends nowhere (5)."""
    pore = np.zeros((9, 20, 20), bool)
    pore[2, 4, :] = True
    pore[6, :10, 4] = True
    pore[4, 12, 5:10] = True
    return pore


def test_pipes_reach_what_they_reach() -> None:
    found = connection(pipes())
    values = {key: share.value for key, share in found.shares.items()}
    assert found.parts == 3
    assert values["x", "through"] == pytest.approx(20 / 35)
    assert values["y", "first"] == pytest.approx(10 / 35) and values["y", "last"] == 0
    assert values["z", "through"] == values["z", "first"] == 0
    assert found.isolated.value == pytest.approx(5 / 35)


def test_corners_do_not_conduct() -> None:
    pore = np.zeros((2, 2, 2), bool)
    pore[0, 0, 0] = pore[1, 1, 1] = True
    assert connection(pore).shares["z", "through"].value == 0


def test_slices_on_their_own_have_no_third_axis() -> None:
    pore = np.zeros((3, 10, 10), bool)
    pore[1, 5] = True
    pore[2, 5, 5] = True
    found = connection(pore, dimension=2)
    assert {axis for axis, _ in found.shares} == {"y", "x"}
    assert found.shares["x", "through"].value == pytest.approx(10 / 11)


def test_shares_have_intervals_within_what_is_possible() -> None:
    share = connection(gaussian_phase((32, 32, 32), (2, 2, 2), 0.3, 1)).shares["x", "through"]
    assert 0 <= share.low <= share.value <= share.high <= 1
    assert share.half > 0


def test_a_class_of_value_zero_is_connected_like_any_other() -> None:
    labels = (~pipes()).astype(np.uint8)
    stage = measure_microstructure(labels, (1, 1, 1), {0: "Pore", 1: "NMC"}, QUICK)
    values = {one.name: one.value for one in stage.quantities}
    assert values["microstructure_pore_percolating_x_percent"] == pytest.approx(100 * 20 / 35)
    assert values["microstructure_pore_isolated_percent"] == pytest.approx(100 * 5 / 35)


def test_a_class_without_voxels_has_no_shares() -> None:
    found = connection(np.zeros((4, 4, 4), bool))
    assert found.parts == 0 and np.isnan(found.isolated.value)


def test_the_table_has_a_row_an_axis_and_kind() -> None:
    table = connection_table([connection(pipes())])
    assert len(table) == 9
    through = (table["axis"] == "x") & (table["kind"] == "through")
    assert table["share_percent"][through] == pytest.approx(100 * 20 / 35)


def test_parts_of_large_volumes_are_kept_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = connection(pipes())
    monkeypatch.setattr(connectivity, "_LARGE", 1)
    found = connection(pipes())
    assert found.isolated.value == expected.isolated.value and found.parts == expected.parts


def test_what_does_not_percolate_and_what_sections_cannot_show_is_told() -> None:
    labels = pipes()[2:3].astype(np.uint8)
    stage = measure_microstructure(labels, (1, 1, 1), {0: "NMC", 1: "Pore"}, QUICK)
    notes = " ".join(stage.notes)
    assert "Nothing of Pore is connected through the image along y" in notes and "those of the section" in notes
