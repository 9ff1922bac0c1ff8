"""Labels become instances: components of any class and connectivity, the same for every slab, and bad input refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError, UsageError
from batterycell.instances.find.label import label_instances
from batterycell.instances.instances import Instances
from batterycell.instances.settings import LabelSettings
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from numpy.typing import NDArray
from scipy import ndimage

CUBE = (1.0, 1.0, 1.0)
ORDERS = {2: {4: 1, 8: 2}, 3: {6: 1, 18: 2, 26: 3}}


def random_labels(seed: int, shape: tuple[int, int, int] = (11, 17, 19), classes: int = 3) -> NDArray[np.uint8]:
    """Blobs of some classes, between them nothing."""
    rng = np.random.default_rng(seed)
    field = ndimage.gaussian_filter(rng.standard_normal(shape), 0.8)
    return np.digitize(field, np.quantile(field, np.linspace(0.3, 0.9, classes))).astype(np.uint8)


def label(
    labels: NDArray[np.generic], settings: LabelSettings | None = None, depth: int = 0, **words: object
) -> Instances:
    voxels = depth * labels[0].size or None
    return label_instances(SlabSource.of_array(labels), CUBE, settings, slab_voxels=voxels, **words)  # type: ignore[arg-type]


def first_voxels(labels: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Where each number stands first."""
    numbers, first = np.unique(labels, return_index=True)
    return first[numbers > 0]


@pytest.mark.parametrize(("connectivity", "order"), ORDERS[3].items())
@pytest.mark.parametrize("seed", range(3))
def test_objects_are_those_of_scipy_class_by_class(seed: int, connectivity: int, order: int) -> None:
    labels = random_labels(seed)
    found = label(labels, LabelSettings(connectivity=connectivity))
    before = 0
    for value in (1, 2, 3):
        theirs, count = ndimage.label(labels == value, ndimage.generate_binary_structure(3, order))
        ours = np.where(labels == value, found.labels, 0)
        pairs = np.unique(np.stack([ours[labels == value], theirs[labels == value]]), axis=1)
        assert pairs.shape[1] == count == len(np.unique(pairs[0]))
        before += count
    assert found.count == before
    assert (found.labels > 0).sum() == (labels > 0).sum()


@pytest.mark.parametrize(("connectivity", "order"), ORDERS[2].items())
def test_in_2d_the_slices_are_on_their_own(connectivity: int, order: int) -> None:
    labels = random_labels(4)
    found = label(labels, LabelSettings(2, connectivity), depth=4)
    structure = ndimage.generate_binary_structure(2, order)
    counts = [sum(ndimage.label(each == value, structure)[1] for value in (1, 2, 3)) for each in labels]
    assert [len(np.unique(each[each > 0])) for each in found.labels] == counts
    assert found.count == sum(counts)
    assert (found.boxes[1:, 0] == found.boxes[1:, 3]).all()


@pytest.mark.parametrize(("dimension", "connectivity"), [(d, c) for d, known in ORDERS.items() for c in known])
def test_no_slab_depth_changes_anything(dimension: int, connectivity: int) -> None:
    labels, settings = random_labels(5), LabelSettings(dimension, connectivity, (1, 3))
    whole = label(labels, settings)
    for depth in (1, 2, 3, 5, 10):
        part = label(labels, settings, depth)
        for name in ("labels", "classes", "on_border", "voxels", "boxes"):
            assert np.array_equal(getattr(part, name), getattr(whole, name)), (name, depth)


def test_numbers_have_no_gaps_and_follow_the_first_voxels() -> None:
    labels = random_labels(6)
    for settings in (LabelSettings(), LabelSettings(min_voxels=5), LabelSettings(2), LabelSettings(border="exclude")):
        found = label(labels, settings, depth=3)
        assert np.array_equal(np.unique(found.labels[found.labels > 0]), np.arange(1, found.count + 1))
        assert (np.diff(first_voxels(found.labels)) > 0).all()


def test_what_is_known_of_each_object_is_what_scipy_finds() -> None:
    labels = random_labels(7)
    found = label(labels, depth=2)
    assert np.array_equal(found.voxels[1:], np.bincount(found.labels.ravel())[1:])
    for number, box in enumerate(ndimage.find_objects(found.labels), start=1):
        assert found.box(number) == box
        assert set(labels[found.labels == number]) == {found.classes[number]}


