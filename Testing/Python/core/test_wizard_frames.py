"""Frames of a segmentation project: ROIs that belong to their image."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml, palette
from batterycell.clip import Box
from batterycell.errors import InputError
from batterycell.mrml.cut_roi import box_of, put_box
from batterycell.mrml.loaded import set_voxel_size
from batterycell.mrml.names import set_name
from batterycell.mrml.transforms import harden_orientation, turn_cell
from batterycell.mrml.undo import remember, undo
from batterycell.mrml.wizard.classes import class_ids, labels_of
from batterycell.mrml.wizard.fill import fill_frame, frame_codes
from batterycell.mrml.wizard.frame_table import frame_table
from batterycell.mrml.wizard.frames import (
    add_box_frame,
    add_frame,
    add_slice_frame,
    frame_nodes,
    frame_of,
    frames_of,
    remove_frame,
    rename_frame,
    select_frame,
    set_full,
    set_role,
    settle_frame,
)
from batterycell.mrml.wizard.labels import read_labels
from batterycell.mrml.wizard.region import Region, region_of
from batterycell.segment import ROLES, Frame
from batterycell.segment.data.sampling import Sampling, frame_grid, sample_frame
from batterycell.segment.image import Image, Levels
from wizard_scenes import SHAPE, STACK, add_image, block, brush, turned

MIRRORED = np.diag([0.02, -0.03, 0.05, 1.0])
GRIDS = {"stack": STACK, "turned": turned(), "mirrored": MIRRORED}


@pytest.fixture(params=GRIDS)
def image(scene: Any, request: pytest.FixtureRequest) -> Any:
    return add_image(scene, matrix=GRIDS[request.param])


@pytest.fixture
def stack(scene: Any) -> Any:
    return add_image(scene)


def view(scene: Any, image: Any, ijk: tuple[int, int, int], across: int, width_mm: float = 10.0) -> Any:
    """A slice view of a place, in the image's own planes."""
    volume = mrml.volume_of(image)
    node = scene.AddNewNodeByClass("vtkMRMLSliceNode")
    node.SetDimensions(100, 100, 1)
    node.SetFieldOfView(width_mm, width_mm, 1.0)
    directions = volume.ijk_to_ras[:3, :3] / volume.spacing_mm
    normal, right = directions[:, across], directions[:, (across + 1) % 3]
    place = mrml.places.to_world(image, volume.to_ras(ijk))
    node.SetSliceToRASByNTP(*normal, *right, *place, 0)
    node.UpdateMatrices()
    return node


@pytest.mark.parametrize("across", [0, 1, 2])
def test_a_slice_view_gives_whole_voxels_of_its_slice(scene: Any, image: Any, across: int) -> None:
    roi = add_slice_frame(image, view(scene, image, (5, 6, 7), across))
    volume, frame = mrml.volume_of(image), frame_of(roi)
    start, stop = [0, 0, 0], list(SHAPE)
    start[2 - across] = (5, 6, 7)[across]
    stop[2 - across] = start[2 - across] + 1
    assert region_of(frame, volume) == Region(tuple(start), tuple(stop))
    assert frame_grid(frame, volume, Sampling()).shape[0] == 1
    assert (frame.role, frame.full, frame.image) == ("training", False, "cell")


@pytest.mark.parametrize("across", [0, 1, 2])
def test_the_pixels_of_such_a_frame_are_the_images_own(scene: Any, image: Any, across: int) -> None:
    volume = mrml.volume_of(image)
    frame = frame_of(add_slice_frame(image, view(scene, image, (5, 6, 7), across)))
    sample = sample_frame(Image("cell", (volume,)), None, frame, (Levels(0, 1),), Sampling())
    index = [slice(None)] * 3
    index[2 - across] = (5, 6, 7)[across]
    own = volume.array[tuple(index)]
    assert sample.image.dtype == own.dtype
    assert (np.sort(sample.image, axis=None) == np.sort(own, axis=None)).all()
    assert sorted(sample.image.shape[2:]) == sorted(own.shape)


