"""Looking around the winding on MRML nodes: planes in slice views, the unrolled cell and the way between the two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.interpolation import interpolate
from batterycell.mrml import undo
from batterycell.mrml.places import from_world, to_world
from batterycell.mrml.slice_planes import (
    angle_of,
    follow_cell,
    forget_plane,
    half_plane_angle,
    is_in_view,
    show_half_plane,
    show_oblique,
    shows_oblique,
)
from batterycell.mrml.unrolled import (
    add_unrolled,
    is_unrolled_place,
    map_of,
    remove_unrolled,
    span_of,
    to_cell_world,
    to_unrolled,
    unrolled_of,
)
from batterycell.mrml.unrolled_view import scroll_to, show_unrolled
from batterycell.mrml.views import add_slice_view
from batterycell.orient import Cell, CellFrame
from batterycell.reslice import UnrollSettings, plane_across_winding, unroll_around
from batterycell.volume import Volume
from made_result import made_result

SIZE = (600, 400)
# How the array lies in RAS: as stacks do, mirrored, lying on its side, tilted.
POSES = {
    "stack": np.diag([-1.0, -1.0, 1.0]),
    "mirrored": np.diag([1.0, -1.0, 1.0]),
    "upside-down": np.diag([-1.0, 1.0, -1.0]),
    "lying": np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]),
    "tilted": np.array([[0.8, 0.0, 0.6], [0.0, 1.0, 0.0], [-0.6, 0.0, 0.8]]),
}


def posed(pose: str, up: float = 1.0) -> tuple[Volume, Cell]:
    """The small made cell, with its array in another pose, and its cap at the array's last or first slice."""
    made = made_result()
    matrix = np.eye(4)
    matrix[:3, :3] = POSES[pose] * 0.1
    matrix[:3, 3] = 7.0, -5.0, 3.0
    volume = Volume(made.volume.array, matrix, "test", "made cell")
    frame = CellFrame.from_axis(volume.to_ras([39.5, 39.5, 14.5]), up * POSES[pose][:, 2], matrix)
    return volume, replace(made.cell, frame=frame, can=replace(made.cell.can, origin=frame.origin, direction=frame.up))


@pytest.fixture(params=POSES)
def cell_in_scene(request: Any) -> Iterator[tuple[Any, Cell]]:
    volume, cell = posed(request.param)
    yield from in_scene(volume, cell)


@pytest.fixture
def plain() -> Iterator[tuple[Any, Cell]]:
    yield from in_scene(*posed("stack"))


def in_scene(volume: Volume, cell: Cell) -> Iterator[tuple[Any, Cell]]:
    scene = mrml.new_scene()
    node = mrml.add_volume(scene, volume, "cell")
    mrml.set_cell(node, cell)
    yield node, cell
    mrml.close_scene(scene)


def view_of(node: Any, orientation: str = "coronal") -> Any:
    view, _ = add_slice_view(node.GetScene(), orientation, node)
    view.SetDimensions(*SIZE, 1)
    view.UpdateMatrices()
    return view


def cylindrical(view: Any, node: Any, cell: Cell, x: float, y: float) -> np.ndarray:
    """Angle, radius and height in the cell of a place of a view, x and y 0..1 from the lower left."""
    world = view.GetXYToRAS().MultiplyPoint((x * SIZE[0], y * SIZE[1], 0.0, 1.0))[:3]
    return np.array(cell.frame.to_cylindrical(from_world(node, world)))


def points_in(cell: Cell, count: int = 50) -> np.ndarray:
    random = np.random.default_rng(3)
    angles, radii, heights = random.uniform([1, 2.0, -1.0], [359, 3.0, 1.0], (count, 3)).T
    return cell.frame.from_cylindrical(angles, radii, heights)


def unrolled_in(node: Any, cell: Cell) -> Any:
    unrolled = unroll_around(mrml.volume_of(node), cell, 2.5, UnrollSettings(depth_mm=1.6))
    return add_unrolled(node, unrolled)


