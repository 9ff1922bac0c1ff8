"""Rulers as markups of a scene: captions, snapping, the table, scenes, undo, and cells that are turned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.annotate.rulers import ANGLE, LENGTH
from batterycell.annotate.rulers_csv import read_rulers, write_rulers
from batterycell.errors import InputError
from batterycell.mrml.cell import attached, put_under
from batterycell.mrml.pixels import show_nearest, shows_nearest, voxel_size_on, zoom_to_pixels, zoom_to_points
from batterycell.mrml.ruler_caption import caption_of
from batterycell.mrml.ruler_import import add_rulers_from_table
from batterycell.mrml.rulers import (
    ROLE,
    add_angle,
    add_ruler,
    is_finished,
    new_ruler,
    read_ruler,
    refresh_ruler,
    remove_ruler,
    rename_ruler,
    ruler_table,
    rulers_of,
    snap_ruler,
)
from batterycell.mrml.undo import redo, remember, undo
from batterycell.mrml.volumes import to_vtk_matrix
from batterycell.volume import Volume
from scipy import special

ODD_NAMES = ['Spalt, "innen"', "Überlappung – 裂纹", "a/b\\c: d?", "it's; 100 %", "R & D <b> %3C &lt;"]
TURN = np.array([[0.0, -1, 0, 5], [0.6, 0, -0.8, -3], [0.8, 0, 0.6, 2], [0, 0, 0, 1]])


@pytest.fixture
def volume(scene: Any) -> Any:
    """A wall of ten voxels in i, in voxels of 60, 30, 30 µm."""
    i = np.arange(40)
    grey = 20 + 100 * (special.ndtr((i - 15.3) / 0.8) - special.ndtr((i - 25.3) / 0.8))
    noise = np.random.default_rng(0).normal(0, 1, (20, 40, 40))
    return mrml.add_volume(scene, Volume.from_stack(grey + noise, (60, 30, 30), "made"), "wall")


def world(volume_node: Any, *ijk: tuple[float, float, float]) -> Any:
    return mrml.volume_from_node(volume_node).to_ras(ijk)


def wall_ruler(volume_node: Any, **words: Any) -> Any:
    return add_ruler(volume_node, *world(volume_node, (14, 20, 10), (27, 20, 10)), **words)


def turn(scene: Any, volume_node: Any) -> Any:
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "turned")
    transform.SetMatrixTransformToParent(to_vtk_matrix(TURN))
    put_under(volume_node, transform)
    return transform


def assert_same(before: Any, after: Any) -> None:
    for column in before.columns:
        if before[column.name].dtype.kind == "f":
            np.testing.assert_allclose(after[column.name], before[column.name], atol=1e-8, err_msg=column.name)
        else:
            assert after[column.name].tolist() == before[column.name].tolist(), column.name


def test_a_ruler_is_captioned_in_micrometres_with_its_uncertainty(volume: Any) -> None:
    node = wall_ruler(volume)
    assert caption_of(node) == "390 ± 42 µm"
    assert node.GetPropertiesLabelText().strip() == "390 ± 42 µm"
    assert node.GetDisplayNode().GetPropertiesLabelVisibility()
    assert attached(volume, ROLE) == [node]


def test_an_angle_is_captioned_in_degrees(volume: Any) -> None:
    node = add_angle(volume, world(volume, (30, 20, 10), (10, 20, 10), (10, 35, 10)))
    assert caption_of(node) == read_ruler(node).caption
    assert node.GetPropertiesLabelText().strip().startswith("90.0 ± ")


def test_the_caption_follows_a_moved_point(volume: Any) -> None:
    node = wall_ruler(volume)
    node.SetNthControlPointPositionWorld(1, *world(volume, (24, 20, 10))[0])
    refresh_ruler(node)
    assert node.GetPropertiesLabelText().strip() == "300 ± 42 µm"


def test_an_unfinished_ruler_has_no_caption_and_no_row(volume: Any) -> None:
    node = new_ruler(volume)
    node.AddControlPointWorld(0, 0, 0)
    refresh_ruler(node)
    assert not is_finished(node)
    assert not node.GetDisplayNode().GetPropertiesLabelVisibility()
    assert len(ruler_table(volume)) == 0
    with pytest.raises(InputError, match="not all its points"):
        read_ruler(node)


def test_both_ends_snap_and_the_length_is_that_of_the_wall(volume: Any) -> None:
    node = wall_ruler(volume)
    edges = snap_ruler(node)
    assert None not in edges
    ruler = read_ruler(node)
    assert abs(ruler.value - 300) <= ruler.uncertainty < 5
    assert caption_of(node) == ruler.caption
    table = ruler_table(volume)
    assert (table["start_snapped"][0], table["end_snapped"][0]) == ("yes", "yes")
    assert table["uncertainty_um"][0] == pytest.approx(np.hypot(*ruler.snapped_um))


def test_an_end_that_is_moved_away_is_by_hand_again(volume: Any) -> None:
    node = wall_ruler(volume)
    snap_ruler(node)
    end = np.array(node.GetNthControlPointPositionWorld(1))
    node.SetNthControlPointPositionWorld(1, *(end + np.array([-0.01, 0, 0])))
    start_um, end_um = read_ruler(node).snapped_um
    assert start_um is not None and end_um is None
    node.SetNthControlPointPositionWorld(1, *(end + np.array([0, 0.2, 0])))
    assert read_ruler(node).snapped_um == (None, None), "the uncertainty of the start was that along the ruler"


def test_a_turned_cell_takes_its_rulers_with_it(scene: Any, volume: Any) -> None:
    node = wall_ruler(volume)
    snap_ruler(node)
    before = read_ruler(node)
    transform = turn(scene, volume)
    turned = read_ruler(node)
    assert turned.caption == before.caption
    assert turned.snapped_um == before.snapped_um
    np.testing.assert_allclose(turned.ijk, before.ijk, atol=1e-9)
    np.testing.assert_allclose(turned.world, before.world @ TURN[:3, :3].T + TURN[:3, 3], atol=1e-9)
    for item in (volume, node):
        item.HardenTransform()
    assert transform is not None
    hardened = read_ruler(node)
    assert (hardened.caption, hardened.snapped_um) == (before.caption, before.snapped_um)


def test_snapping_works_in_a_turned_cell(scene: Any, volume: Any) -> None:
    turn(scene, volume)
    own = world(volume, (14, 20, 10), (27, 20, 10)) @ TURN[:3, :3].T + TURN[:3, 3]
    node = add_ruler(volume, *own)
    assert None not in snap_ruler(node)
    assert abs(read_ruler(node).value - 300) < 5


def test_an_angle_is_not_snapped(volume: Any) -> None:
    node = add_angle(volume, world(volume, (30, 20, 10), (10, 20, 10), (10, 35, 10)))
    assert snap_ruler(node) == ()


@pytest.mark.parametrize("end", [(500, 20, 10), (np.nan, 20, 10), (14, 20, 10)])
def test_a_ruler_that_cannot_be_is_refused_and_nothing_is_added(volume: Any, end: Any) -> None:
    with pytest.raises(InputError, match="nothing was added"):
        add_ruler(volume, *world(volume, (14, 20, 10), end))
    assert rulers_of(volume) == []


def test_names_are_numbered_and_stay_apart(volume: Any) -> None:
    names = [read_ruler(wall_ruler(volume, name=name)).name for name in ("", "", "gap", "gap", " a \n b ")]
    assert names == ["Ruler 1", "Ruler 2", "gap", "gap (2)", "a b"]
    node = rulers_of(volume)[0]
    for name in ("gap", "  "):
        with pytest.raises(InputError):
            rename_ruler(node, name)
    rename_ruler(node, "Ruler 1")
    remove_ruler(node)
    assert read_ruler(wall_ruler(volume)).name == "Ruler 1"


def test_a_scene_keeps_rulers_names_views_and_snaps(scene: Any, volume: Any, tmp_path: Path) -> None:
    for name in ODD_NAMES:
        snap_ruler(wall_ruler(volume, name=name, view="Red"))
    add_angle(volume, world(volume, (30, 20, 10), (10, 20, 10), (10, 35, 10)), "bend", "Green")
    before = ruler_table(volume)
    mrml.save_scene(scene, tmp_path / "scene.mrb")
    other = mrml.new_scene()
    mrml.load_scene(other, tmp_path / "scene.mrb")
    loaded = other.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
    assert_same(before, ruler_table(loaded))
    assert [caption_of(node) for node in rulers_of(loaded)] == [caption_of(node) for node in rulers_of(volume)]
    mrml.close_scene(other)


def test_csv_of_a_cell_comes_back_into_a_turned_cell(scene: Any, volume: Any, tmp_path: Path) -> None:
    snap_ruler(wall_ruler(volume, name=ODD_NAMES[0], view="Red"))
    add_angle(volume, world(volume, (30, 20, 10), (10, 20, 10), (10, 35, 10)))
    before = ruler_table(volume)
    write_rulers(before, tmp_path / "rulers.csv")
    table, _ = read_rulers(tmp_path / "rulers.csv")
    assert add_rulers_from_table(volume, table) == ["2 there already."]
    for node in rulers_of(volume):
        remove_ruler(node)
    assert add_rulers_from_table(volume, table) == ["2 added."]
    assert_same(before, ruler_table(volume))
    turn(scene, volume)
    for node in rulers_of(volume):
        remove_ruler(node)
    assert "stands otherwise" in add_rulers_from_table(volume, table)[1]
    after = ruler_table(volume)
    assert after["kind"].tolist() == [LENGTH, ANGLE]
    for name in ("length_um", "angle_deg", "uncertainty_um", "uncertainty_deg", "start_i", "vertex_j", "end_k"):
        np.testing.assert_allclose(after[name], before[name], atol=1e-8, err_msg=name)


def test_a_table_of_another_voxel_size_or_cell_is_said(volume: Any) -> None:
    wall_ruler(volume, name="gap")
    table = ruler_table(volume)
    table["length_um"][0] = 500.0
    table["name"][0] = "other"
    notes = add_rulers_from_table(volume, table)
    assert "voxel size" in notes[1] and "other" in notes[1]
    table["start_i"][0] = 1e4
    with pytest.raises(InputError, match="nothing was added"):
        add_rulers_from_table(volume, table)
    assert len(rulers_of(volume)) == 2


def test_a_taken_name_at_another_place_gets_a_number(volume: Any) -> None:
    wall_ruler(volume, name="gap")
    table = ruler_table(volume)
    table["end_i"][0] -= 2
    assert add_rulers_from_table(volume, table)[1] == (
        "Names that were taken: gap is now gap (2)."
    )  # fmt: skip
    assert [read_ruler(node).name for node in rulers_of(volume)] == ["gap", "gap (2)"]


def test_undo_brings_back_place_name_and_snap(scene: Any, volume: Any) -> None:
    node = wall_ruler(volume, name="gap")
    before = read_ruler(node)
    remember(scene)
    snap_ruler(node)
    rename_ruler(node, "wall")
    assert undo(scene)
    (back,) = rulers_of(volume)
    assert (read_ruler(back).name, read_ruler(back).snapped_um) == ("gap", (None, None))
    np.testing.assert_allclose(read_ruler(back).world, before.world, atol=1e-9)
    refresh_ruler(back)
    assert caption_of(back) == before.caption
    assert redo(scene)
    assert read_ruler(rulers_of(volume)[0]).name == "wall"
    assert None not in read_ruler(rulers_of(volume)[0]).snapped_um


def test_a_removed_ruler_comes_back_by_undo(scene: Any, volume: Any) -> None:
    snap_ruler(wall_ruler(volume))
    before = ruler_table(volume)
    remember(scene)
    remove_ruler(rulers_of(volume)[0])
    undo(scene)
    assert_same(before, ruler_table(volume))


def test_rulers_of_a_removed_volume_do_no_harm(scene: Any, volume: Any) -> None:
    node = wall_ruler(volume)
    scene.RemoveNode(volume)
    refresh_ruler(node)
    assert caption_of(node) == ""
    with pytest.raises(InputError):
        snap_ruler(node)


def test_voxels_are_shown_as_squares_and_big_enough(scene: Any, volume: Any) -> None:
    from batterycell.mrml.views import add_slice_view

    assert not shows_nearest(volume)
    show_nearest(volume, True)
    assert shows_nearest(volume)
    for orientation in ("axial", "coronal"):
        view, _ = add_slice_view(scene, orientation, volume)
        view.SetOrientation(orientation.capitalize())
        view.SetDimensions(600, 400, 1)
        place = world(volume, (20, 20, 10))[0]
        zoom_to_pixels(view, volume, place)
        pixel = view.GetFieldOfView()[0] / 600
        assert min(voxel_size_on(view, volume)) / pixel == pytest.approx(16)
        assert view.GetFieldOfView()[1] / 400 == pytest.approx(pixel)
        middle = [view.GetSliceToRAS().GetElement(row, 3) for row in range(3)]
        np.testing.assert_allclose(middle, place, atol=1e-9)


def test_a_ruler_too_long_for_the_view_is_shown_end_after_end(scene: Any, volume: Any) -> None:
    from batterycell.mrml.views import add_slice_view

    view, _ = add_slice_view(scene, "axial", volume)
    view.SetOrientation("Axial")
    view.SetDimensions(400, 400, 1)
    short, long = (world(volume, (12, 20, 10), (end, 20, 10)) for end in (18, 38))
    for points, turn, place in (
        (short, 1, short.mean(axis=0)),
        (long, 0, long[0]),
        (long, 1, long[1]),
        (long, 2, long[0]),
    ):
        zoom_to_points([view], volume, points, turn)
        middle = [view.GetSliceToRAS().GetElement(row, 3) for row in range(3)]
        np.testing.assert_allclose(middle, place, atol=1e-9)
