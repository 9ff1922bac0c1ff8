"""Mixed samples are divided honestly, what is missing is said, datasets survive the disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.segment import Dataset, Frame, Image, Levels, Role, Sample, SegmentClass, TrainSettings
from batterycell.segment.data import Project, make_dataset
from batterycell.segment.data.checks import find_problems, require_trainable
from batterycell.segment.data.files import ARRAYS_FILE, JSON_FILE, read_dataset, write_dataset
from batterycell.segment.data.split import split_mixed
from batterycell.volume import Volume
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_cdt

CLASSES = tuple(SegmentClass(name, "#123456") for name in ("pore", "particle", "binder"))
SETTINGS = TrainSettings()
BOTH: tuple[Role, ...] = ("training", "validation")


def made_sample(labels: NDArray[np.int64], role: Role = "mixed", source: str = "cell") -> Sample:
    stack = np.asarray(labels, np.uint8).reshape(-1, *labels.shape[-2:])
    image = np.random.default_rng(0).integers(0, 255, (1, *stack.shape), np.uint8)
    return Sample(f"frame of {source}", source, image, stack, (Levels(0, 255),), (60.0, 30.0, 30.0), role)


def everywhere(*shape: int, seed: int = 0) -> NDArray[np.int64]:
    """Labels of all three classes at every pixel."""
    return np.random.default_rng(seed).integers(1, 4, shape)


def scribbles() -> NDArray[np.int64]:
    labels = np.zeros((256, 256), np.int64)
    labels[20:23, 10:110] = 1
    labels[100:103, 150:220] = 2
    labels[180:240, 40:42] = 3
    return labels


def dataset_of(*samples: Sample) -> Dataset:
    return Dataset(CLASSES, samples)


def sides(divided: Dataset) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pixels of the one divided frame train and which validate, in any slice."""
    (training,), (validation,) = divided.of_role("training"), divided.of_role("validation")
    return (training.labels > 0).any(0), (validation.labels > 0).any(0)


def classes_in(samples: tuple[Sample, ...]) -> set[int]:
    return {int(value) for sample in samples for value in np.unique(sample.labels)} - {0}


