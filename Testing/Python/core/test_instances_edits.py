"""Objects are merged, split and removed by hand; numbers stay, everything is logged and kept as JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.instances.edit.edits import Edit, apply_edits, compact, read_edits
from batterycell.instances.find.label import label_instances
from batterycell.instances.instances import Instances
from batterycell.instances.settings import LabelSettings
from batterycell.slabs import SlabSource
from numpy.typing import NDArray

CUBE = (1.0, 1.0, 1.0)
SHAPE = (25, 27, 80)


def balls(
    *centres: tuple[int, int, int], radius: float = 8.0, shape: tuple[int, int, int] = SHAPE
) -> NDArray[np.uint8]:
    grid = np.indices(shape)
    inside = np.zeros(shape, bool)
    for centre in centres:
        inside |= sum((axis - c) ** 2 for axis, c in zip(grid, centre, strict=True)) <= radius**2
    return inside.astype(np.uint8)


def label(labels: NDArray[np.uint8], settings: LabelSettings | None = None) -> Instances:
    return label_instances(SlabSource.of_array(labels), CUBE, settings)


def edit(found: Instances, *edits: dict[str, Any]) -> Instances:
    return apply_edits(found, read_edits(edits), CUBE)


def assert_known(found: Instances) -> None:
    """What is said of the objects is what their voxels say."""
    for number in range(1, found.count + 1):
        places = np.argwhere(found.labels == number)
        assert found.voxels[number] == len(places)
        if len(places):
            assert found.boxes[number].tolist() == [*places.min(axis=0), *places.max(axis=0)]
            ends = np.array(found.labels.shape) - 1
            assert found.on_border[number] == bool(((places == 0) | (places == ends)).any())


@pytest.fixture
def three() -> Instances:
    return label(balls((12, 12, 10), (12, 13, 40), (12, 14, 71)))


@pytest.fixture
def dumbbell() -> Instances:
    return label(balls((12, 13, 30), (12, 13, 44)))


def test_merged_objects_keep_the_lowest_number(three: Instances) -> None:
    found = edit(three, {"kind": "merge", "ids": [3, 1]})
    assert np.array_equal(found.labels == 1, (three.labels == 1) | (three.labels == 3))
    assert found.voxels.tolist() == [0, three.voxels[1] + three.voxels[3], three.voxels[2], 0]
    assert found.on_border[1]
    assert_known(found)


def test_removed_objects_are_nothing_and_the_others_keep_their_numbers(three: Instances) -> None:
    found = edit(three, {"kind": "remove", "ids": [2]})
    assert set(np.unique(found.labels)) == {0, 1, 3}
    assert found.weights[2] == 0
    assert_known(found)


def test_a_split_divides_at_the_neck(dumbbell: Instances) -> None:
    found = edit(dumbbell, {"kind": "split", "ids": [1]})
    assert found.count == 2
    left, right = (np.argwhere(found.labels == number)[:, 2] for number in (1, 2))
    assert sorted([int(left.max()), int(right.max())])[0] in (36, 37)
    assert abs(int(found.voxels[1]) - int(found.voxels[2])) < 0.1 * found.voxels[1]
    assert found.voxels[1] >= found.voxels[2], "the larger part keeps the number"
    assert_known(found)


def test_every_point_gets_a_part_of_its_own() -> None:
    chain = label(balls((12, 13, 15), (12, 13, 29), (12, 13, 43), (12, 13, 57)))
    points = [[57, 13, 12], [16, 14, 12], [43, 13, 12]]
    found = edit(chain, {"kind": "split", "ids": [1], "points": points})
    assert [int(found.labels[k, j, i]) for i, j, k in points] == [1, 2, 3]
    assert found.count == 3
    assert found.voxels[1:].sum() == chain.voxels[1]
    assert found.voxels[2] + found.voxels[3] > 2.9 * found.voxels[1], "the ball without a point goes to a neighbour"
    assert_known(found)


def test_points_in_one_hill_are_cut_half_way() -> None:
    found = edit(label(balls((12, 13, 30))), {"kind": "split", "ids": [1], "points": [[26, 13, 12], [33, 13, 12]]})
    assert np.argwhere(found.labels == 1)[:, 2].max() == 29
    assert np.argwhere(found.labels == 2)[:, 2].min() == 30


def test_an_object_without_a_neck_is_cut_across() -> None:
    rod = np.zeros(SHAPE, np.uint8)
    rod[10:14, 10:14, 20:60] = 1
    found = edit(label(rod), {"kind": "split", "ids": [1]})
    assert found.voxels[1:].tolist() == [320, 320]


@pytest.mark.parametrize("dimension", [2, 3])
def test_blocks_on_a_bridge_are_split_at_the_bridge(dimension: int) -> None:
    blocks = np.zeros((1 if dimension == 2 else 16, 16, 60), np.uint8)
    blocks[:, :, 8:24] = blocks[:, :, 32:56] = blocks[-9:, 4:9, 24:32] = 1
    found = edit(label(blocks), {"kind": "split", "ids": [1]})
    larger = np.argwhere(found.labels == 1)[:, 2]
    assert found.count == 2
    assert 24 <= larger.min() <= 32
    assert larger.max() == 55
    assert_known(found)


def test_an_object_in_two_pieces_is_split_into_them(three: Instances) -> None:
    merged = {"kind": "merge", "ids": [1, 2]}
    found = edit(three, merged, {"kind": "split", "ids": [1]})
    parts = {frozenset(map(int, np.unique(three.labels[found.labels == number]))) for number in (1, 4)}
    assert parts == {frozenset({1}), frozenset({2})}
    assert found.voxels[2] == 0, "a number that was given up is not used again"
    assert_known(found)


def random_edit(found: Instances, rng: np.random.Generator) -> Edit:
    ids = np.flatnonzero(found.voxels > 1)
    kind = rng.choice(["merge", "split", "split", "remove"])
    if kind == "merge":
        return Edit("merge", tuple(rng.choice(ids, 2, replace=False).tolist()))
    number = int(rng.choice(ids))
    places = np.argwhere(found.labels == number)[:, ::-1]
    count = int(rng.integers(2, 4)) if kind == "split" and len(places) > 3 and rng.random() < 0.5 else 0
    points = rng.choice(places, count, replace=False).tolist()
    return Edit("split" if kind == "split" else "remove", (number,), tuple((i, j, k) for i, j, k in points))


@pytest.mark.parametrize("seed", range(12))
def test_after_any_edits_what_is_known_is_what_the_voxels_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = (rng.random((5, 9, 11)) < 0.3).astype(np.uint8)
    found = label(labels, LabelSettings(connectivity=6))
    for _ in range(6):
        one = random_edit(found, rng)
        found = apply_edits(found, [one], CUBE)
        assert len({int(found.labels[k, j, i]) for i, j, k in one.points}) == len(one.points)
    assert_known(found)
    assert_known(compact(found))


def test_to_undo_is_to_apply_all_but_the_last(three: Instances) -> None:
    before = three.labels.copy()
    edits = read_edits([{"kind": "merge", "ids": [1, 2]}, {"kind": "remove", "ids": [3]}])
    assert np.array_equal(apply_edits(three, edits[:-1], CUBE).labels == 3, before == 3)
    assert np.array_equal(apply_edits(three, (), CUBE).labels, before)
    assert np.array_equal(three.labels, before)


def test_edits_in_place_take_no_second_volume(three: Instances) -> None:
    found = apply_edits(three, read_edits([{"kind": "remove", "ids": [3]}]), CUBE, in_place=True)
    assert found.labels is three.labels


def test_numbers_are_without_gaps_once_compact(three: Instances) -> None:
    found = edit(three, {"kind": "merge", "ids": [1, 2]}, {"kind": "split", "ids": [3]})
    packed = compact(found)
    assert set(np.unique(packed.labels)) == {0, 1, 2, 3}
    assert packed.count == 3
    assert packed.voxels[1:].tolist() == found.voxels[[1, 3, 4]].tolist()
    assert_known(packed)
    assert compact(packed) is packed


def test_every_edit_is_told(three: Instances) -> None:
    found = edit(three, {"kind": "merge", "ids": [2, 1]}, {"kind": "split", "ids": [3]}, {"kind": "remove", "ids": [4]})
    assert found.log[-3:] == ("Merged 1, 2 into 1.", "Split 3 into 3, 4.", "Removed 4.")


def test_edits_come_back_from_json() -> None:
    edits = (Edit("merge", (1, 2)), Edit("split", (3,), ((1, 2, 3), (4, 5, 6))), Edit("remove", (9,)))
    assert read_edits(json.loads(json.dumps([one.to_json() for one in edits]))) == edits


def test_in_2d_objects_of_different_slices_stay_apart() -> None:
    labels = np.zeros((2, 9, 9), np.uint8)
    labels[:, 2:4, 2:4] = labels[:, 5:8, 2:8] = 1
    found = label(labels, LabelSettings(2))
    assert edit(found, {"kind": "merge", "ids": [1, 2]}).voxels[1] == 22
    halves = edit(found, {"kind": "split", "ids": [2]})
    assert halves.voxels[[2, 5]].tolist() == [9, 9]
    with pytest.raises(InputError, match="different slices"):
        edit(found, {"kind": "merge", "ids": [1, 3]})


def test_objects_of_two_classes_are_never_one() -> None:
    labels = np.zeros((3, 5, 5), np.uint8)
    labels[1, 1], labels[1, 2] = 1, 2
    with pytest.raises(InputError, match="classes 1, 2"):
        edit(label(labels), {"kind": "merge", "ids": [1, 2]})


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"kind": "paint", "ids": [1]}, "no edit 'paint'"),
        ({"kind": "merge", "ids": [1]}, "alone"),
        ({"kind": "merge", "ids": [1, 1]}, "twice"),
        ({"kind": "merge", "ids": "12"}, "no numbers"),
        ({"kind": "merge", "ids": [1, True]}, "no numbers"),
        ({"kind": "merge", "ids": [1, 9]}, "no object 9"),
        ({"kind": "remove", "ids": []}, "to be removed"),
        ({"kind": "remove", "ids": [0]}, "no object 0"),
        ({"kind": "remove", "ids": [1], "points": [[1, 2, 3], [4, 5, 6]]}, "no sense"),
        ({"kind": "split", "ids": [1, 2]}, "one at a time"),
        ({"kind": "split", "ids": [1], "points": [[10, 12, 12]]}, "One point"),
        ({"kind": "split", "ids": [1], "points": [[10, 12], [10, 11]]}, "Points are"),
        ({"kind": "split", "ids": [1], "points": [[10, 12, 12], [10, 12, 12]]}, "twice"),
        ({"kind": "split", "ids": [1], "points": [[10, 12, 12], [79, 0, 0]]}, "not in object 1"),
        ({"kind": "split", "ids": [1], "points": [[10, 12, 12], [10**9, 0, 0]]}, "not in object 1"),
        ({"kind": "remove", "ids": [1], "why": "x"}, "is no edit"),
        ("remove", "is no edit"),
        (["remove"], "is no edit"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_in_a_line(three: Instances, value: Any, what: str) -> None:
    with pytest.raises(InputError, match=what) as error:
        edit(three, value)
    assert error.value.hint
    assert "\n" not in str(error.value)


def test_a_single_voxel_is_not_split() -> None:
    labels = np.zeros((3, 3, 3), np.uint8)
    labels[1, 1, 1] = 1
    with pytest.raises(InputError, match="single voxel"):
        edit(label(labels), {"kind": "split", "ids": [1]})
