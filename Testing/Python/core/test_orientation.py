"""Turning a cell in a scene: upright, back, hardened, undone; whoever moves the volume, nothing is left behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.errors import InputError
from batterycell.io import LoadOptions, load_volume
from batterycell.mrml import undo
from batterycell.mrml.geometry import geometry_text
from batterycell.mrml.places import to_world
from batterycell.mrml.volumes import from_vtk_matrix, matrix_of, to_vtk_matrix
from batterycell.mrml.windings import set_windings, windings_of
from batterycell.orient import find_cell, turn
from batterycell.overhang import measure_overhang
from batterycell.result import CellResult
from batterycell.summary import summarize
from batterycell.winding import Windings
from made_result import made_result

TILT = turn("A", 25, (1, 2, 3)) @ turn("R", 160, (0, 0, 0))


@pytest.fixture
def made() -> CellResult:
    return made_result()


@pytest.fixture
def node(made: CellResult) -> Iterator[Any]:
    """A measured volume with points, a box, a line, a model and a segmentation attached to it."""
    scene = mrml.new_scene()
    volume = mrml.add_volume(scene, made.volume, "tiny, “of” ä&b")
    mrml.add_result(volume, made)
    for kind, role in (("MarkupsFiducial", "defects"), ("MarkupsLine", "rulers")):
        add(volume, kind, role).AddControlPoint(1.0, 2.0, 3.0)
    roi = add(volume, "MarkupsROI", "roi")
    roi.SetCenter(1.0, 0.0, -1.0)
    roi.SetSize(2.0, 3.0, 4.0)
    add_model(volume)
    yield volume
    mrml.close_scene(scene)


def add(volume: Any, kind: str, role: str) -> Any:
    node = volume.GetScene().AddNewNodeByClass(f"vtkMRML{kind}Node", role)
    mrml.attach(volume, node, role)
    return node


def add_model(volume: Any) -> Any:
    from vtkmodules.vtkFiltersSources import vtkCubeSource

    source, model = vtkCubeSource(), add(volume, "Model", "model")
    source.Update()
    model.SetAndObservePolyData(source.GetOutput())
    return model


def corners(volume: Any) -> np.ndarray:
    """Where the views show the volume's corners, its points and its model."""
    last = np.array(volume.GetImageData().GetDimensions()) - 1
    own = [(matrix_of(volume) @ [*(last * corner), 1])[:3] for corner in np.ndindex(2, 2, 2)]
    marks = [
        node.GetNthControlPointPositionWorld(0)
        for role in ("defects", "rulers", "anode-ends")
        for node in mrml.attached(volume, role)
    ]
    return np.vstack([to_world(volume, own), *marks, model_point(volume)])


def box(volume: Any) -> np.ndarray:
    """Where the views show the middle and the size of the box."""
    (roi,) = mrml.attached(volume, "roi")
    return np.array([list(roi.GetCenterWorld()), roi.GetSize()])


def model_point(volume: Any) -> list[float]:
    world = [0.0, 0.0, 0.0]
    for model in mrml.attached(volume, "model"):
        model.TransformPointToWorld(model.GetPolyData().GetPoint(0), world)
    return world


def anodes(volume: Any) -> np.ndarray:
    """Where the table says that anodes end, as the views show it."""
    overhang = mrml.result_of(volume).overhang  # type: ignore[union-attr]
    rows = np.column_stack([overhang[f"anode_{axis}_mm"] for axis in "ras"])
    return to_world(volume, rows[np.isfinite(rows).all(axis=1)])


def spots(volume: Any) -> np.ndarray:
    """Where the views show the points at the anodes' ends."""
    (node,) = mrml.attached(volume, "anode-ends")
    return np.array([node.GetNthControlPointPositionWorld(i) for i in range(node.GetNumberOfControlPoints())])


def all_is_in_its_place(volume: Any) -> bool:
    """Whether every point of the table has its spot."""
    distance = np.linalg.norm(anodes(volume)[:, None] - spots(volume)[None], axis=2)
    return bool(distance.min(axis=1).max() < 1e-6)


def parents(volume: Any) -> set[Any]:
    return {volume.GetTransformNodeID(), *(n.GetTransformNodeID() for n in mrml.attached(volume, "defects"))}