@pytest.mark.parametrize("upright", [False, True], ids=["as scanned", "upright"])
def test_a_half_plane_fills_the_view_with_the_axis_on_the_left_and_the_cap_up(
    cell_in_scene: tuple[Any, Cell], upright: bool
) -> None:
    node, cell = cell_in_scene
    if upright:
        mrml.set_upright(node, cell)
    view = view_of(node)
    for angle in (0.0, 137.0, 300.0):
        show_half_plane(view, node, cell, angle)
        left, right, top = (cylindrical(view, node, cell, *place) for place in ((0.03, 0.5), (0.9, 0.5), (0.9, 0.9)))
        assert left[1] < 0.04 * cell.can.outer_radius_mm
        assert right[0] == pytest.approx(angle, abs=1e-6)
        assert 0.85 * cell.can.outer_radius_mm < right[1]
        assert top[2] > right[2]
        assert abs(right[2]) < 1e-6


def test_in_an_upright_cell_the_cap_of_a_half_plane_points_up_in_the_world(cell_in_scene: tuple[Any, Cell]) -> None:
    node, cell = cell_in_scene
    mrml.set_upright(node, cell)
    view = view_of(node)
    show_half_plane(view, node, cell, 90.0)
    assert [view.GetSliceToRAS().GetElement(row, 1) for row in range(3)] == pytest.approx([0, 0, 1], abs=1e-9)


def test_turning_the_half_plane_keeps_zoom_and_place(plain: tuple[Any, Cell]) -> None:
    node, cell = plain
    view = view_of(node)
    show_half_plane(view, node, cell, 10.0)
    view.SetFieldOfView(1.5, 1.0, 1.0)
    matrix = view.GetSliceToRAS()
    matrix.SetElement(2, 3, matrix.GetElement(2, 3) + 0.4)
    view.UpdateMatrices()
    before = cylindrical(view, node, cell, 0.7, 0.6)
    show_half_plane(view, node, cell, 250.0)
    after = cylindrical(view, node, cell, 0.7, 0.6)
    assert after[1:] == pytest.approx(before[1:])
    assert after[0] == pytest.approx(250.0)
    show_half_plane(view, node, cell, 250.0, fit=True)
    assert view.GetFieldOfView()[0] > cell.can.outer_radius_mm


def test_a_half_plane_moved_off_the_axis_comes_back_with_the_next_step(plain: tuple[Any, Cell]) -> None:
    node, cell = plain
    view = view_of(node)
    show_half_plane(view, node, cell, 10.0)
    view.JumpSliceByOffsetting(*to_world(node, cell.frame.from_cylindrical(100.0, 2.0, 0.0)))
    assert half_plane_angle(view) == 10.0
    show_half_plane(view, node, cell, 11.0)
    assert cylindrical(view, node, cell, 0.021, 0.5)[1] < 0.05


def test_a_view_turned_by_someone_else_shows_no_half_plane(plain: tuple[Any, Cell]) -> None:
    node, cell = plain
    view = view_of(node)
    assert half_plane_angle(view) is None
    show_half_plane(view, node, cell, 400.0)
    assert half_plane_angle(view) == 40.0
    view.SetOrientation("Axial")
    assert half_plane_angle(view) is None
    show_half_plane(view, node, cell, 40.0)
    forget_plane(view)
    assert half_plane_angle(view) is None


def test_a_half_plane_turns_along_with_the_cell(plain: tuple[Any, Cell]) -> None:
    node, cell = plain
    view = view_of(node)
    tilted = replace(cell, frame=CellFrame.from_axis(cell.frame.origin, [0.2, 0.1, 1], np.eye(4)))
    show_half_plane(view, node, tilted, 40.0)
    before = matrix_of(view)
    follow_cell(view, node, tilted)
    np.testing.assert_allclose(matrix_of(view), before)
    mrml.set_upright(node, tilted)
    follow_cell(view, node, tilted)
    assert half_plane_angle(view) == 40.0
    assert matrix_of(view)[:3, 1] == pytest.approx([0, 0, 1], abs=1e-9)
    assert cylindrical(view, node, tilted, 0.9, 0.5)[0] == pytest.approx(40.0)


