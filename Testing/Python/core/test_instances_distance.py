"""Distance of instances to classes, from edge to edge."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.instances.measures import measure
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.outlines import distance_planes
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_values import noise_regions

VOXEL_UM = (3.0, 2.0, 1.5)
NAMES = {1: "NMC", 2: "crack", 3: "foil"}


def measured(labels: np.ndarray, classes: np.ndarray, dimension: int = 3) -> Table:
    companions = Companions(
        dimension=dimension,
        classes=np.ones(int(labels.max()) + 1, int),
        class_names=NAMES,
        class_labels=SlabSource.of_array(classes),
    )
    return measure_instances(SlabSource.of_array(labels), int(labels.max()), VOXEL_UM, ["distance"], companions)


def two_planes(gap: int, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """A particle and a crack so many voxels apart along an axis."""
    labels, classes = np.zeros((12, 13, 14), np.uint32), np.zeros((12, 13, 14), np.uint8)
    np.moveaxis(labels, axis, 0)[:3], np.moveaxis(classes, axis, 0)[3 + gap] = 1, 2
    return labels, np.where(labels > 0, 1, classes).astype(np.uint8)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("gap", [0, 1, 6])
def test_planes_are_as_far_apart_as_there_is_room_between_them(gap: int, axis: int) -> None:
    assert measured(*two_planes(gap, axis))["distance_to_crack_um"].tolist() == [gap * VOXEL_UM[axis]]


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("slab", [30 * 40, 1 << 21])
def test_distances_are_the_least_of_all_pairs_of_voxels(
    dimension: int, slab: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = noise_regions((16, 30, 40), dimension)
    spots = np.random.default_rng(8).random(labels.shape) < 5e-4
    classes = np.where(labels > 0, 1, np.where(spots, 2, 0)).astype(np.uint8)
    monkeypatch.setattr(measure, "SLAB_VOXELS", slab)
    monkeypatch.setattr(distance_planes, "_KEPT", 1)
    found = measured(labels, classes, dimension)["distance_to_crack_um"]
    cracks = np.argwhere(classes == 2)
    for n in range(1, labels.max() + 1):
        voxels = np.argwhere(labels == n)
        near = cracks if dimension == 3 else cracks[cracks[:, 0] == voxels[0, 0]]
        gaps = np.maximum(np.abs(voxels[:, None] - near) - 1, 0) * VOXEL_UM
        expected = np.sqrt((gaps**2).sum(axis=2)).min() if len(near) else np.nan
        assert found[n - 1] == pytest.approx(expected, rel=1e-6, nan_ok=True)


def test_of_its_own_class_and_of_one_that_is_nowhere_there_is_no_distance() -> None:
    table = measured(*two_planes(2, 0))
    assert np.isnan(table["distance_to_nmc_um"]).all() and np.isnan(table["distance_to_foil_um"]).all()


def test_without_classes_distance_is_told_to_need_them() -> None:
    with pytest.raises(InputError, match="label volume of the classes"):
        measure_instances(SlabSource.of_array(np.ones((2, 2, 2), np.uint32)), 1, VOXEL_UM, ["distance"])