def test_turns_are_about_what_is_shown_and_its_middle(node: Any, made: CellResult) -> None:
    middle = corners(node)[:8].mean(axis=0)
    mrml.set_upright(node, made.cell)
    upright = corners(node)
    quarter = turn("R", 90, upright[:8].mean(axis=0))
    transform = mrml.turn_cell(node, "R", 90)
    np.testing.assert_allclose(corners(node), upright @ quarter[:3, :3].T + quarter[:3, 3], atol=1e-6)
    assert mrml.turn_cell(node, "S", 180) is transform, "one transform a cell"
    assert len(parents(node)) == 1
    mrml.put_back(node)
    np.testing.assert_allclose(corners(node)[:8].mean(axis=0), middle)


def test_four_quarter_turns_are_none(node: Any) -> None:
    before = corners(node)
    assert [mrml.turn_cell(node, "A", 90) is None for _ in range(4)] == [False, False, False, True]
    assert mrml.orientation_of(node) is None
    np.testing.assert_array_equal(corners(node), before)


def test_upright_is_told_from_turned(node: Any, made: CellResult) -> None:
    mrml.set_cell(node, None)
    assert not mrml.stands_upright(node), "nobody knows"
    mrml.set_upright(node, made.cell)
    assert mrml.stands_upright(node)
    for axis in ("S", "R"):
        mrml.turn_cell(node, axis, 90)
        assert not mrml.stands_upright(node)
        mrml.turn_cell(node, axis, -90)
        assert mrml.stands_upright(node)
    mrml.put_back(node)
    assert not mrml.stands_upright(node)
    mrml.set_upright(node, made.cell)
    mrml.harden_orientation(node)
    assert mrml.stands_upright(node) and mrml.orientation_of(node) is None


def test_hardening_moves_nothing_in_the_views_and_changes_no_value(node: Any, made: CellResult) -> None:
    mrml.set_upright(node, made.cell)
    mrml.turn_cell(node, "A", 90)
    before, table, voxels, its_box = corners(node), anodes(node), mrml.volume_of(node).array, box(node)
    mrml.harden_orientation(node)
    assert parents(node) == {None}
    np.testing.assert_allclose(corners(node), before, atol=1e-6)
    np.testing.assert_allclose(anodes(node), table, atol=1e-9)
    np.testing.assert_allclose(box(node), its_box, atol=1e-6)
    assert all_is_in_its_place(node)
    assert np.shares_memory(mrml.volume_of(node).array, voxels), "nothing was resampled"
    result = mrml.result_of(node)
    for column in made.overhang.columns:
        if not column.name.endswith("_mm"):
            np.testing.assert_array_equal(result.overhang[column.name], made.overhang[column.name])  # type: ignore[union-attr]


def test_after_hardening_the_cell_lies_in_the_same_voxels(node: Any, made: CellResult) -> None:
    def in_voxels() -> np.ndarray:
        volume, cell = mrml.volume_of(node), mrml.cell_of(node)
        return volume.to_ijk(cell.frame.from_cylindrical([0.0, 90.0, 200.0], [1.0, 2.0, 3.0], [0.0, 0.5, -1.0]))  # type: ignore[union-attr]

    before = in_voxels()
    mrml.turn_cell(node, "R", 90)
    mrml.turn_cell(node, "S", 37.0)
    np.testing.assert_array_equal(in_voxels(), before)
    mrml.harden_orientation(node)
    np.testing.assert_allclose(in_voxels(), before, atol=1e-9)
    result = mrml.result_of(node)
    np.testing.assert_allclose(result.cell.frame.up, mrml.cell_of(node).frame.up)  # type: ignore[union-attr]


def test_traced_windings_turn_with_the_cell(node: Any) -> None:
    frame, radii = mrml.cell_of(node).frame, np.full((2, 37), 2.0)  # type: ignore[union-attr]
    set_windings(node, Windings(frame, 1, 0.0, 12, 0.5, np.array([-1.0, 1.0]), radii))
    mrml.turn_cell(node, "R", 90)
    mrml.harden_orientation(node)
    windings = windings_of(node)
    assert windings is not None
    np.testing.assert_array_equal(windings.frame.basis, mrml.cell_of(node).frame.basis)  # type: ignore[union-attr]