def test_a_spiral_through_all_slabs_is_one_object() -> None:
    labels = np.zeros((9, 9, 9), np.uint8)
    labels[:, 0, 0] = labels[8, :, 0] = labels[:, 8, 0] = labels[0, 8, :] = labels[:, 8, 8] = 1
    assert label(labels, LabelSettings(connectivity=6), depth=1).count == 1


def test_only_chosen_classes_become_objects() -> None:
    labels = random_labels(8)
    found = label(labels, LabelSettings(classes=(2,)))
    assert set(found.classes[1:]) == {2}
    assert np.array_equal(found.labels > 0, labels == 2)


def test_small_objects_are_left_out_by_voxels_and_by_diameter() -> None:
    labels = np.zeros((12, 12, 30), np.uint8)
    labels[4:7, 4:7, 4:7] = labels[4:8, 4:8, 12:16] = 1
    assert label(labels, LabelSettings(min_voxels=28)).count == 1
    diameter = np.cbrt(6 / np.pi * 27)
    assert label(labels, LabelSettings(min_size_um=diameter - 1e-6)).count == 2
    few = label(labels, LabelSettings(min_size_um=diameter + 1e-6))
    assert few.count == 1
    assert "1 object was left out: too small." in few.log
    flat = np.sqrt(4 / np.pi * 9)
    assert label(labels[5:6], LabelSettings(2, min_size_um=flat + 1e-6)).count == 1


def test_the_voxel_size_enters_the_least_diameter() -> None:
    labels = np.zeros((5, 9, 9), np.uint8)
    labels[2, 3:6, 3:6] = 1
    source, volume = SlabSource.of_array(labels), 9 * 2.0 * 0.5 * 0.5
    for factor, count in ((0.999, 1), (1.001, 0)):
        settings = LabelSettings(min_size_um=factor * np.cbrt(6 / np.pi * volume))
        assert label_instances(source, (2.0, 0.5, 0.5), settings).count == count


def test_objects_on_the_border_are_flagged_or_left_out() -> None:
    labels = np.zeros((9, 9, 9), np.uint8)
    for k, j, i in product((0, 4, 8), repeat=3):
        labels[k, j, i] = 1
    flagged, excluded = label(labels), label(labels, LabelSettings(border="exclude"))
    assert flagged.on_border[1:].sum() == 26
    assert excluded.count == 1
    assert not excluded.on_border.any()
    flat = label(labels, LabelSettings(2))
    assert flat.on_border[1:].sum() == 24, "in 2D the first and the last slice are no border"


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (7, 4)])
def test_weights_make_up_exactly_for_what_the_border_cuts(size: tuple[int, int]) -> None:
    rows, columns = 10, 12
    total = 0.0
    for j, i in product(range(-size[0], rows), range(-size[1], columns)):
        labels = np.zeros((1, 30, 30), np.uint8)
        labels[0, 10 + j : 10 + j + size[0], 10 + i : 10 + i + size[1]] = 1
        seen = labels[:, 10 : 10 + rows, 10 : 10 + columns]
        total += label(seen).weights.sum() if seen.any() else 0.0
    assert total == pytest.approx(rows * columns), "as many as there are first corners in the window"


def test_all_count_the_same_where_the_border_does_not_matter() -> None:
    found = label(random_labels(9), LabelSettings(border="keep"))
    assert (found.weights[1:] == 1).all()
    assert found.weights[0] == 0


def test_a_single_slice_is_two_dimensional() -> None:
    found = label(random_labels(9)[:1], LabelSettings(connectivity=6))
    assert found.dimension == 2
    assert "one slice" in found.log[0]
    assert not found.on_border[1:].all()


def test_objects_may_live_in_a_file(tmp_path: Path) -> None:
    labels = random_labels(10)
    room = np.lib.format.open_memmap(tmp_path / "instances.npy", "w+", np.dtype(np.uint32), labels.shape)
    found = label(labels, depth=2, out=room)
    assert found.labels is room
    assert np.array_equal(np.load(tmp_path / "instances.npy"), label(labels).labels)
    assert np.array_equal(found.source.read(3, 5), room[3:5])


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int16, np.int64, np.uint16, np.uint64, bool])
def test_every_type_of_whole_numbers_is_taken(kind: type) -> None:
    labels = random_labels(11, classes=1)
    found = label(labels.astype(kind))
    assert np.array_equal(found.labels, label(labels).labels)
    assert any("decimal" in line for line in found.log) == np.issubdtype(kind, np.floating)


