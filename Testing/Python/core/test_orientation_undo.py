"""Undo and redo of turning and hardening, to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.mrml import undo
from batterycell.mrml.geometry import geometry_text
from batterycell.mrml.loaded import set_voxel_size
from batterycell.mrml.volumes import from_vtk_matrix, matrix_of, to_vtk_matrix
from batterycell.result import CellResult
from turned_cells import all_is_in_its_place, box, corners, measured_cell, parents


@pytest.fixture
def node(made: CellResult) -> Iterator[Any]:
    """A measured volume with points, a box, a line and a model attached to it."""
    volume = measured_cell(made)
    scene = volume.GetScene()
    yield volume
    mrml.close_scene(scene)


EDITS: dict[str, Callable[[Any], object]] = {
    "turn": lambda node: mrml.turn_cell(node, "R", 90),
    "flip": lambda node: mrml.turn_cell(node, "S", 180),
    "upright": lambda node: mrml.set_upright(node, mrml.cell_of(node)),  # type: ignore[arg-type]
    "harden": mrml.harden_orientation,
    "back": mrml.put_back,
}


@pytest.mark.parametrize(
    "words", ["turn upright flip", "turn harden upright harden turn back", "upright harden flip back"]
)
def test_edits_are_undone_and_redone_to_the_last_bit(node: Any, words: str) -> None:
    scene, states = node.GetScene(), [state_of(node)]
    for word in words.split():
        undo.remember(scene)
        EDITS[word](node)
        states.append(state_of(node))
    for _ in range(2):
        for state in reversed(states[:-1]):
            assert undo.undo(scene)
            same(node, state)
        for state in states[1:]:
            assert undo.redo(scene)
            same(node, state)
    assert not undo.redo(scene)


def same(node: Any, state: dict[str, Any]) -> None:
    for name, value in state_of(node).items():
        if name == "box":
            # Slicer keeps the corners of a box in single precision.
            np.testing.assert_allclose(value, state[name], atol=1e-6)
        else:
            assert value == state[name], name


def state_of(node: Any) -> dict[str, Any]:
    """Everything that turning and hardening change, to the last bit."""
    cell = mrml.cell_of(node)
    overhang = mrml.result_of(node).overhang  # type: ignore[union-attr]
    return {
        "geometry": geometry_text(node),
        "shown": mrml.shown_matrix(node).tolist(),
        "corners": corners(node).tolist(),
        "box": box(node).tolist(),
        "cell": cell.frame.basis.tolist(),  # type: ignore[union-attr]
        "upside_down": cell.upside_down,  # type: ignore[union-attr]
        "table": [str(overhang[column.name].tolist()) for column in overhang.columns],
        "transforms": len({item.GetTransformNodeID() for item in (node, *mrml.attached(node, "roi"))}),
        "in_place": all_is_in_its_place(node),
    }


def test_points_set_after_turning_are_undone_alone(node: Any) -> None:
    scene, (points,) = node.GetScene(), mrml.attached(node, "defects")
    undo.remember(scene)
    mrml.turn_cell(node, "R", 90)
    turned = mrml.shown_matrix(node)
    undo.remember(scene)
    points.AddControlPoint(1.0, 1.0, 1.0)
    undo.undo(scene)
    assert points.GetNumberOfControlPoints() == 1
    np.testing.assert_array_equal(mrml.shown_matrix(node), turned)
    undo.undo(scene)
    assert parents(node) == {None}


def test_the_voxel_size_and_a_found_cell_survive_undo(node: Any, made: CellResult) -> None:
    scene = node.GetScene()
    mrml.set_cell(node, None)
    undo.remember(scene)
    mrml.turn_cell(node, "R", 90)
    mrml.put_back(node)
    mrml.set_cell(node, made.cell)
    node.SetSpacing(0.2, 0.2, 0.2)
    undo.undo(scene)
    assert node.GetSpacing() == (0.2, 0.2, 0.2)
    node.SetSpacing(0.1, 0.1, 0.1)
    assert mrml.cell_of(node) is not None


def test_what_undo_brings_back_from_before_a_corrected_voxel_size_keeps_its_voxels(node: Any) -> None:
    scene, (points,) = node.GetScene(), mrml.attached(node, "defects")
    before = np.linalg.inv(matrix_of(node)) @ [*points.GetNthControlPointPosition(0), 1]
    mrml.settle(node)
    undo.remember(scene)
    points.AddControlPoint(4.0, 5.0, 6.0)
    set_voxel_size(node, (20.0, 30.0, 40.0), "typed")
    mrml.settle(node)
    for step in (undo.undo, undo.redo, undo.undo):
        step(scene)
        mrml.settle(node)
        (points,) = mrml.attached(node, "defects")
        place = [*points.GetNthControlPointPosition(0), 1]
        np.testing.assert_allclose(np.linalg.inv(matrix_of(node)) @ place, before, atol=1e-9)
    np.testing.assert_allclose(node.GetSpacing(), (0.04, 0.03, 0.02))


def test_a_deleted_transform_takes_nothing_with_it_and_comes_back_with_undo(node: Any, made: CellResult) -> None:
    scene, before = node.GetScene(), corners(node)
    mrml.set_upright(node, made.cell)
    upright = corners(node)
    undo.remember(scene)
    scene.RemoveNode(mrml.orientation_of(node))
    mrml.settle(node)
    assert (mrml.orientation_of(node), parents(node)) == (None, {None})
    np.testing.assert_array_equal(corners(node), before)
    undo.undo(scene)
    np.testing.assert_array_equal(corners(node), upright)
    scene.RemoveNode(mrml.orientation_of(node))
    mrml.turn_cell(node, "S", 90)
    assert all_is_in_its_place(node)


def add_segments(volume: Any) -> Any:
    """A segmentation as the Segment Editor makes it: it refers to the volume, nobody attached it."""
    import slicer

    node, image = (
        volume.GetScene().AddNewNodeByClass("vtkMRMLSegmentationNode", "segments"),
        slicer.vtkOrientedImageData(),
    )
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    image.SetDimensions(8, 9, 10)
    image.AllocateScalars(3, 1)
    image.GetPointData().GetScalars().Fill(1)
    image.SetImageToWorldMatrix(to_vtk_matrix(matrix_of(volume)))
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    logic.SetBinaryLabelmapToSegment(image, node, node.GetSegmentation().AddEmptySegment("one"), logic.MODE_REPLACE)
    return node


def labelmap(node: Any) -> Any:
    segment = node.GetSegmentation().GetSegment(node.GetSegmentation().GetNthSegmentID(0))
    return segment.GetRepresentation("Binary labelmap")


def lies_on(node: Any, volume: Any) -> bool:
    """Whether the labels lie on the volume's voxels, as the views show them."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    labelmap(node).GetImageToWorldMatrix(matrix)
    same_place = np.allclose(from_vtk_matrix(matrix), matrix_of(volume), atol=1e-9)
    return bool(same_place and node.GetTransformNodeID() == volume.GetTransformNodeID())


def test_segments_turn_with_their_volume_without_resampling(node: Any) -> None:
    scene, segments = node.GetScene(), add_segments(node)
    for edit in (lambda: mrml.turn_cell(node, "R", 37), lambda: mrml.harden_orientation(node)):
        undo.remember(scene)
        edit()
        assert lies_on(segments, node)
    for step in (undo.undo, undo.undo, undo.redo, undo.redo):
        assert step(scene)
        assert lies_on(segments, node)
    assert labelmap(segments).GetDimensions() == (8, 9, 10)
    assert labelmap(segments).GetPointData().GetScalars().GetRange() == (1.0, 1.0)


def test_segments_of_another_volume_stay_where_they_are(node: Any) -> None:
    other = mrml.add_volume(node.GetScene(), mrml.volume_of(node), "other")
    segments = add_segments(other)
    mrml.turn_cell(node, "R", 90)
    assert segments.GetParentTransformNode() is None
