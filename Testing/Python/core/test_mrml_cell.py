"""What belongs to a cell in a scene: it follows its volume, survives a saved scene, and edits can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.mrml import undo
from batterycell.mrml.cell import input_path, role_of, show_marks_of, volume_node_of
from batterycell.mrml.nodes import nodes_of
from batterycell.result import CellResult


@pytest.fixture
def node(made: CellResult) -> Iterator[Any]:
    scene = mrml.new_scene()
    yield mrml.add_volume(scene, made.volume, "tiny")
    mrml.close_scene(scene)


def points(node: Any, role: str = "defects") -> Any:
    """A point list attached to a volume, with one point."""
    list_node = node.GetScene().AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", role)
    list_node.AddControlPoint(1.0, 2.0, 3.0)
    mrml.attach(node, list_node, role)
    return list_node


def saved_and_loaded(node: Any, path: Path) -> Any:
    """The volume of the scene, saved and loaded into the emptied scene."""
    scene = node.GetScene()
    mrml.save_scene(scene, path)
    scene.Clear(False)
    mrml.load_scene(scene, path)
    return scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")


def test_what_belongs_to_a_cell_is_found_by_its_role(node: Any) -> None:
    other = mrml.add_volume(node.GetScene(), mrml.volume_of(node), "other")
    mine, its = points(node), points(other)
    assert mrml.attached(node, "defects") == [mine]
    assert mrml.attached(other) == [its]
    assert mrml.attached(node, "roi") == []
    mrml.detach(mine)
    assert (mrml.attached(node), role_of(mine), volume_node_of(mine)) == ([], "", None)


def test_a_result_comes_back_from_the_scene_as_it_went_in(node: Any, made: CellResult) -> None:
    mrml.add_result(node, made)
    back = mrml.result_of(node)
    assert back is not None
    np.testing.assert_array_equal(back.overhang["overhang_um"], made.overhang["overhang_um"])
    np.testing.assert_array_equal(back.cell.frame.basis, made.cell.frame.basis)
    assert back.recipe == made.recipe


def test_measuring_again_replaces_the_older_result(node: Any, made: CellResult) -> None:
    few = replace(made, overhang=made.overhang.where(np.arange(len(made.overhang)) < 2))
    counts = []
    for result in (made, few, few):
        mrml.add_result(node, result)
        counts.append(len(nodes_of(node.GetScene(), "vtkMRMLTableNode")))
    assert counts[0] >= counts[1] == counts[2]
    assert len(mrml.attached(node, "overhang")) == 1
    assert len(mrml.result_of(node).overhang) == 2  # type: ignore[union-attr]
    mrml.remove_result(node)
    assert mrml.attached(node) == []


def test_upright_takes_the_volume_and_all_that_belongs_to_it_along_and_back(node: Any, made: CellResult) -> None:
    mine = points(node)
    transform = mrml.set_upright(node, made.cell)
    assert mine.GetParentTransformNode() is node.GetParentTransformNode() is transform
    assert points(node, "rulers").GetParentTransformNode() is transform, "what is attached later follows too"
    mrml.put_back(node)
    assert (mine.GetParentTransformNode(), node.GetParentTransformNode()) == (None, None)


def test_a_saved_scene_keeps_what_belongs_to_what(node: Any, made: CellResult, tmp_path: Path) -> None:
    mrml.add_result(node, made)
    mrml.set_upright(node, made.cell)
    points(node)
    loaded = saved_and_loaded(node, tmp_path / "scene.mrb")
    assert {role_of(item) for item in mrml.attached(loaded)} >= {"overhang", "anode-ends", "defects", "orientation"}
    np.testing.assert_array_equal(mrml.cell_of(loaded).frame.origin, made.cell.frame.origin)  # type: ignore[union-attr]
    assert mrml.orientation_of(loaded) is not None


def test_undo_goes_back_and_redo_forward(node: Any) -> None:
    scene, mine = node.GetScene(), points(node)
    assert not undo.undo(scene)
    undo.remember(scene)
    mine.AddControlPoint(4.0, 5.0, 6.0)
    points(node, "rulers")
    assert undo.undo(scene)
    assert mine.GetNumberOfControlPoints() == 1
    assert mrml.attached(node, "rulers") == []
    assert undo.redo(scene)
    assert mine.GetNumberOfControlPoints() == 2
    assert [role_of(item) for item in mrml.attached(node)] == ["defects", "rulers"]
    undo.forget(scene)
    assert not undo.can_undo(scene)


def test_undo_stands_the_cell_back_as_it_was(node: Any, made: CellResult) -> None:
    mine = points(node)
    undo.remember(node.GetScene())
    mrml.set_upright(node, made.cell)
    undo.undo(node.GetScene())
    assert (mrml.orientation_of(node), mine.GetParentTransformNode()) == (None, None)
    undo.redo(node.GetScene())
    assert mrml.orientation_of(node) is mine.GetParentTransformNode() is not None


def test_where_a_volume_came_from_is_known_while_it_is_there(node: Any, tmp_path: Path) -> None:
    assert input_path(node) is None
    file = tmp_path / "cell.nrrd"
    node.SetAttribute("BatteryCell.Input", str(file))
    assert input_path(node) is None
    file.touch()
    assert input_path(node) == file


def test_a_3d_view_looks_at_the_cell_where_it_is_shown(node: Any, made: CellResult) -> None:
    from batterycell.mrml.cut_camera import look_into

    mrml.set_upright(node, made.cell)
    shift = np.eye(4)
    shift[:3, 3] = (40.0, -30.0, 20.0)
    node.ApplyTransformMatrix(mrml.volumes.to_vtk_matrix(shift))
    camera = node.GetScene().AddNewNodeByClass("vtkMRMLCameraNode")
    look_into(camera, node, None)
    middle = mrml.places.to_world(node, mrml.volume_of(node).to_ras((np.array(made.volume.array.shape[::-1]) - 1) / 2))
    np.testing.assert_allclose(camera.GetFocalPoint(), middle, atol=0.1)


@pytest.mark.parametrize("text", ["", "{", "{}", "[1, 2]", '{"frame": 3}'])
def test_a_spoiled_note_of_the_cell_is_no_cell(node: Any, text: str) -> None:
    node.SetAttribute("BatteryCell.Cell", text)
    assert mrml.cell_of(node) is None


def test_only_the_marks_of_the_chosen_cell_are_shown_and_what_was_hidden_stays_hidden(node: Any) -> None:
    scene = node.GetScene()
    other = mrml.add_volume(scene, mrml.volume_of(node), "other")
    mine, its, hidden = points(node), points(other), points(node, "rulers")
    for mark in (mine, its, hidden):
        mark.CreateDefaultDisplayNodes()
    hidden.GetDisplayNode().SetVisibility(False)
    show_marks_of(scene, other)
    assert [bool(mark.GetDisplayNode().GetVisibility()) for mark in (mine, its, hidden)] == [False, True, False]
    show_marks_of(scene, node)
    assert [bool(mark.GetDisplayNode().GetVisibility()) for mark in (mine, its, hidden)] == [True, False, False]
    scene.RemoveNode(node)
    show_marks_of(scene, other)
    assert not mine.GetDisplayNode().GetVisibility()


def test_marks_that_were_deleted_come_back_to_be_seen(node: Any) -> None:
    mine = points(node)
    mine.CreateDefaultDisplayNodes()
    mine.GetDisplayNode().SetSelectedColor(0.1, 0.2, 0.3)
    undo.remember(node.GetScene())
    node.GetScene().RemoveNode(mine)
    undo.undo(node.GetScene())
    (back,) = mrml.attached(node, "defects")
    assert back.GetDisplayNode() is not None
    assert back.GetDisplayNode().GetSelectedColor() == (0.1, 0.2, 0.3)


def test_a_node_of_another_scene_cannot_belong_to_a_cell(node: Any) -> None:
    scene = mrml.new_scene()
    stranger = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode")
    for wrong, role in ((stranger, "defects"), (node, "defects"), (points(node), "")):
        with pytest.raises(ValueError, match="volume's scene"):
            mrml.attach(node, wrong, role)
    mrml.close_scene(scene)


def test_a_name_with_an_ampersand_is_made_loadable(node: Any, tmp_path: Path) -> None:
    node.SetName('R & D "7"')
    mrml.keep_loadable(node)
    assert mrml.volume_of(saved_and_loaded(node, tmp_path / "scene.mrb")).name == 'R & D "7"'
