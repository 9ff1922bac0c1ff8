"""All measures of shape on volumes that are odd: empty, of one voxel, of one object, in blocks of rows, with gaps."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.errors import Cancelled
from batterycell.instances.measures import measure
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_values import noise_regions

MEASURES = ("surface", "sphericity", "euler", "euler_6", "contact", "distance", "feret_max", "feret_min", "convex_hull",
            "solidity", "arc")  # fmt: skip
VOXEL_UM = (3.0, 2.0, 1.5)


def measured(labels: np.ndarray, dimension: int = 3, count: int | None = None) -> Table:
    classes = SlabSource.of_array((labels > 0).astype(np.uint8))
    companions = Companions(dimension=dimension, class_names={0: "pore", 1: "NMC"}, class_labels=classes)
    most = int(labels.max(initial=0)) if count is None else count
    return measure_instances(SlabSource.of_array(labels), most, VOXEL_UM, MEASURES, companions)


def many_voxels() -> np.ndarray:
    """A thousand objects of one voxel each."""
    return np.arange(1, 1001, dtype=np.uint32).reshape(10, 10, 10)


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_volume_without_objects_gives_a_table_without_rows(dimension: int) -> None:
    assert len(measured(np.zeros((3, 4, 5), np.uint32), dimension)) == 0


def test_labels_without_voxels_have_empty_values() -> None:
    table = measured(np.zeros((3, 4, 5), np.uint32), count=2)
    empty = ("surface_um2", "sphericity", "feret_max_um", "feret_min_um", "convex_volume_um3", "solidity", "arc_um",
             "contact_pore_um2", "distance_to_pore_um")  # fmt: skip
    assert all(np.isnan(table[name]).all() for name in empty)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64])
@pytest.mark.parametrize("dimension", [2, 3])
def test_one_object_that_fills_one_voxel_is_the_whole_volume(dtype: type, dimension: int) -> None:
    table = measured(np.ones((1, 1, 1), dtype), dimension)
    assert table["solidity"].tolist() == [1] and table["euler_number"].tolist() == [1]
    assert table["feret_max_um"].tolist() == [3.0 if dimension == 3 else 2.0] == table["arc_um"].tolist()


def test_one_object_that_fills_the_volume() -> None:
    table = measured(np.ones((20, 30, 40), np.uint32))
    assert table["solidity"].tolist() == [1] and table["euler_number"].tolist() == [1]
    assert table["contact_pore_um2"].tolist() == [0] and np.isnan(table["distance_to_pore_um"]).all()


@pytest.mark.parametrize("dimension", [2, 3])
def test_large_slices_in_blocks_of_rows_change_nothing(dimension: int, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = noise_regions((6, 40, 50), dimension)
    whole = measured(labels, dimension)
    monkeypatch.setattr(measure, "SLAB_VOXELS", 7 * 50)
    blocks = measured(labels, dimension)
    for name in whole.data:
        assert blocks[name] == pytest.approx(whole[name], rel=1e-9, nan_ok=True), name


@pytest.mark.parametrize(("name", "words"), [("convex_hull", "Convex hulls"), ("arc", "Arc lengths")])
def test_long_work_after_the_last_slab_is_told_and_can_be_stopped(name: str, words: str) -> None:
    told: list[str] = []
    progress = Progress(lambda _, message: told.append(message), lambda: words in told)
    with pytest.raises(Cancelled):
        measure_instances(SlabSource.of_array(many_voxels()), 1000, VOXEL_UM, [name, "voxels"], progress=progress)


def test_gaps_in_the_labels_change_nothing() -> None:
    labels = noise_regions((8, 20, 20))
    dense, sparse = measured(labels), measured(labels * 3)
    assert np.array_equal(dense["solidity"], sparse["solidity"][2::3])
    assert np.array_equal(dense["surface_um2"], sparse["surface_um2"][2::3])
    assert np.isnan(sparse["arc_um"][1::3]).all()


def test_an_object_in_two_parts_is_one_object() -> None:
    labels = np.zeros((1, 5, 30), np.uint32)
    labels[0, :, :5] = labels[0, :, 25:] = 1
    table = measured(labels, 2)
    assert table["euler_number"].tolist() == [2]
    assert table["solidity"].tolist() == [1 / 3]
    assert table["arc_um"][0] >= table["feret_max_um"][0] > 29 * 1.5
