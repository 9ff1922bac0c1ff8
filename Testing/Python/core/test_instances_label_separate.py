"""Touching objects are separated at their necks, cracks divide nothing, and slabs change nothing."""

from __future__ import annotations

import edt
import numpy as np
import pytest
from batterycell.instances.find.label import label_instances
from batterycell.instances.instances import Instances
from batterycell.instances.separate.basins import Neighbourhood, climb
from batterycell.instances.separate.depth import Depth
from batterycell.instances.separate.depth_slabs import DepthSlabs
from batterycell.instances.separate.gaps import close_gaps
from batterycell.instances.settings import LabelSettings
from batterycell.slabs import SlabSource
from numpy.typing import NDArray
from scipy import ndimage
from test_instances_edits import balls

CUBE = (1.0, 1.0, 1.0)
LONG = (1.7, 0.8, 0.91)
WATERSHED = LabelSettings(separate="watershed")


def random_labels(seed: int) -> NDArray[np.uint8]:
    field = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((13, 24, 29)), 1.3)
    return np.digitize(field, np.quantile(field, [0.3, 0.85])).astype(np.uint8)


def separate(
    labels: NDArray[np.uint8],
    settings: LabelSettings = WATERSHED,
    voxel_um: tuple[float, float, float] = CUBE,
    depth: int = 0,
) -> Instances:
    source = SlabSource.of_array(labels)
    return label_instances(source, voxel_um, settings, slab_voxels=depth * labels[0].size or None)


@pytest.mark.parametrize("voxel_um", [CUBE, (0.3, 0.3, 0.3), LONG])
@pytest.mark.parametrize("settings", [
    WATERSHED,
    LabelSettings(separate="watershed", crack_um=0.0, connectivity=6),
    LabelSettings(separate="watershed", crack_um=3.0, connectivity=18, classes=(1,), crack_classes=(0,)),
    LabelSettings(2, separate="watershed", crack_um=0.0),
])  # fmt: skip
def test_no_slab_depth_changes_anything(voxel_um: tuple[float, float, float], settings: LabelSettings) -> None:
    labels = random_labels(1)
    whole = separate(labels, settings, voxel_um)
    assert whole.count > 2
    for depth in (1, 2, 5, 12):
        part = separate(labels, settings, voxel_um, depth)
        for name in ("labels", "classes", "voxels", "boxes"):
            assert np.array_equal(getattr(part, name), getattr(whole, name)), (name, depth)


def test_every_voxel_belongs_to_one_object_of_its_class() -> None:
    labels = random_labels(2)
    found = separate(labels, LabelSettings(separate="watershed", crack_um=2.0))
    assert np.array_equal(found.labels > 0, labels > 0)
    assert np.array_equal(found.classes[found.labels], labels)
    assert np.array_equal(np.bincount(found.labels.ravel())[1:], found.voxels[1:])
    numbers, first = np.unique(found.labels, return_index=True)
    assert (np.diff(first[numbers > 0]) > 0).all(), "numbers follow the first voxels"


def test_without_gaps_filled_objects_are_connected() -> None:
    found = separate(random_labels(3), LabelSettings(separate="watershed", crack_um=0.0))
    for number, box in enumerate(ndimage.find_objects(found.labels), start=1):
        assert ndimage.label(found.labels[box] == number, np.ones((3, 3, 3)))[1] == 1


def test_touching_balls_are_two_objects_cut_in_the_middle() -> None:
    found = separate(balls((12, 13, 30), (12, 13, 44)))
    assert found.count == 2
    assert abs(int(found.voxels[1]) - int(found.voxels[2])) < 0.05 * found.voxels[1]
    assert np.argwhere(found.labels == found.labels[12, 13, 30])[:, 2].max() in (36, 37)


@pytest.mark.parametrize(("neck", "count"), [(0.0, 2), (0.3, 2), (0.4, 1), (0.6, 1)])
def test_the_neck_says_what_is_one(neck: float, count: int) -> None:
    # Balls of radius 8 with centres 12 apart: the neck's radius is sqrt(64 - 36) = 5.3, a third narrower.
    labels = balls((12, 13, 30), (12, 13, 42))
    assert separate(labels, LabelSettings(separate="watershed", neck=neck, crack_um=0.0)).count == count


def test_a_crack_through_a_particle_divides_it_only_where_it_counts() -> None:
    labels = balls((12, 13, 30), (12, 13, 44))
    labels[12:14, :, 20:] = 0
    kept = separate(labels, LabelSettings(separate="watershed", crack_um=3.0))
    assert kept.count == 2
    assert kept.voxels[1:].sum() == labels.sum()
    assert separate(labels, LabelSettings(separate="watershed", crack_um=0.0)).count == 4


@pytest.mark.parametrize(("classes", "count"), [((3,), 1), ((0,), 2), ((), 2), ((0, 3), 1)])
def test_only_gaps_of_the_named_classes_are_cracks(classes: tuple[int, ...], count: int) -> None:
    labels = balls((12, 13, 30))
    labels[:, :, 30] *= 3
    settings = LabelSettings(separate="watershed", crack_um=3.0, classes=(1,), crack_classes=classes)
    assert separate(labels, settings).count == count


