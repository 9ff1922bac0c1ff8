"""Labels of an image: read and written in blocks, filled by a model, taken back by one undo."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.errors import InputError
from batterycell.mrml.loaded import set_voxel_size
from batterycell.mrml.wizard.classes import class_ids, labels_of, move_class, remove_class
from batterycell.mrml.wizard.fill import fill_frame, fill_frames, frame_codes, frame_volume
from batterycell.mrml.wizard.labels import (
    overlaps_in,
    painted_outside,
    read_codes,
    read_labels,
    resolve_overlaps,
    write_codes,
)
from batterycell.mrml.wizard.layers import count_voxels, make_image
from batterycell.mrml.wizard.steps import next_redo, next_undo, redo_step, undo_step
from batterycell.segment import Frame
from batterycell.segment.data.grid import sample_labels
from batterycell.segment.data.sampling import Sampling, frame_grid
from wizard_scenes import SHAPE, STACK, add_image, block, brush, turned

WHOLE = block((0, 0, 0), SHAPE)
MIRRORED = np.diag([0.02, -0.03, 0.05, 1.0])


@pytest.fixture
def image(scene: Any) -> Any:
    return add_image(scene)


@pytest.fixture
def labels(image: Any) -> Any:
    return labels_of(image)


def whole(labels_node: Any) -> np.ndarray:
    return read_labels(labels_node).array


def slice_of(image: Any, k: int, **values: Any) -> Frame:
    return Frame.of_slice(f"slice {k}", "cell", mrml.volume_of(image), k, **values)


@pytest.mark.parametrize("matrix", [STACK, turned(), MIRRORED])
def test_what_is_painted_in_the_segment_editor_is_read_where_it_lies(scene: Any, matrix: np.ndarray) -> None:
    labels = labels_of(add_image(scene, matrix=matrix))
    expected = np.zeros(SHAPE, np.uint8)
    for number, place in enumerate((block((2, 3, 4), (1, 5, 6)), block((9, 0, 20), (3, 2, 4))), 1):
        brush(labels, class_ids(scene)[number], place)
        expected[place.slices_in(WHOLE)] = number + 1
    assert (whole(labels) == expected).all()
    assert np.allclose(read_labels(labels).ijk_to_ras, matrix)


def test_a_block_is_read_in_its_place(labels: Any, scene: Any) -> None:
    brush(labels, class_ids(scene)[0], block((2, 3, 4), (2, 3, 4)))
    part = read_labels(labels, block((3, 4, 5), (2, 3, 4)))
    assert part.array.shape == (2, 3, 4)
    assert np.allclose(
        part.ijk_to_ras[:3, 3], mrml.volume_of(labels.GetNodeReference("BatteryCell.Volume")).to_ras((5, 4, 3))
    )
    assert part.array[0, :2, :3].all()
    assert part.array.sum() == 6


def test_written_labels_are_read_back_and_touch_nothing_else(labels: Any, scene: Any) -> None:
    brush(labels, class_ids(scene)[1], WHOLE)
    codes = np.random.default_rng(0).integers(0, 4, (2, 5, 6)).astype(np.uint8)
    place = block((10, 15, 18), codes.shape)
    write_codes(labels, codes, place)
    assert (read_codes(labels, place) == codes).all()
    others = np.ones(SHAPE, bool)
    others[place.slices_in(WHOLE)] = False
    assert (whole(labels)[others] == 2).all()


def test_labels_written_before_anything_was_painted_are_read_back(labels: Any) -> None:
    write_codes(labels, np.full((1, 2, 2), 3, np.uint8), block((5, 5, 5), (1, 2, 2)))
    assert whole(labels).sum() == 12


def test_the_segment_editor_paints_on_in_what_was_written(labels: Any, scene: Any) -> None:
    write_codes(labels, np.full((1, 4, 4), 3, np.uint8), block((5, 5, 5), (1, 4, 4)))
    brush(labels, class_ids(scene)[0], block((5, 5, 5), (1, 4, 2)))
    assert np.bincount(whole(labels).ravel(), minlength=4).tolist()[1:] == [8, 0, 8]
    assert labels.GetSegmentation().GetNumberOfLayers("Binary labelmap") == 1


def test_the_segment_editors_own_undo_takes_back_what_was_written(labels: Any, scene: Any) -> None:
    import slicer

    history = slicer.vtkSegmentationHistory()
    history.SetSegmentation(labels.GetSegmentation())
    brush(labels, class_ids(scene)[0], block((0, 0, 0), (1, 4, 4)))
    history.SaveState()
    write_codes(labels, np.full((1, 4, 4), 3, np.uint8), block((5, 5, 5), (1, 4, 4)))
    history.RestorePreviousState()
    assert np.bincount(whole(labels).ravel(), minlength=4).tolist()[1:] == [16, 0, 0]


def test_a_surface_shown_in_3d_follows_what_is_written(labels: Any, scene: Any) -> None:
    brush(labels, class_ids(scene)[0], block((2, 2, 2), (4, 4, 4)))
    labels.CreateClosedSurfaceRepresentation()
    write_codes(labels, np.full((4, 4, 4), 2, np.uint8), block((2, 2, 2), (4, 4, 4)))
    surface = labels.GetClosedSurfaceInternalRepresentation(class_ids(scene)[1])
    assert surface.GetNumberOfPoints() > 0


def test_classes_painted_over_each_other_are_named_and_nothing_is_lost(labels: Any, scene: Any) -> None:
    brush(labels, class_ids(scene)[0], block((2, 2, 2), (1, 4, 4)))
    brush(labels, class_ids(scene)[1], block((2, 4, 2), (1, 4, 4)), overwrite=False)
    with pytest.raises(InputError, match=r"In cell, background and cathode .* 8 pixels") as error:
        read_labels(labels)
    assert error.value.code == "segments-overlap"
    assert overlaps_in(labels) == {("background", "cathode"): 8}
    assert [count_voxels(labels, one) for one in class_ids(scene)] == [16, 16, 0]


def test_overlap_elsewhere_does_not_disturb(labels: Any, scene: Any) -> None:
    brush(labels, class_ids(scene)[0], block((2, 2, 2), (1, 4, 4)))
    brush(labels, class_ids(scene)[1], block((2, 4, 2), (1, 4, 4)), overwrite=False)
    assert read_codes(labels, block((2, 6, 2), (1, 2, 4))).tolist() == [[[2] * 4] * 2]


def test_the_later_class_wins_on_request(labels: Any, scene: Any) -> None:
    brush(labels, class_ids(scene)[1], block((2, 4, 2), (1, 4, 4)))
    brush(labels, class_ids(scene)[0], block((2, 2, 2), (1, 4, 4)), overwrite=False)
    assert resolve_overlaps(labels) == 8
    assert np.bincount(whole(labels).ravel(), minlength=4).tolist()[1:] == [8, 16, 0]


def test_labels_outside_the_image_are_counted_and_not_read(labels: Any, scene: Any) -> None:
    brush(labels, class_ids(scene)[0], block((-1, 0, 0), (2, 4, 4)))
    assert painted_outside(labels) == 16
    assert np.count_nonzero(whole(labels)) == 16


def test_a_segment_on_another_grid_is_brought_onto_the_images(labels: Any, scene: Any) -> None:
    finer = STACK @ np.diag([0.5, 0.5, 0.5, 1.0])
    finer[:3, 3] = STACK[:3, :3] @ (np.array([4, 4, 4]) - 0.25)
    image = make_image(np.ones((4, 4, 4), np.uint8), block((0, 0, 0), (4, 4, 4)), finer)
    segment = labels.GetSegmentation().GetSegment(class_ids(scene)[2])
    segment.AddRepresentation("Binary labelmap", image)
    segment.SetLabelValue(1)
    codes = whole(labels)
    assert np.argwhere(codes).min(0).tolist() == [4, 4, 4]
    assert np.count_nonzero(codes == 3) == 8


def test_a_frame_is_filled_where_nobody_painted(image: Any, labels: Any, scene: Any) -> None:
    brush(labels, class_ids(scene)[0], block((3, 0, 0), (1, 5, 24)))
    fill_frame(image, slice_of(image, 3), np.full((1, 20, 24), 2, np.uint8))
    codes = whole(labels)[3]
    assert (codes[:5] == 1).all()
    assert (codes[5:] == 2).all()
    assert np.count_nonzero(whole(labels)) == 20 * 24


def test_on_request_a_prediction_overwrites_and_one_undo_brings_back_what_was_there(
    image: Any, labels: Any, scene: Any
) -> None:
    brush(labels, class_ids(scene)[0], block((3, 0, 0), (1, 5, 24)))
    before = whole(labels)
    step = fill_frame(image, slice_of(image, 3), np.full((1, 20, 24), 2, np.uint8), overwrite=True)
    after = whole(labels)
    assert (after[3] == 2).all()
    assert (next_undo(scene), next_redo(scene)) == (step.name, "")
    assert undo_step(scene)
    assert (whole(labels) == before).all()
    assert redo_step(scene)
    assert (whole(labels) == after).all()
    assert not redo_step(scene)


def test_undo_keeps_what_was_painted_since(image: Any, labels: Any, scene: Any) -> None:
    fill_frame(image, slice_of(image, 3), np.full((1, 20, 24), 2, np.uint8))
    brush(labels, class_ids(scene)[2], block((3, 0, 0), (1, 2, 2)))
    brush(labels, class_ids(scene)[2], block((7, 0, 0), (1, 2, 2)))
    undo_step(scene)
    assert np.bincount(whole(labels).ravel(), minlength=4).tolist()[1:] == [0, 0, 8]


def test_several_frames_of_several_images_are_one_step(image: Any, scene: Any) -> None:
    other = add_image(scene, "other", turned())
    frames = [(image, slice_of(image, 3)), (other, Frame.of_slice("o", "other", mrml.volume_of(other), 5))]
    fill_frames(scene, [(node, frame, np.full((1, 20, 24), 1, np.uint8)) for node, frame in frames])
    assert all(whole(labels_of(node)).sum() == 480 for node in (image, other))
    undo_step(scene)
    assert not any(whole(labels_of(node)).any() for node in (image, other))
    assert not undo_step(scene)


def test_where_segments_overlap_nothing_is_filled(image: Any, labels: Any, scene: Any) -> None:
    brush(labels, class_ids(scene)[0], block((3, 0, 0), (1, 5, 24)))
    brush(labels, class_ids(scene)[1], block((3, 0, 0), (1, 5, 24)), overwrite=False)
    frames = [slice_of(image, 2), slice_of(image, 3)]
    with pytest.raises(InputError, match="over each other"):
        fill_frames(scene, [(image, frame, np.full((1, 20, 24), 3, np.uint8)) for frame in frames])
    assert count_voxels(labels, class_ids(scene)[2]) == 0
    assert next_undo(scene) == ""


def test_undo_finds_classes_that_were_moved_or_removed_since(image: Any, labels: Any, scene: Any) -> None:
    brush(labels, class_ids(scene)[2], block((3, 0, 0), (1, 2, 24)))
    fill_frame(image, slice_of(image, 3), np.full((1, 20, 24), 2, np.uint8), overwrite=True)
    move_class(scene, "anode overhang", 0)
    remove_class(scene, "background")
    undo_step(scene)
    assert np.bincount(whole(labels).ravel(), minlength=3).tolist()[1:] == [48, 0]


def test_a_frame_outside_its_image_cannot_be_filled(image: Any) -> None:
    frame = Frame.of_voxels("far", "cell", mrml.volume_of(image), (50, 0, 0), (51, 5, 5))
    with pytest.raises(InputError, match="far lies outside"):
        fill_frame(image, frame, np.ones((1, 5, 5), np.uint8))


@pytest.mark.parametrize("matrix", [STACK, turned(), MIRRORED])
@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_a_frame_of_any_axes_is_filled_as_it_is_read(
    scene: Any, matrix: np.ndarray, axes: tuple[int, int, int]
) -> None:
    node = add_image(scene, matrix=matrix)
    volume = mrml.volume_of(node)
    whole_frame = Frame.of_voxels("box", "cell", volume, (1, 2, 3), (6, 9, 12))
    order = list(axes)
    frame = Frame(
        "box",
        "cell",
        whole_frame.centre_mm,
        tuple(map(tuple, np.array(whole_frame.axes)[:, order] * [1, -1, 1])),
        tuple(np.array(whole_frame.size_mm)[order]),
    )
    codes = np.random.default_rng(0).integers(1, 4, frame_codes(node, frame).shape).astype(np.uint8)
    fill_frame(node, frame, codes)
    assert (frame_codes(node, frame) == codes).all()
    assert np.count_nonzero(whole(labels_of(node))) == codes.size


def test_an_oblique_frame_is_filled_in_every_pixel(scene: Any) -> None:
    node = add_image(scene, shape=(30, 40, 50))
    volume = mrml.volume_of(node)
    axes = turned(20.0)[:3, :3] @ np.diag([50, 1 / 0.03, 20]) @ np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    centre = volume.to_ras((25, 20, 15))
    frame = Frame("oblique", "cell", tuple(centre), tuple(map(tuple, axes)), (0.4, 0.6, 0.04))
    codes = np.ones(frame_codes(node, frame).shape, np.uint8)
    codes[:, : codes.shape[1] // 2] = 2
    fill_frame(node, frame, codes)
    back = frame_codes(node, frame)
    assert (back > 0).all()
    assert np.mean(back == codes) > 0.97
    finer = frame_grid(frame, volume, Sampling((8.0, 5.0, 5.0)))
    assert (sample_labels(read_labels(labels_of(node)), finer)[:, 2:-2, 2:-2] > 0).all(), "holes"


def test_a_prediction_on_coarser_pixels_fills_all_voxels_of_the_frame(image: Any, labels: Any) -> None:
    frame, size = slice_of(image, 3), (50.0, 60.0, 40.0)
    codes = np.kron(np.random.default_rng(0).integers(1, 4, (1, 5, 6)), np.ones((1, 2, 2), int)).astype(np.uint8)
    fill_frame(image, frame, frame_volume(image, frame, codes, size))
    assert (whole(labels)[3] == np.kron(codes[0], np.ones((2, 2), int))).all()


def test_labels_of_a_frame_that_was_changed_since_are_refused(image: Any) -> None:
    with pytest.raises(InputError, match="another size"):
        fill_frame(image, slice_of(image, 3), np.ones((1, 7, 7), np.uint8))


def test_labels_that_lag_behind_a_corrected_voxel_size_are_not_spoiled_by_who_looks_at_them(
    image: Any, labels: Any, scene: Any
) -> None:
    brush(labels, class_ids(scene)[1], block((3, 4, 5), (1, 3, 3)))
    before = whole(labels)
    mrml.settle(image)
    set_voxel_size(image, (5.0, 7.0, 9.0), "typed")
    whole(labels)
    write_codes(labels, np.full((1, 1, 1), 3, np.uint8), block((0, 0, 0), (1, 1, 1)))
    after = whole(labels)
    assert after[0, 0, 0] == 3
    assert (after[1:] == before[1:]).all()


def test_undo_does_not_reach_into_another_scene(scene: Any) -> None:
    image = add_image(scene)
    fill_frame(image, slice_of(image, 3), np.full((1, 20, 24), 2, np.uint8))
    scene.Clear(False)
    image = add_image(scene)
    write_codes(labels_of(image), np.full((1, 20, 24), 2, np.uint8), block((3, 0, 0), (1, 20, 24)))
    undo_step(scene)
    assert np.count_nonzero(whole(labels_of(image))) == 480


def test_an_oblique_frame_is_taken_back_exactly(scene: Any) -> None:
    node = add_image(scene, shape=(30, 40, 50))
    volume = mrml.volume_of(node)
    brush(labels_of(node), class_ids(scene)[0], block((10, 10, 10), (12, 20, 20)))
    before = whole(labels_of(node))
    tilt = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    axes = volume.ijk_to_ras[:3, :3] / volume.spacing_mm @ tilt
    frame = Frame("oblique", "cell", tuple(volume.to_ras((25, 20, 15))), tuple(map(tuple, axes)), (0.9, 1.2, 0.04))
    step = fill_frame(node, frame, np.full(frame_codes(node, frame).shape, 3, np.uint8), overwrite=True)
    changed = int((whole(labels_of(node)) != before).sum())
    assert changed > 1000
    assert step.bytes < 100 * changed, "the block around it was kept"
    undo_step(scene)
    assert (whole(labels_of(node)) == before).all()
