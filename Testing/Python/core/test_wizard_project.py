"""The project of a scene as what a training learns from, and what it lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.errors import InputError
from batterycell.mrml.cell import VOXEL_SIZE_SOURCE, attach, role_of
from batterycell.mrml.transforms import harden_orientation, turn_cell
from batterycell.mrml.wizard.adopt import adopt_segments
from batterycell.mrml.wizard.classes import class_ids, classes_of, labels_of, use_preset
from batterycell.mrml.wizard.fill import fill_frame, frame_codes
from batterycell.mrml.wizard.frames import add_frame, frames_of, set_full
from batterycell.mrml.wizard.images import channel_nodes, image_of, set_channels
from batterycell.mrml.wizard.labels import read_labels, write_codes
from batterycell.mrml.wizard.project import problems_of, scene_dataset, scene_project
from batterycell.mrml.wizard.project_folder import add_project, export_project
from batterycell.mrml.wizard.steps import undo_step
from batterycell.segment import Frame, TrainSettings
from batterycell.segment.data import make_dataset, read_project
from batterycell.volume import Volume
from wizard_scenes import SHAPE, STACK, add_image, block, brush, turned

SETTINGS = TrainSettings()


def paint(image: Any, k: int, seed: int = 0) -> np.ndarray:
    """A slice painted with all classes."""
    codes = np.random.default_rng(seed).integers(0, 4, (1, *SHAPE[1:])).astype(np.uint8)
    write_codes(labels_of(image), codes, block((k, 0, 0), codes.shape))
    return codes[0]


def frame(image: Any, k: int, role: str = "training") -> Any:
    volume = mrml.volume_of(image)
    return add_frame(image, Frame.of_slice(f"{volume.name} {k}", volume.name, volume, k).with_role(role))


def codes_of(scene: Any, settings: TrainSettings = SETTINGS) -> list[tuple[str, str]]:
    return [(problem.code, problem.severity) for problem in problems_of(scene, settings)]


@pytest.fixture
def image(scene: Any) -> Any:
    return add_image(scene)


def test_a_painted_slice_becomes_a_sample_of_its_own_pixels(scene: Any, image: Any) -> None:
    codes = paint(image, 4)
    frame(image, 4)
    (sample,) = scene_dataset(scene, SETTINGS).samples
    assert (sample.image[0, 0] == mrml.volume_of(image).array[4]).all()
    assert (sample.labels[0] == codes).all()
    assert sample.voxel_size_um == pytest.approx((50.0, 30.0, 20.0))
    assert (sample.source, sample.role) == ("cell", "training")


def test_labels_and_pixels_of_a_cell_that_was_turned_are_the_same(scene: Any, image: Any) -> None:
    paint(image, 4)
    frame(image, 4)
    before = scene_dataset(scene, SETTINGS).samples[0]
    turn_cell(image, "S", 33.0)
    after = scene_dataset(scene, SETTINGS).samples[0]
    assert (before.labels == after.labels).all()
    assert (before.image == after.image).all()


def test_images_of_several_resolutions_meet_at_the_finest(scene: Any, image: Any) -> None:
    coarse = add_image(scene, "coarse", turned() @ np.diag([2.0, 2.0, 2.0, 1.0]))
    for node, k in ((image, 2), (coarse, 5)):
        paint(node, k)
        frame(node, k)
    one, other = scene_dataset(scene, SETTINGS).samples
    assert other.labels.shape == (1, 40, 48)
    assert one.voxel_size_um[1:] == pytest.approx(other.voxel_size_um[1:])


def test_only_the_labels_about_the_frames_are_read(scene: Any, image: Any) -> None:
    for k in (1, 6, 10):
        paint(image, k)
    frame(image, 6)
    labels = scene_project(scene, SETTINGS).labels["cell"]
    assert labels.array.shape[0] == 3
    assert [bool(one.any()) for one in labels.array] == [False, True, False]


def test_nothing_is_missing_from_a_complete_project(scene: Any, image: Any) -> None:
    for k, role in ((2, "training"), (8, "validation"), (5, "monitoring")):
        paint(image, k, seed=k)
        frame(image, k, role)
    assert codes_of(scene) == []


def test_what_is_missing_is_said_before_a_training_starts(scene: Any, image: Any) -> None:
    assert codes_of(scene) == [("frames-missing", "error")]
    frame(image, 2)
    assert ("training-missing", "error") in codes_of(scene)
    write_codes(labels_of(image), np.full((1, 5, 5), 2, np.uint8), block((2, 0, 0), (1, 5, 5)))
    found = codes_of(scene)
    assert ("validation-missing", "error") in found
    assert ("class-unpainted", "error") in found


def test_an_unknown_voxel_size_is_a_problem_until_somebody_says_it(scene: Any) -> None:
    image = add_image(scene, matrix=np.diag([-1.0, -1.0, 1.0, 1.0]))
    for k, role in ((2, "training"), (8, "validation")):
        paint(image, k)
        frame(image, k, role)
    assert codes_of(scene) == [("voxel-size-unknown", "error")]
    image.SetAttribute(VOXEL_SIZE_SOURCE, "typed in Slicer")
    assert codes_of(scene) == []


def test_overlapping_segments_in_a_frame_are_a_problem_that_names_them(scene: Any, image: Any) -> None:
    brush(labels_of(image), class_ids(scene)[0], block((2, 2, 2), (1, 4, 4)))
    brush(labels_of(image), class_ids(scene)[1], block((2, 4, 2), (1, 4, 4)), overwrite=False)
    frame(image, 2)
    (problem,) = problems_of(scene, SETTINGS)
    assert problem.code == "segments-overlap"
    assert "background and cathode" in problem.message


def test_labels_outside_the_image_are_a_warning(scene: Any, image: Any) -> None:
    for k, role in ((0, "training"), (8, "validation")):
        paint(image, k)
        frame(image, k, role)
    brush(labels_of(image), class_ids(scene)[0], block((-2, 0, 0), (3, 4, 4)))
    assert codes_of(scene) == [("labels-outside", "warning")]


def test_pixels_that_are_no_number_are_a_problem(scene: Any) -> None:
    grey = np.ones(SHAPE, np.float32)
    grey[2, 3, 4] = np.nan
    use_preset(scene, "cell overhang")
    node = mrml.add_volume(scene, Volume(grey, STACK, "made", "cell"), "cell")
    frame(node, 2)
    assert codes_of(scene) == [("not-finite", "error")]


def test_a_fully_labelled_frame_is_background_where_nobody_painted(scene: Any, image: Any) -> None:
    write_codes(labels_of(image), np.full((1, 5, 5), 2, np.uint8), block((2, 0, 0), (1, 5, 5)))
    set_full(frame(image, 2), True)
    labels = scene_dataset(scene, SETTINGS).samples[0].labels
    assert np.bincount(labels.ravel()).tolist() == [0, 20 * 24 - 25, 25]


def test_channels_are_volumes_of_one_grid(scene: Any, image: Any) -> None:
    second = mrml.add_volume(scene, Volume(np.ones(SHAPE, np.uint8), STACK, "made", "BSE"), "BSE")
    set_channels(image, [second])
    assert channel_nodes(image) == [image, second]
    assert image_of(image).channel_names == ("cell", "BSE")
    paint(image, 3)
    frame(image, 3)
    dataset = scene_dataset(scene, SETTINGS)
    assert dataset.channel_names == ("cell", "BSE")
    assert dataset.samples[0].image.shape == (2, 1, 20, 24)
    turn_cell(image, "S", 20.0)
    harden_orientation(image)
    assert scene_dataset(scene, SETTINGS).channel_names == ("cell", "BSE")
    set_channels(image, [])
    assert role_of(second) == ""


def test_volumes_of_other_grids_cannot_be_channels(scene: Any, image: Any) -> None:
    other = mrml.add_volume(scene, Volume(np.ones((5, 5, 5), np.uint8), STACK, "made", "small"), "small")
    with pytest.raises(InputError, match="differ in size or place"):
        set_channels(image, [other])
    assert channel_nodes(image) == [image]


def test_images_with_different_channel_counts_are_a_problem(scene: Any, image: Any) -> None:
    second = mrml.add_volume(scene, Volume(np.ones(SHAPE, np.uint8), STACK, "made", "BSE"), "BSE")
    set_channels(image, [second])
    other = add_image(scene, "other")
    for node in (image, other):
        paint(node, 3)
        frame(node, 3)
    assert codes_of(scene) == [("channels-count", "error")]


def test_an_exported_project_gives_the_command_line_the_same_dataset(scene: Any, tmp_path: Path) -> None:
    image = add_image(scene, matrix=turned())
    for k, role in ((2, "training"), (8, "mixed")):
        paint(image, k, seed=k)
        frame(image, k, role)
    export_project(scene, tmp_path / "project")
    here, there = scene_dataset(scene, SETTINGS), make_dataset(read_project(tmp_path / "project"), SETTINGS)
    assert here.classes == there.classes
    for one, other in zip(here.samples, there.samples, strict=True):
        assert (one.name, one.role, one.source) == (other.name, other.role, other.source)
        assert one.levels == other.levels
        assert (one.image == other.image).all()
        assert (one.labels == other.labels).all()


def test_a_project_folder_is_opened_in_a_scene_as_it_was(scene: Any, tmp_path: Path) -> None:
    image = add_image(scene, matrix=turned())
    for k, role in ((2, "training"), (8, "mixed")):
        paint(image, k, seed=k)
        frame(image, k, role)
    export_project(scene, tmp_path / "project")
    other = mrml.new_scene()
    try:
        (node,) = add_project(other, read_project(tmp_path / "project"))
        assert (read_labels(labels_of(node)).array == read_labels(labels_of(image)).array).all()
        assert [one.name for one in frames_of(other)] == [one.name for one in frames_of(scene)]
        here, there = scene_dataset(scene, SETTINGS), scene_dataset(other, SETTINGS)
        assert all((one.labels == two.labels).all() for one, two in zip(here.samples, there.samples, strict=True))
        with pytest.raises(InputError, match="already"):
            add_project(other, read_project(tmp_path / "project"))
    finally:
        mrml.close_scene(other)


def test_segments_of_someone_else_become_the_classes_of_their_names(scene: Any, image: Any) -> None:
    write_codes(labels_of(image), np.full((1, 2, 24), 1, np.uint8), block((3, 0, 0), (1, 2, 24)))
    foreign = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "hand")
    for segment_id, name in (("a", "tab"), ("b", "Cathode")):
        foreign.GetSegmentation().AddEmptySegment(segment_id, name, (0.0, 1.0, 0.0))
    attach(image, foreign, "segments")
    for number, segment_id in enumerate("ab"):
        brush(foreign, segment_id, block((3, 5 * number, 0), (1, 5, 24)))
    adopt_segments(image, foreign)
    assert [one.name for one in classes_of(scene)] == ["background", "cathode", "anode overhang", "tab"]
    codes = read_labels(labels_of(image)).array[3]
    assert [int(row[0]) for row in codes] == [1] * 2 + [4] * 3 + [2] * 5 + [0] * 10
    undo_step(scene)
    assert read_labels(labels_of(image)).array.sum() == 48


def test_the_labels_of_an_oblique_frame_are_those_that_were_painted_in_it(scene: Any) -> None:
    image = add_image(scene, shape=(30, 40, 50))
    volume = mrml.volume_of(image)
    turn = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    axes = volume.ijk_to_ras[:3, :3] / volume.spacing_mm @ turn
    oblique = Frame("o", "cell", tuple(volume.to_ras((25, 20, 15))), tuple(map(tuple, axes)), (0.4, 0.6, 0.04))
    codes = np.ones(frame_codes(image, oblique).shape, np.uint8)
    codes[:, : codes.shape[1] // 2] = 2
    fill_frame(image, oblique, codes)
    add_frame(image, oblique)
    (sample,) = scene_dataset(scene, SETTINGS).samples
    assert sample.labels.shape == codes.shape
    assert (sample.labels > 0).all()
    assert np.mean(sample.labels == codes) > 0.97