def test_the_summary_says_in_which_frame_its_millimetres_are(node: Any, made: CellResult) -> None:
    def orientation() -> dict[str, Any]:
        return summarize(mrml.result_of(node))["orientation"]  # type: ignore[arg-type, no-any-return]

    identity = np.eye(4).tolist()
    assert (orientation()["scan_to_ras"], orientation()["ras_to_shown"]) == (identity, identity)
    mrml.turn_cell(node, "R", 90)
    shown = orientation()["ras_to_shown"]
    np.testing.assert_array_equal(np.array(shown)[:3, :3], turn("R", 90, (0, 0, 0))[:3, :3])
    mrml.harden_orientation(node)
    np.testing.assert_allclose(orientation()["scan_to_ras"], shown, atol=1e-12)
    assert orientation()["ras_to_shown"] == identity


def test_a_sheared_volume_keeps_its_shear(made: CellResult) -> None:
    sheared = np.array([[-0.1, 0.02, 0, 4], [0, -0.1, 0.03, 5], [0, 0, 0.1, 6], [0, 0, 0, 1.0]])
    scene = mrml.new_scene()
    volume = mrml.add_volume(scene, replace(made.volume, ijk_to_ras=sheared), "sheared")
    mrml.turn_cell(volume, "R", 90)
    mrml.turn_cell(volume, "S", 20)
    shown = mrml.shown_matrix(volume)
    mrml.harden_orientation(volume)
    np.testing.assert_allclose(matrix_of(volume), shown @ sheared, atol=1e-12)
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


def test_a_cell_is_not_known_any_more_once_the_voxel_size_changed(node: Any) -> None:
    node.SetSpacing(0.2, 0.2, 0.2)
    assert mrml.cell_of(node) is None
    assert mrml.result_of(node) is None


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


def test_what_slicer_hardens_alone_takes_all_along(node: Any, made: CellResult) -> None:
    mrml.set_upright(node, made.cell)
    before = corners(node)
    node.HardenTransform()
    mrml.settle(node)
    assert parents(node) == {None}
    np.testing.assert_allclose(corners(node), before, atol=1e-6)
    assert all_is_in_its_place(node) and mrml.stands_upright(node)
    mrml.turn_cell(node, "R", 90)
    assert len(mrml.attached(node, "orientation")) == 1


def test_what_slicer_hardens_together_is_not_moved_twice(node: Any, made: CellResult) -> None:
    mrml.set_upright(node, made.cell)
    mrml.settle(node)
    before = corners(node)
    for item in [*mrml.attached(node), node]:
        if item.IsA("vtkMRMLTransformableNode") and not item.IsA("vtkMRMLTransformNode"):
            item.HardenTransform()
    mrml.settle(node)
    np.testing.assert_allclose(corners(node), before, atol=1e-6)
    assert all_is_in_its_place(node)


def test_a_volume_that_is_centred_takes_all_along(node: Any) -> None:
    mrml.settle(node)
    before, way = corners(node), np.array([5, -6, 7])
    node.SetOrigin(*(np.array(node.GetOrigin()) + way))
    mrml.settle(node)
    np.testing.assert_allclose(corners(node), before + way, atol=1e-6)
    assert all_is_in_its_place(node)


def test_a_foreign_transform_is_named_and_nothing_is_turned(node: Any, made: CellResult) -> None:
    foreign = node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode", "theirs")
    foreign.SetMatrixTransformToParent(to_vtk_matrix(TILT))
    node.SetAndObserveTransformNodeID(foreign.GetID())
    before = geometry_text(node)
    for edit in (
        lambda: mrml.turn_cell(node, "R", 90),
        lambda: mrml.set_upright(node, made.cell),
        lambda: mrml.put_back(node),
        lambda: mrml.harden_orientation(node),
    ):
        with pytest.raises(InputError, match="theirs"):
            edit()
    assert node.GetParentTransformNode() is foreign and geometry_text(node) == before
    mrml.settle(node)
    assert parents(node) == {foreign.GetID()}, "what belongs to the cell follows it there"
    np.testing.assert_allclose(mrml.standing_of(node).shown, TILT)
    assert not mrml.stands_upright(node)


def test_a_transform_over_ours_is_foreign_too(node: Any) -> None:
    ours = mrml.turn_cell(node, "R", 90)
    foreign = node.GetScene().AddNewNodeByClass("vtkMRMLTransformNode", "warp")
    ours.SetAndObserveTransformNodeID(foreign.GetID())
    with pytest.raises(InputError, match="warp"):
        mrml.turn_cell(node, "R", 90)