def test_the_half_plane_through_a_point_holds_it(cell_in_scene: tuple[Any, Cell]) -> None:
    node, cell = cell_in_scene
    mrml.set_upright(node, cell)
    view = view_of(node)
    for ras in points_in(cell, 5):
        world = to_world(node, ras)
        show_half_plane(view, node, cell, angle_of(node, cell, view, world))
        assert abs((np.linalg.inv(matrix_of(view)) @ [*world, 1])[2]) < 1e-6


def test_a_point_of_the_half_plane_does_not_turn_it(plain: tuple[Any, Cell]) -> None:
    node, cell = plain
    view = view_of(node)
    show_half_plane(view, node, cell, 30.0)
    for angle, radius in ((30.0, 2.0), (210.0, 0.5), (30.0, 0.0)):
        world = to_world(node, cell.frame.from_cylindrical(angle, radius, 0.3))
        assert angle_of(node, cell, view, world) == 30.0


@pytest.mark.parametrize("upright", [False, True], ids=["as scanned", "upright"])
def test_an_oblique_view_has_its_point_in_the_middle_and_lies_across_the_winding(
    cell_in_scene: tuple[Any, Cell], upright: bool
) -> None:
    node, cell = cell_in_scene
    if upright:
        mrml.set_upright(node, cell)
    view, point = view_of(node, "sagittal"), cell.frame.from_cylindrical(77.0, 2.4, 0.5)
    show_oblique(view, node, plane_across_winding(mrml.volume_of(node), cell, point), 2.0)
    assert cylindrical(view, node, cell, 0.5, 0.5) == pytest.approx([77.0, 2.4, 0.5])
    assert cylindrical(view, node, cell, 0.6, 0.5)[0] == pytest.approx(77.0, abs=2.0)
    assert view.GetFieldOfView()[0] >= 2.0
    assert half_plane_angle(view) is None
    assert shows_oblique(view)
    assert is_in_view(view, to_world(node, point))
    assert not is_in_view(view, to_world(node, cell.frame.from_cylindrical(120.0, 2.4, 0.5)))
    view.SetOrientation("Axial")
    assert not shows_oblique(view)


def matrix_of(view: Any) -> np.ndarray:
    return np.array([[view.GetSliceToRAS().GetElement(row, column) for column in range(4)] for row in range(4)])


def turned(node: Any, cell: Cell, how: str) -> None:
    if how != "as scanned":
        mrml.set_upright(node, cell)
    if how == "hardened":
        node.HardenTransform()


@pytest.mark.parametrize("how", ["as scanned", "upright", "hardened"])
def test_places_go_from_the_cell_to_its_unrolled_picture_and_back(cell_in_scene: tuple[Any, Cell], how: str) -> None:
    node, cell = cell_in_scene
    unrolled, ijk = unrolled_in(node, cell), mrml.volume_of(node).to_ijk(points_in(cell))
    turned(node, cell, how)
    world = to_world(node, mrml.volume_of(node).to_ras(ijk))
    there = to_unrolled(unrolled, world)
    assert np.isfinite(there).all()
    np.testing.assert_allclose(to_cell_world(unrolled, there), world, atol=1e-9)


