"""Cuts on MRML nodes: what is cut away vanishes from the pictures, and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.clip import Cut, angle_of, fit_box, half_cut, quarter_cut, slab
from batterycell.mrml import rendering, undo
from batterycell.mrml.clipping import apply_cut, cut_open, invert_cut, remove_orphans, reset_cut
from batterycell.mrml.cut_roi import cut_of, has_handles, roi_of, show_handles
from batterycell.mrml.rendering import renderings
from batterycell.mrml.scratch import scratch_scene
from batterycell.mrml.volumes import to_vtk_matrix
from batterycell.orient import Cell
from batterycell.pictures.gl import missing_gl
from batterycell.volume import Volume
from clip_views import KINDS, add_cell, add_cylinder, box_numbers, from_above, from_the_side, seen, seen_heights
from made_result import made_result

pytestmark = pytest.mark.skipif(missing_gl() is not None, reason=str(missing_gl()))
RESULT = made_result()
CELL: Cell = RESULT.cell
SECTORS = (45, 135, 225, 315)


@pytest.fixture
def node() -> Iterator[Any]:
    yield from in_a_scene(RESULT.volume)


def in_a_scene(volume: Volume) -> Iterator[Any]:
    scene = mrml.new_scene()
    yield mrml.add_volume(scene, volume, 'cell "ü", 1')
    mrml.close_scene(scene)


def loaded(path: Path) -> Iterator[Any]:
    scene = mrml.new_scene()
    mrml.load_scene(scene, path)
    yield scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
    mrml.close_scene(scene)


def sectors(node: Any, cell: Cell = CELL) -> list[float]:
    """How much is seen of the four quarters."""
    drawn = from_above(node, cell.frame)
    return [round(seen(drawn, cell.frame, angle), 1) for angle in SECTORS]


def displays(node: Any) -> list[Any]:
    kinds = ("vtkMRMLModelDisplayNode", "vtkMRMLSegmentationDisplayNode")
    scene = node.GetScene()
    some = [scene.GetNthNodeByClass(n, kind) for kind in kinds for n in range(scene.GetNumberOfNodesByClass(kind))]
    return [*some, *renderings(node)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_quarter_vanishes_turns_comes_alone_and_comes_back(node: Any, kind: str) -> None:
    add_cell(node, CELL.frame, kind)
    assert sectors(node) == [1, 1, 1, 1]
    cut_open(node, quarter_cut(RESULT.volume, CELL))
    assert sectors(node) == [0, 1, 1, 1]
    cut_open(node, quarter_cut(RESULT.volume, CELL, 180.0))
    assert sectors(node) == [1, 1, 0, 1]
    invert_cut(node, False)
    assert sectors(node) == [0, 0, 1, 0]
    reset_cut(node)
    assert sectors(node) == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_half_and_fit_keep_what_they_say(node: Any, kind: str) -> None:
    add_cell(node, CELL.frame, kind)
    cut_open(node, half_cut(RESULT.volume, CELL))
    assert sectors(node) == [0, 0, 1, 1]
    invert_cut(node, True)
    assert sectors(node) == [1, 1, 0, 0]
    cut_open(node, fit_box(RESULT.volume, CELL))
    assert sectors(node) == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_slab_keeps_its_heights(node: Any, kind: str) -> None:
    add_cell(node, CELL.frame, kind)
    cut_open(node, slab(RESULT.volume, CELL, 300.0, 800.0))
    np.testing.assert_allclose(seen_heights(from_the_side(node, CELL.frame)), (-0.1, 0.7), atol=0.08)


def sheared() -> tuple[Volume, Cell]:
    """The made cell, its slices pushed along: a matrix whose axes are not perpendicular."""
    matrix = RESULT.volume.ijk_to_ras.copy()
    matrix[:3, 2] += [0.02, -0.01, 0.0]
    volume = replace(RESULT.volume, ijk_to_ras=matrix)
    middle = volume.to_ras([39.5, 39.5, 14.5])
    return volume, replace(CELL, frame=replace(CELL.frame, origin=middle))


def test_the_rendering_of_a_sheared_volume_is_cut_where_the_cut_says() -> None:
    volume, cell = sheared()
    for node in in_a_scene(volume):
        add_cell(node, cell.frame, "rendering")
        cut_open(node, quarter_cut(volume, cell))
        assert sectors(node, cell) == [0, 1, 1, 1]
        cut_open(node, half_cut(volume))  # without a cell, along the volume's own axes
        assert sectors(node, cell) == [0, 0, 1, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_follows_the_volume_when_it_is_turned(node: Any, kind: str) -> None:
    add_cell(node, CELL.frame, kind)
    cut_open(node, quarter_cut(RESULT.volume, CELL))
    turn = node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[:3, :3] = [[0, -1, 0], [0, 0, -1], [1, 0, 0]]
    matrix[:3, 3] = [7, -3, 12]
    turn.SetMatrixTransformToParent(to_vtk_matrix(matrix))
    mrml.put_under(node, turn)
    for display in displays(node):
        display.GetDisplayableNode().SetAndObserveTransformNodeID(turn.GetID())
    assert sectors(node) == [0, 1, 1, 1]
    assert cut_of(node).kind == "quarter"  # type: ignore[union-attr]


def test_a_cut_stays_what_it_is_when_the_volume_is_turned_and_hardened(node: Any) -> None:
    mrml.set_cell(node, CELL)
    add_cell(node, CELL.frame, "rendering")
    cut_open(node, quarter_cut(RESULT.volume, CELL, 20.0))
    mrml.turn_cell(node, "R", 90)
    mrml.harden_orientation(node)
    cell = mrml.cell_of(node)
    assert cell is not None and not np.allclose(cell.frame.up, CELL.frame.up)
    assert cut_of(node).kind == "quarter"  # type: ignore[union-attr]
    assert angle_of(cut_of(node), cell.frame) == pytest.approx(20.0)  # type: ignore[arg-type]
    assert sectors(node, cell) == [0, 1, 1, 1]


def test_a_cut_reads_back_as_it_was_made(node: Any) -> None:
    assert cut_of(node) is None
    for cut in (quarter_cut(RESULT.volume, CELL, 33.0), slab(RESULT.volume, CELL, 100.0, 500.0)):
        cut_open(node, cut)
        assert same(cut_of(node), cut)


def same(one: Cut | None, other: Cut | None) -> bool:
    assert one and other
    close = np.allclose(box_numbers(one.box), box_numbers(other.box), atol=1e-9)
    return close and (one.kind, one.removes_inside) == (other.kind, other.removes_inside)


def test_a_box_moved_by_hand_cuts_on_and_says_so(node: Any) -> None:
    add_cell(node, CELL.frame, "rendering")
    roi = cut_open(node, quarter_cut(RESULT.volume, CELL))
    roi.SetSize(*(0.01 * np.array(roi.GetSize())))
    assert cut_of(node).kind == "hand"  # type: ignore[union-attr]
    assert sectors(node) == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_scene_is_cut_open_when_it_is_loaded(node: Any, kind: str, tmp_path: Path) -> None:
    cut = quarter_cut(RESULT.volume, CELL, 90.0)
    add_cell(node, CELL.frame, kind)
    cut_open(node, cut)
    show_handles(node, True)
    mrml.save_scene(node.GetScene(), tmp_path / "cut.mrb")
    for back in loaded(tmp_path / "cut.mrb"):
        assert has_handles(back)
        show_handles(back, False)
        assert sectors(back) == [1, 0, 1, 1]
        read = cut_of(back)
        assert read and read.kind == "quarter" and read.removes_inside
        np.testing.assert_allclose(box_numbers(read.box), box_numbers(cut.box), atol=1e-5)
        apply_cut(back)
        assert sectors(back) == [1, 0, 1, 1]
        reset_cut(back)
        assert sectors(back) == [1, 1, 1, 1]


def test_undo_and_redo_of_cuts(node: Any) -> None:
    scene = node.GetScene()
    for kind in KINDS:
        add_cell(node, CELL.frame, kind)

    def step(change: Any) -> None:
        change(scene)
        apply_cut(node)

    undo.remember(scene)
    cut_open(node, quarter_cut(RESULT.volume, CELL))
    undo.remember(scene)
    cut_open(node, half_cut(RESULT.volume, CELL))
    undo.remember(scene)
    reset_cut(node)
    step(undo.undo)
    assert sectors(node) == [0, 0, 1, 1]
    step(undo.undo)
    assert sectors(node) == [0, 1, 1, 1] and cut_of(node).kind == "quarter"  # type: ignore[union-attr]
    step(undo.undo)
    assert sectors(node) == [1, 1, 1, 1] and cut_of(node) is None
    for _ in range(2):
        step(undo.redo)
    assert sectors(node) == [0, 0, 1, 1]


def test_reset_gives_back_what_someone_else_had_set(node: Any) -> None:
    scene = node.GetScene()
    theirs = scene.AddNewNodeByClass("vtkMRMLClipNode", "theirs")
    off, on = (add_cylinder(node, CELL.frame) for _ in range(2))
    for display in (off, on):
        display.SetAndObserveClipNodeID(theirs.GetID())
    on.SetClipping(True)
    nodes = scene.GetNumberOfNodes()
    cut_open(node, quarter_cut(RESULT.volume, CELL))
    assert off.GetClipping() and off.GetClipNode() is not theirs
    assert on.GetClipNode() is theirs
    reset_cut(node)
    assert not off.GetClipping() and off.GetClipNode() is on.GetClipNode() is theirs and on.GetClipping()
    assert scene.GetNumberOfNodes() == nodes


def test_what_is_added_later_is_cut_as_well(node: Any) -> None:
    cut_open(node, quarter_cut(RESULT.volume, CELL))
    for kind in KINDS:
        add_cell(node, CELL.frame, kind)
    apply_cut(node)
    assert sectors(node) == [0, 1, 1, 1]


def test_applying_a_cut_again_changes_nothing(node: Any) -> None:
    for kind in KINDS:
        add_cell(node, CELL.frame, kind)
    cut_open(node, quarter_cut(RESULT.volume, CELL))
    scene = node.GetScene()
    before = [scene.GetNthNode(index).GetMTime() for index in range(scene.GetNumberOfNodes())]
    apply_cut(node)
    assert [scene.GetNthNode(index).GetMTime() for index in range(scene.GetNumberOfNodes())] == before


def test_a_deleted_roi_or_clip_node_leaves_a_whole_cell_or_a_cut_one_but_no_error(node: Any) -> None:
    for kind in KINDS:
        add_cell(node, CELL.frame, kind)
    cut_open(node, half_cut(RESULT.volume, CELL))
    scene = node.GetScene()
    scene.RemoveNode(scene.GetFirstNodeByClass("vtkMRMLClipNode"))
    apply_cut(node)
    assert sectors(node) == [0, 0, 1, 1]
    scene.RemoveNode(roi_of(node))
    apply_cut(node)
    assert sectors(node) == [1, 1, 1, 1]


def test_handles_are_hidden_until_asked_for(node: Any) -> None:
    cut_open(node, fit_box(RESULT.volume, CELL))
    assert not has_handles(node)
    show_handles(node, True)
    cut_open(node, half_cut(RESULT.volume, CELL))
    assert has_handles(node)


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_of_the_scene_made_for_pictures_is_cut_as_well(node: Any, kind: str) -> None:
    add_cell(node, CELL.frame, kind)
    cut_open(node, quarter_cut(RESULT.volume, CELL, 180.0))
    with scratch_scene(node.GetScene()) as copy:
        assert sectors(copy.GetNodeByID(node.GetID())) == [1, 1, 0, 1]


def test_a_removed_volume_takes_its_cut_and_its_preview_along(node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "_PREVIEW_VOXELS", 50_000)
    scene = node.GetScene()
    display = add_cylinder(node, CELL.frame)
    other = mrml.add_volume(scene, RESULT.volume, "other")
    count = scene.GetNumberOfNodes()
    added = mrml.add_volume(scene, RESULT.volume, "removed")
    add_cell(added, CELL.frame, "rendering")
    for cut in (quarter_cut(RESULT.volume, CELL), half_cut(RESULT.volume, CELL)):
        cut_open(added, cut)
    scene.RemoveNode(added.GetDisplayNode())
    scene.RemoveNode(added)
    remove_orphans(scene)
    assert not display.GetClipping() and display.GetClipNode() is None
    assert scene.GetNumberOfNodes() == count
    cut_open(other, half_cut(RESULT.volume, CELL))
    remove_orphans(scene)
    assert cut_of(other) is not None and display.GetClipping()