def test_cracks_are_of_the_lowest_class_where_none_is_named() -> None:
    labels = balls((12, 13, 30)) + np.uint8(1)
    labels[:, :, 30] = 1
    assert separate(labels, LabelSettings(separate="watershed", crack_um=3.0, classes=(2,))).count == 1
    labels[:, :, 30] = 3
    assert separate(labels, LabelSettings(separate="watershed", crack_um=3.0, classes=(2,))).count == 2


def test_the_result_does_not_depend_on_the_unit() -> None:
    labels = random_labels(4)
    one = separate(labels, LabelSettings(separate="watershed", crack_um=2.0))
    other = separate(labels, LabelSettings(separate="watershed", crack_um=0.4), (0.2, 0.2, 0.2))
    assert np.array_equal(one.labels, other.labels)


@pytest.mark.parametrize("voxel_um", [CUBE, LONG])
def test_depth_in_blocks_is_that_of_the_whole(voxel_um: tuple[float, float, float]) -> None:
    labels = np.ones((150, 8, 8), np.uint8)
    labels[5, 3, 3] = labels[140, 6, 6] = 0  # farther from each other than any block looks at first
    depth = Depth(SlabSource.of_array(labels), 1, voxel_um, LabelSettings(crack_um=0.0))
    whole = edt.edt(labels, anisotropy=voxel_um)
    for slices in (1, 7, 60, 150):
        slabs, starts = DepthSlabs(depth, slices), range(0, 150, slices)
        found = np.concatenate([slabs.at(k, min(k + slices, 150))[0][1:-1] for k in starts])
        assert found == pytest.approx(whole, rel=0.005)
        assert np.array_equal(found, depth.between(0, 150)[0][1:-1])


def test_depth_of_a_slab_is_the_same_wherever_its_block_begins() -> None:
    labels = random_labels(5)
    depth = Depth(SlabSource.of_array(labels), 1, LONG, LabelSettings(crack_um=2.0))
    whole = DepthSlabs(depth, len(labels))
    for start in (8, 4, 6, 10, 0):
        parts = DepthSlabs(depth, 6).at(start, start + 2)
        for one, other in zip(parts, whole.at(start, start + 2), strict=True):
            assert np.array_equal(one, other)


@pytest.mark.parametrize("squares", [(1.0, 1.0, 1.0), (4.0, 1.0, 1.0), (np.inf, 1.0, 1.0)])
@pytest.mark.parametrize("half", [1.0, 1.5, 2.0, 2.5])
def test_gaps_are_filled_alike_by_moving_and_by_distances(
    half: float, squares: tuple[float, float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = random_labels(6) > 0

    def distance(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        if squares[0] == np.inf:
            return np.stack([edt.edt(np.ascontiguousarray(each)) for each in mask])
        return np.asarray(edt.edt(mask, anisotropy=np.sqrt(squares)))

    moved = close_gaps(inside, half, squares, distance)
    assert moved.sum() > inside.sum()
    monkeypatch.setattr("batterycell.instances.separate.gaps._MOST_STEPS", 0)
    assert np.array_equal(close_gaps(inside, half, squares, distance), moved)


def test_a_volume_that_is_full_is_one_object() -> None:
    assert separate(np.ones((9, 9, 9), np.uint8), depth=2).count == 1


@pytest.mark.parametrize("order", [1, 2, 3])
def test_neighbours_are_those_of_the_connectivity(order: int) -> None:
    around = Neighbourhood(3, order)
    assert len(around.steps) == {1: 3, 2: 9, 3: 13}[order]
    depth = np.zeros((5, 5, 5), np.float32)
    depth[2, 2, 2] = 2
    structure = ndimage.generate_binary_structure(3, order)
    depth[1:4, 1:4, 1:4][(depth[1:4, 1:4, 1:4] == 0)] = 1
    found = climb(depth, around)
    top = found.labels[1, 2, 2]
    assert np.array_equal(found.labels[:, 1:4, 1:4] == top, structure) or order < 3
    assert (found.labels[:, 1:4, 1:4][structure] == top).all()


def test_the_size_filter_and_the_border_work_on_separated_objects() -> None:
    labels = balls((12, 13, 6), (12, 13, 20), (12, 13, 60))
    labels[0, 0, 40] = 1
    found = separate(labels, LabelSettings(separate="watershed", min_size_um=3.0, border="exclude"))
    assert found.count == 2
    assert not found.on_border.any()


def test_the_rule_is_told() -> None:
    log = separate(balls((12, 13, 30), (12, 13, 44)), voxel_um=(0.25, 0.2, 0.2)).log
    assert any("narrower than the smaller one by 7.5 %" in line and "0.8 µm" in line for line in log)
    without = separate(balls((12, 13, 30)), LabelSettings(separate="watershed", crack_um=0.0)).log
    assert any(line.endswith("by 7.5 %.") for line in without)