def test_a_zoomed_view_gives_what_it_shows(scene: Any, stack: Any) -> None:
    frame = frame_of(add_slice_frame(stack, view(scene, stack, (10, 8, 3), 2, width_mm=0.2)))
    assert region_of(frame, mrml.volume_of(stack)) == Region((3, 5, 5), (4, 12, 16))


def test_an_oblique_view_gives_an_oblique_rectangle_cut_to_the_image(scene: Any, image: Any) -> None:
    volume = mrml.volume_of(image)
    node = view(scene, image, (12, 10, 6), 2)
    directions = volume.ijk_to_ras[:3, :3] / volume.spacing_mm
    normal = directions @ np.array([0.0, 0.6, 0.8])
    node.SetSliceToRASByNTP(*normal, *directions[:, 0], *volume.to_ras((12, 10, 6)), 0)
    node.UpdateMatrices()
    frame = frame_of(add_slice_frame(image, node))
    assert abs(np.array(frame.axes)[:, 2] @ normal) == pytest.approx(1.0)
    assert frame.size_mm[0] == pytest.approx(24 * 0.02, abs=0.021)
    assert frame_grid(frame, volume, Sampling()).shape[0] == 1
    assert frame.size_mm[1] < 0.9


def test_a_view_beside_the_image_gives_no_frame(scene: Any, stack: Any) -> None:
    with pytest.raises(InputError, match="does not show the image cell"):
        add_slice_frame(stack, view(scene, stack, (12, 10, 100), 2))
    assert frame_nodes(scene) == []


def test_a_frame_comes_back_from_its_roi_as_it_was(image: Any) -> None:
    volume = mrml.volume_of(image)
    frame = Frame.of_voxels("a b", "cell", volume, (1, 2, 3), (5, 9, 20))
    frame = Frame("a b", "cell", frame.centre_mm, frame.axes, frame.size_mm, "validation", True)
    back = frame_of(add_frame(image, frame))
    assert (back.name, back.role, back.full) == ("a b", "validation", True)
    assert np.allclose(back.axes, frame.axes)
    assert np.allclose(back.centre_mm, frame.centre_mm)
    assert np.allclose(back.size_mm, frame.size_mm)


def test_a_box_frame_lies_in_the_middle(stack: Any) -> None:
    assert region_of(frame_of(add_box_frame(stack)), mrml.volume_of(stack)) == block((4, 7, 9), (3, 5, 6))


def test_a_dragged_frame_snaps_to_whole_voxels_and_a_rectangle_stays_thin(stack: Any) -> None:
    volume = mrml.volume_of(stack)
    roi = add_frame(stack, Frame.of_voxels("f", "cell", volume, (3, 4, 5), (4, 10, 12)))
    box = box_of(roi)
    put_box(roi, Box(box.center + np.array([0.013, -0.02, 0.02]), box.axes, box.size * [1.1, 1.0, 1.3]))
    frame = frame_of(roi)
    assert region_of(frame, volume).shape == (1, 6, 8)
    settle_frame(roi)
    assert np.allclose(box_of(roi).center, frame.centre_mm)
    assert np.allclose(box_of(roi).size, frame.size_mm)
    assert frame_of(roi) == frame


def test_a_frame_dragged_over_the_border_is_cut_to_the_image(stack: Any) -> None:
    roi = add_frame(stack, Frame.of_voxels("f", "cell", mrml.volume_of(stack), (3, 4, 5), (4, 10, 12)))
    box = box_of(roi)
    put_box(roi, Box(box.center + STACK[:3, :3] @ [-8, 0, 0], box.axes, box.size))
    assert region_of(frame_of(roi), mrml.volume_of(stack)) == Region((3, 4, 0), (4, 10, 4))


