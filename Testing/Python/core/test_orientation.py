"""Turning a cell in a scene: upright, turned, back, hardened, saved; nothing of it is left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.errors import InputError
from batterycell.mrml.volumes import matrix_of, to_vtk_matrix
from batterycell.mrml.windings import set_windings, windings_of
from batterycell.orient import find_cell, turn
from batterycell.overhang import measure_overhang
from batterycell.result import CellResult
from batterycell.summary import summarize
from batterycell.winding import Windings
from made_cells import real_cell
from turned_cells import all_is_in_its_place, anodes, box, corners, measured_cell, parents, spots, volumes


@pytest.fixture
def node(made: CellResult) -> Iterator[Any]:
    """A measured volume with points, a box, a line and a model attached to it."""
    volume = measured_cell(made)
    scene = volume.GetScene()
    yield volume
    mrml.close_scene(scene)


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


def all_is_in_its_place_roughly(volume: Any) -> bool:
    # Slicer's table files keep six digits.
    distance = np.linalg.norm(anodes(volume)[:, None] - spots(volume)[None], axis=2)
    return bool(distance.min(axis=1).max() < 1e-4)


@pytest.mark.real
def test_a_real_cell_measures_the_same_after_hardening() -> None:
    folder = Path(os.environ.get("BATTERYCELL_DATA") or Path(__file__).parents[4] / "shared" / "data") / "cell_top_ucl"
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    scan, cell, _ = real_cell()
    scene = mrml.new_scene()
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
