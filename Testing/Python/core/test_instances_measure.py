"""Measures of instances: values, as many as there are, in one pass."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.errors import InputError, UsageError
from batterycell.instances.context import Companions
from batterycell.instances.measure import measure_instances
from batterycell.slabs import SlabSource

VOXEL_UM = (3.0, 2.0, 1.5)


def two_boxes() -> SlabSource:
    """A box of 2 × 3 × 4 voxels, label 1, and one voxel, label 3."""
    labels = np.zeros((5, 6, 7), np.uint32)
    labels[1:3, 2:5, 3:7] = 1
    labels[4, 0, 0] = 3
    return SlabSource.of_array(labels)


def test_one_row_an_instance_gaps_included() -> None:
    table = measure_instances(two_boxes(), 3, VOXEL_UM, ["voxels", "volume"])
    assert table["n"].tolist() == [1, 2, 3]
    assert table["voxels"].tolist() == [24, 0, 1]
    assert table["volume_um3"].tolist() == [24 * 9, 0, 9]


def test_in_two_dimensions_the_area_is_measured() -> None:
    labels = np.zeros((2, 4, 5), np.uint32)
    labels[0, 1:3, 1:4], labels[1, 0, 0] = 1, 3
    table = measure_instances(SlabSource.of_array(labels), 3, VOXEL_UM, ["volume"], Companions(dimension=2))
    assert table["area_um2"].tolist() == [6 * 3, 0, 3]
    assert table["slice"].tolist() == [0, -1, 1]


def test_an_object_of_several_slices_cannot_be_measured_in_two_dimensions() -> None:
    with pytest.raises(InputError, match="Object 1 lies in several slices"):
        measure_instances(two_boxes(), 3, VOXEL_UM, ["volume"], Companions(dimension=2))


def test_an_unknown_measure_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no measure weight.*voxels"):
        measure_instances(two_boxes(), 3, VOXEL_UM, ["weight"])


def test_more_labels_than_instances_are_told() -> None:
    with pytest.raises(InputError, match="label 3 among 2"):
        measure_instances(two_boxes(), 2, VOXEL_UM, ["voxels"])