def test_arrays_may_be_read_only_turned_and_of_either_byte_order() -> None:
    labels = random_labels(11)
    whole = label(labels)
    fixed = labels.copy()
    fixed.setflags(write=False)
    for stored in (fixed, labels.astype(">u2"), labels.astype(">i4"), np.asfortranarray(labels)):
        assert np.array_equal(label(stored, depth=3).labels, whole.labels)
        settings = LabelSettings(separate="watershed", classes=(1,))
        assert np.array_equal(label(stored, settings).labels, label(labels, settings).labels)


def test_a_volume_without_a_voxel_is_refused() -> None:
    with pytest.raises(InputError, match="no voxel"):
        label(np.zeros((3, 0, 4), np.uint8), depth=1)


def test_numbered_objects_are_not_separated_again_by_mistake() -> None:
    with pytest.raises(InputError, match="400 classes"):
        label(np.arange(1, 401, dtype=np.uint16).reshape(4, 10, 10), LabelSettings(separate="watershed"))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.array([0, -1, 2], np.int16), "labels-negative"),
        (np.array([0.0, -1.0]), "labels-negative"),
        (np.array([0.0, 0.5]), "labels-not-whole"),
        (np.array([0.0, np.nan]), "labels-not-whole"),
        (np.array([0.0, np.inf]), "labels-large"),
        (np.array([0, 2**33], np.uint64), "labels-large"),
        (np.array([0j, 1j]), "labels-type"),
        (np.zeros(4, np.uint8), "labels-empty"),
    ],
)
def test_labels_that_are_none_are_refused_in_a_line(values: NDArray[np.generic], code: str) -> None:
    with pytest.raises(InputError) as error:
        label(values[None, None])
    assert error.value.code == code
    assert error.value.hint
    assert "\n" not in str(error.value)


def test_a_class_that_does_not_occur_is_named_beside_those_that_do() -> None:
    with pytest.raises(InputError, match=r"label 7\. \(Labels are 1, 2, 3\.\)"):
        label(random_labels(12), LabelSettings(classes=(2, 7)))


def test_one_giant_object_is_told_of() -> None:
    labels = np.ones((20, 20, 20), np.uint8)
    labels[10], labels[15] = 0, 0
    assert not any("Object" in line for line in label(labels, LabelSettings(2)).log)
    assert any(line.startswith("Object 1 holds 5") and "watershed" in line for line in label(labels).log)


def test_nothing_left_after_the_filter_is_no_error() -> None:
    found = label(random_labels(13), LabelSettings(min_voxels=10**6))
    assert found.count == 0
    assert not found.labels.any()
    assert len(found.weights) == 1


@pytest.mark.parametrize(
    "words",
    [
        {"dimension": 4},
        {"connectivity": 8},
        {"dimension": 2, "connectivity": 6},
        {"classes": (0,)},
        {"classes": (-1,)},
        {"separate": "magic"},
        {"neck": 1.0},
        {"neck": float("nan")},
        {"crack_um": -1.0},
        {"min_size_um": float("inf")},
        {"border": "cut"},
    ],
)
def test_settings_that_make_no_sense_are_refused(words: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        LabelSettings(**words)  # type: ignore[arg-type]


def test_settings_come_back_from_json_and_from_numpy() -> None:
    assert LabelSettings(classes=tuple(np.array([1, 2]))) == LabelSettings(classes=(1, 2))
    assert LabelSettings(classes=[1, 2]) == replace(LabelSettings(), classes=(1, 2))  # type: ignore[arg-type]


def test_labelling_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        label(random_labels(14), progress=Progress(is_cancelled=lambda: True))


def test_no_more_of_a_file_is_held_than_is_worked_on(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    shape = (256, 256, 512)
    room = np.lib.format.open_memmap(tmp_path / "instances.npy", "w+", np.dtype(np.uint32), shape)
    source = SlabSource(shape, np.dtype(np.uint8), lambda start, stop: np.ones((stop - start, *shape[1:]), np.uint8))
    label_instances(SlabSource((8, *shape[1:]), source.dtype, source.read), CUBE, slab_voxels=1 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = label_instances(source, CUBE, out=room, slab_voxels=1 << 20)
    extra = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert found.voxels.tolist() == [0, np.prod(shape)]
    assert extra < room.nbytes / 2