def test_a_frame_turned_by_hand_stays_one_voxel_thick(stack: Any) -> None:
    roi = add_frame(stack, Frame.of_voxels("f", "cell", mrml.volume_of(stack), (3, 4, 5), (4, 10, 12)))
    box = box_of(roi)
    turn = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])
    put_box(roi, Box(box.center, turn @ box.axes, box.size))
    frame = frame_of(roi)
    assert np.allclose(frame.axes, turn @ box.axes)
    assert frame_grid(frame, mrml.volume_of(stack), Sampling()).shape[0] == 1


def test_frames_get_names_of_their_own(stack: Any) -> None:
    rois = [add_box_frame(stack, name=name) for name in ("rim & gap", "rim & gap", "")]
    assert [frame_of(roi).name for roi in rois] == ["rim & gap", "rim & gap (2)", "frame 3"]
    with pytest.raises(InputError, match="already"):
        rename_frame(rois[1], "rim & gap")
    rename_frame(rois[1], " core ")
    assert frame_of(rois[1]).name == "core"


def test_images_of_one_name_are_told_apart(scene: Any) -> None:
    first, second = add_image(scene, "cell"), add_image(scene, "other")
    set_name(second, "cell")
    assert [frame_of(add_box_frame(node)).image for node in (first, second)] == ["cell", "cell (2)"]


def test_a_frame_shows_as_an_outline_in_its_roles_colour_without_handles(stack: Any) -> None:
    roi = add_box_frame(stack, role="validation")
    display = roi.GetDisplayNode()
    assert not display.GetFillVisibility()
    assert display.GetOutlineVisibility()
    assert display.GetSelectedColor() == pytest.approx(palette.to_rgb(palette.FRAMES["validation"]))
    assert not display.GetHandlesInteractive()
    set_role(roi, "monitoring")
    assert display.GetSelectedColor() == pytest.approx(palette.to_rgb(palette.FRAMES["monitoring"]))
    with pytest.raises(InputError, match="no role"):
        set_role(roi, "testing")


def test_one_frame_at_a_time_has_handles(scene: Any, stack: Any) -> None:
    rois = [add_box_frame(stack) for _ in range(3)]
    for chosen in (rois[1], None):
        select_frame(scene, chosen)
        assert [bool(roi.GetDisplayNode().GetHandlesInteractive()) for roi in rois] == [roi is chosen for roi in rois]


def test_a_removed_frame_comes_back_with_undo_and_its_paint_stays(scene: Any, stack: Any) -> None:
    roi = add_box_frame(stack, role="mixed", name="rim")
    before = frame_of(roi)
    brush(labels_of(stack), class_ids(scene)[0], block((5, 8, 10), (1, 2, 2)))
    remember(scene)
    remove_frame(roi)
    assert frames_of(scene) == []
    undo(scene)
    assert frames_of(scene) == [before]
    assert read_labels(labels_of(stack)).array.sum() == 4


def test_frames_and_labels_follow_a_cell_that_is_turned_and_hardened(scene: Any, stack: Any) -> None:
    brush(labels_of(stack), class_ids(scene)[1], block((3, 4, 5), (1, 3, 3)))
    frame = Frame.of_voxels("f", "cell", mrml.volume_of(stack), (3, 2, 2), (4, 12, 12))
    roi = add_frame(stack, frame)
    painted, codes = read_labels(labels_of(stack)).array, frame_codes(stack, frame)
    for step in (lambda: turn_cell(stack, "R", 37.0), lambda: harden_orientation(stack)):
        step()
        assert (read_labels(labels_of(stack)).array == painted).all()
        assert region_of(frame_of(roi), mrml.volume_of(stack)) == Region((3, 2, 2), (4, 12, 12))
        assert (frame_codes(stack, frame_of(roi)) == codes).all()