@pytest.mark.parametrize("shape", [(1, 200, 300), (1, 40, 40), (18, 96, 128), (1, 24, 400)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sides_never_touch(shape: tuple[int, ...], seed: int) -> None:
    training, validation = sides(split_mixed(dataset_of(made_sample(everywhere(*shape))), 0.25, seed))
    assert training.any() and validation.any()
    assert distance_transform_cdt(~training, "chessboard")[validation].min() >= 3


def test_large_frames_keep_eight_pixels_between_the_sides() -> None:
    training, validation = sides(split_mixed(dataset_of(made_sample(everywhere(1, 512, 512))), 0.25, 0))
    assert distance_transform_cdt(~training, "chessboard")[validation].min() > 8


def test_labels_are_kept_where_they_were_and_little_is_lost() -> None:
    sample = made_sample(everywhere(1, 512, 512))
    divided = split_mixed(dataset_of(sample), 0.25, 0)
    kept = sum(one.labels.astype(int) for one in divided.samples)
    assert set(np.unique(kept[kept != sample.labels])) == {0}
    assert np.mean(kept == sample.labels) > 0.9
    assert all(one.image is sample.image for one in divided.samples)


@pytest.mark.parametrize("part", [0.1, 0.25, 0.5])
def test_the_part_that_was_asked_for_validates(part: float) -> None:
    training, validation = sides(split_mixed(dataset_of(made_sample(everywhere(1, 400, 400))), part, 0))
    assert validation.sum() / (validation.sum() + training.sum()) == pytest.approx(part, abs=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_scribbles_of_each_class_stand_on_both_sides(seed: int) -> None:
    divided = split_mixed(dataset_of(made_sample(scribbles())), 0.25, seed)
    assert classes_in(divided.of_role("training")) == classes_in(divided.of_role("validation")) == {1, 2, 3}


def test_a_class_with_a_single_spot_trains() -> None:
    labels = scribbles()
    labels[labels == 2] = 0
    labels[130, 130] = 2
    for seed in range(5):
        assert 2 in classes_in(split_mixed(dataset_of(made_sample(labels)), 0.25, seed).of_role("training"))


def test_slices_of_one_image_are_divided_alike() -> None:
    samples = [made_sample(everywhere(1, 120, 120, seed=n)) for n in range(3)]
    divided = split_mixed(dataset_of(*samples), 0.25, 0)
    masks = [one.labels[0] > 0 for one in divided.of_role("training")]
    assert np.array_equal(masks[0], masks[1]) and np.array_equal(masks[0], masks[2])


def test_the_same_seed_divides_alike_and_another_does_not() -> None:
    dataset = dataset_of(made_sample(everywhere(1, 200, 200)))
    one, again, other = (sides(split_mixed(dataset, 0.25, seed))[0] for seed in (3, 3, 4))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_of_many_images_each_stays_whole_and_neighbours_stay_together() -> None:
    samples = [made_sample(everywhere(1, 30, 30, seed=n), source=f"slice {n:02}") for n in range(12)]
    divided = split_mixed(dataset_of(*samples), 0.25, 0)
    names = [sample.source for sample in divided.of_role("validation")]
    numbers = [int(name.split()[1]) for name in names]
    assert len(names) == 3 and numbers == list(range(numbers[0], numbers[0] + 3))
    assert len(divided.of_role("training")) == 9
    assert all(np.array_equal(a.labels, b.labels) for a, b in zip(samples, divided.samples, strict=True))


def test_whole_images_are_chosen_so_that_every_class_trains() -> None:
    samples = [made_sample(np.full((1, 30, 30), 1 + n % 2), source=f"s{n}") for n in range(9)]
    samples.append(made_sample(np.full((1, 30, 30), 3), source="s9"))
    for seed in range(5):
        assert 3 in classes_in(split_mixed(dataset_of(*samples), 0.3, seed).of_role("training"))


def test_other_roles_pass_untouched() -> None:
    roles: tuple[Role, ...] = ("training", "validation", "monitoring")
    samples = tuple(made_sample(everywhere(1, 30, 30), role) for role in roles)
    assert split_mixed(dataset_of(*samples), 0.25, 0).samples == samples


def test_what_cannot_be_divided_trains() -> None:
    labels = np.zeros((1, 64, 64), np.int64)
    labels[0, 5:7, 5:7] = 1
    divided = split_mixed(dataset_of(made_sample(labels), made_sample(np.zeros((1, 9, 9)), source="bare")), 0.25, 0)
    assert [sample.role for sample in divided.samples] == ["training", "training"]
    assert split_mixed(dataset_of(made_sample(everywhere(1, 64, 64))), 0.0, 0).samples[0].role == "training"


def codes(dataset: Dataset, settings: TrainSettings = SETTINGS) -> dict[str, str]:
    return {problem.code: problem.severity for problem in find_problems(dataset, settings)}


def test_a_good_dataset_has_no_problems() -> None:
    assert find_problems(dataset_of(made_sample(everywhere(1, 128, 128))), SETTINGS) == []


def test_a_class_that_nobody_painted_is_named() -> None:
    labels = np.random.default_rng(0).integers(1, 3, (1, 128, 128))
    (problem,) = find_problems(dataset_of(made_sample(labels)), SETTINGS)
    assert (problem.code, problem.severity) == ("class-unpainted", "error")
    assert "binder is painted nowhere" in problem.message


def test_a_class_in_validation_only_is_an_error_and_in_training_only_a_warning() -> None:
    all_three, two = everywhere(1, 64, 64), np.random.default_rng(0).integers(1, 3, (1, 64, 64))
    assert codes(dataset_of(made_sample(two, "training"), made_sample(all_three, "validation"))) == {
        "class-validation-only": "error"
    }
    assert codes(dataset_of(made_sample(all_three, "training"), made_sample(two, "validation"))) == {
        "class-training-only": "warning"
    }


def test_training_and_validation_must_be_there() -> None:
    labels = everywhere(1, 64, 64)
    assert codes(dataset_of(made_sample(labels, "training")))["validation-missing"] == "error"
    assert codes(dataset_of(made_sample(labels, "validation")))["training-missing"] == "error"
    assert codes(dataset_of())["training-missing"] == "error"


def test_empty_frames_and_frames_smaller_than_the_patch_are_warned_of() -> None:
    good, bare = made_sample(everywhere(1, 128, 128)), made_sample(np.zeros((1, 64, 64)), "training", "bare")
    found = find_problems(dataset_of(good, bare, replace(bare, role="monitoring")), TrainSettings(patch=256))
    assert [(one.code, one.severity) for one in found] == [("frame-small", "warning"), ("frame-empty", "warning")]
    assert "frame of cell of cell (128 × 128 pixels) is smaller than the patch of 256" in found[0].message
    assert "frame of bare of bare" in found[1].message


def test_a_flat_frame_is_nothing_for_three_dimensions() -> None:
    dataset = dataset_of(made_sample(everywhere(1, 128, 128)))
    assert codes(dataset, TrainSettings(dimension="3d"))["frame-flat"] == "error"
    assert "frame-flat" not in codes(dataset, TrainSettings(dimension="2.5d"))


def test_broken_samples_are_said_before_anything_else() -> None:
    good = made_sample(everywhere(1, 64, 64))
    nan = replace(good, image=np.full(good.image.shape, np.nan, np.float32))
    two = replace(good, image=np.repeat(good.image, 2, 0), levels=good.levels * 2)
    assert codes(dataset_of(good, nan)) == {"not-finite": "error"}
    assert codes(dataset_of(good, two)) == {"channels-count": "error"}
    assert codes(dataset_of(made_sample(np.full((1, 64, 64), 9)))) == {"label-unknown": "error"}


def test_only_errors_stop_a_training() -> None:
    labels = everywhere(1, 64, 64)
    with pytest.raises(InputError, match="could validate"):
        require_trainable(dataset_of(made_sample(labels, "training")), SETTINGS)
    warnings = require_trainable(dataset_of(made_sample(labels)), TrainSettings(patch=256))
    assert [problem.code for problem in warnings] == ["frame-small"]


def test_a_dataset_survives_the_disk(tmp_path: Path) -> None:
    dataset = split_mixed(dataset_of(made_sample(everywhere(3, 64, 64)), made_sample(scribbles(), "training")), 0.3, 0)
    write_dataset(dataset, tmp_path)
    again = read_dataset(tmp_path)
    assert (again.classes, again.channel_names) == (dataset.classes, dataset.channel_names)
    for one, other in zip(dataset.samples, again.samples, strict=True):
        assert np.array_equal(one.image, other.image) and one.image.dtype == other.image.dtype
        assert np.array_equal(one.labels, other.labels)
        assert replace(one, image=other.image, labels=other.labels) == other
    assert again.samples[0].image is again.samples[1].image


@pytest.mark.parametrize("name", [ARRAYS_FILE, JSON_FILE])
def test_a_damaged_dataset_is_refused(tmp_path: Path, name: str) -> None:
    write_dataset(dataset_of(made_sample(scribbles())), tmp_path)
    content = (tmp_path / name).read_bytes()
    for damage in (content[: len(content) // 2], b"", b"[1, 2]"):
        (tmp_path / name).write_bytes(damage)
        with pytest.raises(InputError, match="holds no dataset"):
            read_dataset(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match="holds no dataset"):
        read_dataset(tmp_path)


def project_of(*frames: Frame) -> Project:
    """A volume of which every voxel is labelled, with frames in it."""
    volume = Volume.from_stack(np.zeros((4, 120, 120), np.uint8), (60.0, 30.0, 30.0), "made", "cell")
    labels = replace(volume, array=everywhere(4, 120, 120).astype(np.uint8))
    return Project(CLASSES, (Image("cell", (volume,)),), {"cell": labels}, frames)


def frame_at(name: str, k: int, row: int, role: Role) -> Frame:
    volume = project_of().images[0].grid
    return Frame.of_voxels(name, "cell", volume, (k, row, 10), (k + 1, row + 80, 100)).with_role(role)


def in_volume(samples: tuple[Sample, ...], rows: dict[str, tuple[int, int]]) -> NDArray[np.bool_]:
    """Where labels of samples lie in the volume."""
    found = np.zeros((4, 120, 120), bool)
    for sample in samples:
        k, row = rows[sample.name]
        found[k, row : row + 80, 10:100] |= sample.labels[0] > 0
    return found


def test_what_validates_in_one_frame_does_not_train_in_another() -> None:
    frames = [frame_at("one", 1, 0, "training"), frame_at("two", 1, 40, "validation")]
    dataset = make_dataset(project_of(*frames), SETTINGS)
    training, validation = (in_volume(dataset.of_role(role), {"one": (1, 0), "two": (1, 40)}) for role in BOTH)
    assert validation.sum() == 80 * 90
    assert training.sum() == 38 * 90 and not (training & validation).any()


def test_divided_frames_that_overlap_or_lie_on_the_next_slice_do_not_leak() -> None:
    places = {"one": (1, 0), "two": (1, 17), "three": (2, 33)}
    frames = [frame_at(name, k, row, "mixed") for name, (k, row) in places.items()]
    dataset = make_dataset(project_of(*frames), SETTINGS)
    training, validation = (in_volume(dataset.of_role(role), places) for role in BOTH)
    assert training.sum() > 2000 and validation.sum() > 2000
    beside = validation.copy()
    beside[1:] |= validation[:-1]
    beside[:-1] |= validation[1:]
    assert not (training & beside).any()


def test_whole_slices_chosen_by_hand_keep_their_labels() -> None:
    frames = [frame_at("one", 1, 0, "training"), frame_at("two", 2, 0, "validation")]
    samples = make_dataset(project_of(*frames), SETTINGS).samples
    assert all((sample.labels > 0).all() for sample in samples)


def test_two_and_a_half_dimensions_of_a_single_slice_are_warned_of() -> None:
    sample = made_sample(everywhere(1, 128, 128))
    flat = replace(sample, image=np.repeat(sample.image, 3, 1), margin=1)
    assert codes(dataset_of(flat), TrainSettings(dimension="2.5d")) == {"slices-missing": "warning"}