def test_a_warped_volume_has_no_matrix_and_the_summary_says_so(node: Any) -> None:
    from vtkmodules.vtkCommonTransforms import vtkThinPlateSplineTransform

    warp = node.GetScene().AddNewNodeByClass("vtkMRMLTransformNode", "warp")
    warp.SetAndObserveTransformToParent(vtkThinPlateSplineTransform())
    node.SetAndObserveTransformNodeID(warp.GetID())
    assert mrml.standing_of(node).shown is None
    assert summarize(mrml.result_of(node))["orientation"]["ras_to_shown"] is None  # type: ignore[arg-type]
    assert not mrml.stands_upright(node)


def test_a_transform_that_scales_is_not_hardened(node: Any) -> None:
    transform = mrml.turn_cell(node, "R", 90)
    transform.SetMatrixTransformToParent(to_vtk_matrix(np.diag([2.0, 1, 1, 1])))
    with pytest.raises(InputError, match="scales"):
        mrml.harden_orientation(node)


def test_what_is_not_turned_is_not_hardened(node: Any) -> None:
    with pytest.raises(InputError, match="not turned"):
        mrml.harden_orientation(node)


def test_a_volume_without_an_image_is_refused() -> None:
    scene = mrml.new_scene()
    empty = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    with pytest.raises(InputError, match="empty holds no image"):
        mrml.turn_cell(empty, "R", 90)
    mrml.close_scene(scene)


def test_colours_are_turned_as_well() -> None:
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    scene, image = mrml.new_scene(), vtkImageData()
    image.SetDimensions(4, 3, 2)
    image.GetPointData().SetScalars(numpy_to_vtk(np.zeros((24, 3), np.uint8), deep=True))
    colours = scene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "colours")
    colours.SetAndObserveImageData(image)
    assert mrml.turn_cell(colours, "R", 90) is not None
    mrml.harden_orientation(colours)
    np.testing.assert_allclose(matrix_of(colours)[:3, :3], turn("R", 90, (0, 0, 0))[:3, :3])
    mrml.close_scene(scene)


@pytest.mark.parametrize("hardened", [False, True])
def test_a_saved_scene_comes_back_turned_and_can_be_turned_back(node: Any, made: CellResult, hardened: bool,
                                                                tmp_path: Path) -> None:  # fmt: skip
    mrml.set_upright(node, made.cell)
    mrml.turn_cell(node, "R", 90)
    if hardened:
        mrml.harden_orientation(node)
    scene, before, standing = node.GetScene(), corners(node)[:8], mrml.standing_of(node)
    mrml.save_scene(scene, tmp_path / "scene.mrb")
    scene.Clear(False)
    mrml.load_scene(scene, tmp_path / "scene.mrb")
    again = next(n for n in volumes(scene) if mrml.cell_of(n) is not None)
    mrml.settle(again)
    np.testing.assert_allclose(corners(again)[:8], before, atol=1e-6)
    np.testing.assert_allclose(mrml.standing_of(again).hardened, standing.hardened, atol=1e-6)
    assert all_is_in_its_place_roughly(again)
    mrml.put_back(again)
    assert mrml.orientation_of(again) is None


def volumes(scene: Any) -> list[Any]:
    nodes = scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    return [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]


def all_is_in_its_place_roughly(volume: Any) -> bool:
    # Slicer's table files keep six digits.
    distance = np.linalg.norm(anodes(volume)[:, None] - spots(volume)[None], axis=2)
    return bool(distance.min(axis=1).max() < 1e-4)


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


@pytest.mark.real
def test_a_real_cell_measures_the_same_after_hardening() -> None:
    folder = Path(os.environ.get("BATTERYCELL_DATA") or Path(__file__).parents[4] / "shared" / "data") / "cell_top_ucl"
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    scan = load_volume(folder, LoadOptions(voxel_size_um=(67.94, 33.97, 33.97)))
    scene, cell = mrml.new_scene(), find_cell(scan)
    before = measure_overhang(scan, cell, angles=12)
    node = mrml.add_volume(scene, scan, "ucl")
    mrml.set_upright(node, cell)
    mrml.turn_cell(node, "R", 90)
    mrml.harden_orientation(node)
    hardened = mrml.volume_of(node)
    after = measure_overhang(hardened, find_cell(hardened), angles=12)
    np.testing.assert_array_equal(after["flag"], before["flag"])
    np.testing.assert_allclose(after["overhang_um"], before["overhang_um"], atol=5.0)
    np.testing.assert_allclose(np.nanmedian(after["overhang_um"]), np.nanmedian(before["overhang_um"]), atol=0.01)
    mrml.close_scene(scene)