def test_a_turned_cell_is_framed_and_painted_where_it_is_seen(scene: Any, stack: Any) -> None:
    turn_cell(stack, "A", 90.0)
    # What is sagittal now were slices before.
    roi = add_slice_frame(stack, view(scene, stack, (5, 6, 7), 0))
    assert region_of(frame_of(roi), mrml.volume_of(stack)) == Region((7, 0, 0), (8, 20, 24))
    fill_frame(stack, frame_of(roi), np.full(frame_codes(stack, frame_of(roi)).shape, 2, np.uint8))
    assert (read_labels(labels_of(stack)).array[7] == 2).all()
    assert labels_of(stack).GetParentTransformNode() is stack.GetParentTransformNode() is not None


def test_frames_and_labels_keep_their_voxels_when_the_voxel_size_is_corrected(scene: Any, stack: Any) -> None:
    brush(labels_of(stack), class_ids(scene)[1], block((3, 4, 5), (1, 3, 3)))
    roi = add_frame(stack, Frame.of_voxels("f", "cell", mrml.volume_of(stack), (3, 2, 2), (4, 12, 12)))
    painted = read_labels(labels_of(stack)).array
    mrml.settle(stack)
    set_voxel_size(stack, (5.0, 7.0, 9.0), "typed")
    mrml.settle(stack)
    assert (read_labels(labels_of(stack)).array == painted).all()
    assert region_of(frame_of(roi), mrml.volume_of(stack)) == Region((3, 2, 2), (4, 12, 12))


def test_frames_come_back_with_a_saved_scene(scene: Any, image: Any, tmp_path: Path) -> None:
    add_slice_frame(image, view(scene, image, (5, 6, 7), 0), "mixed", "rim & gap")
    set_full(add_box_frame(image, role="monitoring"), True)
    before = frames_of(scene)
    mrml.save_scene(scene, tmp_path / "project.mrb")
    loaded = mrml.new_scene()
    try:
        mrml.load_scene(loaded, tmp_path / "project.mrb")
        back = frames_of(loaded)
        assert [(one.name, one.image, one.role, one.full) for one in back] == [
            (one.name, one.image, one.role, one.full) for one in before
        ]
        for one, other in zip(back, before, strict=True):
            assert np.allclose(one.centre_mm, other.centre_mm)
            assert np.allclose(one.axes, other.axes)
    finally:
        mrml.close_scene(loaded)


def test_the_table_of_frames_tells_place_role_and_paint(scene: Any, stack: Any) -> None:
    volume = mrml.volume_of(stack)
    add_frame(stack, Frame.of_voxels("rim", "cell", volume, (3, 0, 0), (4, 10, 10)).with_role("mixed"))
    add_frame(stack, Frame.of_voxels("core", "cell", volume, (5, 0, 0), (8, 10, 10)))
    for number in (0, 2):
        brush(labels_of(stack), class_ids(scene)[number], block((3, number, 0), (1, 1, 10)))
    table = frame_table(scene)
    assert table["frame"].tolist() == ["rim", "core"]
    assert table["slice"].tolist() == ["z 3", "box 3 × 10 × 10"]
    assert table["role"].tolist() == ["mixed", "training"]
    assert table["painted_percent"].tolist() == pytest.approx([20.0, 0.0])
    assert table["classes"].tolist() == ["background, anode overhang", ""]


def test_the_table_of_no_frames_is_empty(scene: Any) -> None:
    assert len(frame_table(scene)) == 0


def test_the_colours_of_the_roles_are_told_apart_by_colour_blind_eyes() -> None:
    from skimage.color import deltaE_ciede2000, rgb2lab
    from test_defects_csv import DICHROMATS, _decode, _encode

    assert set(palette.FRAMES) == set(ROLES)
    colors = np.array([palette.to_rgb(color) for color in palette.FRAMES.values()])
    for matrix in (np.eye(3), *DICHROMATS.values()):
        lab = rgb2lab(_encode(np.clip(_decode(colors) @ np.array(matrix).T, 0, 1)))
        assert all(deltaE_ciede2000(one, other) > 12.5 for one, other in combinations(lab, 2))