@pytest.mark.parametrize("how", ["as scanned", "upright", "hardened"])
def test_the_unrolled_picture_shows_what_the_cell_shows_there(cell_in_scene: tuple[Any, Cell], how: str) -> None:
    node, cell = cell_in_scene
    unrolled = unrolled_in(node, cell)
    turned(node, cell, how)
    picture = mrml.volume_of(unrolled)
    columns, rows, slices = np.meshgrid([10, 60, 120], [2, 8, 14], [3, 15, 25], indexing="ij")
    centres = picture.to_ras(np.stack([columns, rows, slices], -1).reshape(-1, 3))
    there = from_world(node, to_cell_world(unrolled, to_world(unrolled, centres)))
    volume = mrml.volume_of(node)
    np.testing.assert_allclose(
        interpolate(volume, volume.to_ijk(there)), picture.array[slices, rows, columns].ravel(), atol=0.6
    )


def test_the_unrolled_picture_does_not_turn_with_the_cell_and_lies_apart_from_it(plain: tuple[Any, Cell]) -> None:
    node, cell = plain
    unrolled, other = unrolled_in(node, cell), node.GetScene().AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "points")
    mrml.attach(node, other, "defects")
    space = unrolled.GetParentTransformNode()
    mrml.set_upright(node, cell)
    assert other.GetParentTransformNode() is mrml.orientation_of(node)
    mrml.put_back(node)
    assert unrolled.GetParentTransformNode() is space
    assert other.GetParentTransformNode() is None
    assert to_world(unrolled, [0, 0, 0])[2] > 500


def test_a_cell_that_the_scanner_put_far_from_its_origin_is_not_taken_for_its_unrolled_picture(
    plain: tuple[Any, Cell],
) -> None:
    node, cell = plain
    far = np.array([0.0, 0.0, 700.0])
    node.SetOrigin(*(np.array(node.GetOrigin()) + far))
    cell = replace(cell, frame=replace(cell.frame, origin=cell.frame.origin + far))
    unrolled = unrolled_in(node, cell)
    assert not is_unrolled_place(unrolled, to_world(node, cell.frame.origin))
    assert is_unrolled_place(unrolled, to_world(unrolled, [0.0, 0.0, 0.0]))


def test_outside_the_unrolled_picture_there_is_no_place(plain: tuple[Any, Cell]) -> None:
    node, cell = plain
    unrolled = unrolled_in(node, cell)
    assert np.isnan(to_unrolled(unrolled, to_world(node, cell.frame.from_cylindrical(5.0, 0.3, 0.0)))).all()
    assert np.isnan(to_cell_world(unrolled, to_world(unrolled, [0.0, 0.0, 90.0]))).all()


def test_a_cell_has_one_unrolled_picture_in_its_own_window_and_undo_leaves_it_alone(plain: tuple[Any, Cell]) -> None:
    node, cell = plain
    scene = node.GetScene()
    node.GetDisplayNode().SetWindowLevelMinMax(20, 120)
    unrolled_in(node, cell)
    transforms = scene.GetNumberOfNodesByClass("vtkMRMLTransformNode")
    undo.remember(scene)
    second = unrolled_in(node, cell)
    assert undo.undo(scene)
    assert unrolled_of(node) is second
    assert second.GetName() == "cell unrolled at 2.50 mm"
    assert second.GetDisplayNode().GetWindowLevelMax() == 120
    assert scene.GetNumberOfNodesByClass("vtkMRMLTransformNode") == transforms
    remove_unrolled(node)
    assert unrolled_of(node) is None
    assert scene.GetNumberOfNodesByClass("vtkMRMLTransformNode") == transforms - 1


def test_which_windings_were_unrolled_is_kept(plain: tuple[Any, Cell]) -> None:
    node, cell = plain
    unrolled = unroll_around(mrml.volume_of(node), cell, 2.5, UnrollSettings(depth_mm=0.5))
    assert span_of(add_unrolled(node, unrolled)) is None
    along = add_unrolled(node, unrolled, (3, 5))
    assert (span_of(along), along.GetName()) == ((3, 5), "cell unrolled, windings 3 to 5")


def shown(view: Any, layers: Any, unrolled: Any) -> tuple[np.ndarray, np.ndarray]:
    """Show an unrolled cell; places of the left and right edge of the view in it, in its own RAS."""
    show_unrolled(view, layers, unrolled)
    edges = [view.GetXYToRAS().MultiplyPoint((x, SIZE[1] / 2, 0.0, 1.0))[:3] for x in (0.0, SIZE[0])]
    left, right = from_world(unrolled, edges)
    return left, right


def test_the_unrolled_picture_fills_its_view_and_angles_run_as_seen_from_outside(
    cell_in_scene: tuple[Any, Cell],
) -> None:
    node, cell = cell_in_scene
    unrolled = unrolled_in(node, cell)
    view, layers = add_slice_view(node.GetScene(), "coronal", node)
    view.SetDimensions(*SIZE, 1)
    left, right = shown(view, layers, unrolled)
    assert layers.GetBackgroundVolumeID() == unrolled.GetID()
    assert abs(left[0] - right[0]) == pytest.approx(2 * np.pi * 2.5, rel=0.05)
    quarter = to_cell_world(unrolled, to_world(unrolled, left + 0.30 * (right - left)))
    further = to_cell_world(unrolled, to_world(unrolled, left + 0.32 * (right - left)))
    outward = from_world(node, quarter) - cell.frame.origin
    outward -= (outward @ cell.frame.up) * cell.frame.up
    # Who looks at the cell from outside has it in front: right of it is up x (towards the eye).
    assert np.cross(cell.frame.up, outward) @ (from_world(node, further) - from_world(node, quarter)) > 0


def test_a_long_unrolled_picture_is_shown_large_enough_and_is_scrolled_to_a_place(plain: tuple[Any, Cell]) -> None:
    node, cell = plain
    settings = UnrollSettings(depth_mm=0.5, heights_mm=(-0.2, 0.2))
    unrolled = add_unrolled(node, unroll_around(mrml.volume_of(node), cell, 2.5, settings))
    view, layers = add_slice_view(node.GetScene(), "coronal", node)
    view.SetDimensions(*SIZE, 1)
    left, right = shown(view, layers, unrolled)
    height = unrolled.GetImageData().GetDimensions()[2] * unrolled.GetSpacing()[2]
    assert abs(left[0] - right[0]) == pytest.approx(1.02 * height / 0.3 * SIZE[0] / SIZE[1])
    place = to_unrolled(unrolled, to_world(node, cell.frame.from_cylindrical(180.0, 2.6, 0.1)))
    scroll_to(view, place)
    scrolled = matrix_of(view)
    assert np.abs((np.linalg.inv(scrolled) @ [*place, 1.0])[:3]).max() < 1e-6
    scroll_to(view, place + np.array([0.01, 0.0, 0.0]))
    np.testing.assert_allclose(matrix_of(view), scrolled)


def test_a_saved_scene_restores_the_half_plane_and_the_unrolled_picture(
    plain: tuple[Any, Cell], tmp_path: Path
) -> None:
    node, cell = plain
    scene = node.GetScene()
    mrml.set_upright(node, cell)
    show_half_plane(view_of(node), node, cell, 123.0)
    unrolled, world = unrolled_in(node, cell), to_world(node, points_in(cell))
    before, matrix = to_unrolled(unrolled, world), matrix_of(scene.GetFirstNodeByClass("vtkMRMLSliceNode"))
    mrml.save_scene(scene, tmp_path / "scene.mrb")
    scene.Clear(True)
    mrml.load_scene(scene, tmp_path / "scene.mrb")
    node = scene.GetFirstNodeByName("cell")
    view = scene.GetFirstNodeByClass("vtkMRMLSliceNode")
    np.testing.assert_allclose(matrix_of(view), matrix, atol=1e-5)
    assert half_plane_angle(view) == 123.0
    np.testing.assert_allclose(to_unrolled(unrolled_of(node), world), before, atol=1e-5)
    assert map_of(unrolled_of(node)).curve.length_mm > 10
