"""Pictures of a scene: named after what they show, exact in size and scale, and the scene stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml, palette, pictures
from batterycell.errors import InputError
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.rulers import rulers_of
from batterycell.mrml.scratch import scratch_scene
from batterycell.pictures.dressing import bar_height
from batterycell.pictures.layouts import places
from batterycell.pictures.shots import keep_layout, layout_of
from batterycell.pictures.stage import Stage
from made_scene import GAP, made_scene

SIZE = (800, 600)
no_gl = pytest.mark.skipif(bool(pictures.missing_gl()), reason=f"no OpenGL: {pictures.missing_gl()}")


@pytest.fixture
def made() -> Iterator[tuple[Any, Any]]:
    with made_scene() as made:
        yield made


def near(picture: Any, color: str, least: int = 60) -> Any:
    """Where a picture has a colour."""
    return np.abs(picture.astype(int) - np.round(np.array(palette.to_rgb(color)) * 255)).sum(axis=2) < least


def longest_run(row: Any) -> int:
    ends = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
    return int((ends[1::2] - ends[::2]).max(initial=0))


def state(scene: Any) -> dict[str, tuple[int, str]]:
    """Every node and when it was changed last."""
    return {node.GetID(): (node.GetMTime(), node.GetName()) for node in nodes_of(scene)}


@no_gl
@pytest.mark.parametrize("width", [600, 1601])
def test_a_picture_is_exactly_as_wide_as_asked_for(made: tuple[Any, Any], width: int) -> None:
    scene, _ = made
    shot = pictures.view_shot(scene, "axial", pictures.picture_size(width))
    assert shot.image.shape == (round(width * 0.75), width, 3) and shot.image.dtype == np.uint8


@no_gl
@pytest.mark.parametrize(("view", "start"), [("axial", "axial_S"), ("Yellow", "sagittal_R"), ("coronal", "coronal_A")])
def test_a_view_is_named_after_its_plane(made: tuple[Any, Any], view: str, start: str) -> None:
    shot = pictures.view_shot(made[0], view, SIZE)
    assert shot.name.startswith(start) and shot.name.endswith("mm")
    assert "made cell" in shot.caption
    assert (shot.image[bar_height(800) + 20 : -60].max(axis=2) > 60).mean() > 0.05


@no_gl
def test_a_view_shows_the_plane_at_which_the_scene_stands(made: tuple[Any, Any]) -> None:
    scene, node = made
    view, _ = mrml.views.add_slice_view(scene, "axial", node)
    view.SetOrientation("Axial")
    view.SetSliceOffset(0.7)
    assert pictures.view_shot(scene, "axial", SIZE).name == "axial_S+0.7mm"
    before = pictures.view_shot(scene, "axial", SIZE).image
    view.SetFieldOfView(2.0, 2.0, 1.0)
    assert (pictures.view_shot(scene, "axial", SIZE).image != before).any()


@no_gl
def test_the_scale_bar_is_as_long_as_it_says(made: tuple[Any, Any]) -> None:
    scene, node = made
    view, _ = mrml.views.add_slice_view(scene, "axial", node)
    view.SetDimensions(100, 100, 1)
    view.SetFieldOfView(16.0, 4.0, 1.0)
    picture = pictures.view_shot(scene, "axial", SIZE).image
    # 800 pixels show 16 mm: the round length below 0.22 of it is 2 mm, a hundred pixels.
    rows = near(picture[-40:, :400], palette.FOREGROUND, 20)
    assert max(longest_run(row) for row in rows) == pytest.approx(100, abs=2)


@no_gl
def test_a_scene_is_left_as_it_was(made: tuple[Any, Any]) -> None:
    scene, node = made
    before, image, voxels = state(scene), node.GetImageData(), mrml.volume_of(node).array.copy()
    pictures.view_shot(scene, "axial", SIZE)
    pictures.view_shot(scene, "3D", SIZE)
    pictures.layout_shot(scene, SIZE)
    pictures.ruler_shot(scene, rulers_of(node)[0], SIZE)
    assert state(scene) == before
    assert node.GetImageData() is image and (mrml.volume_of(node).array == voxels).all()


def test_voxels_are_shared_not_copied(made: tuple[Any, Any]) -> None:
    scene, node = made
    with scratch_scene(scene) as scratch:
        copy = scratch.GetNodeByID(node.GetID())
        assert copy is not node and copy.GetImageData() is node.GetImageData()
        assert copy.GetTransformNodeID() == node.GetTransformNodeID()
        copy.GetDisplayNode().SetInterpolate(False)
    assert node.GetDisplayNode().GetInterpolate()


@no_gl
def test_what_one_view_shows_alone_stays_out_of_the_others(made: tuple[Any, Any]) -> None:
    scene, node = made
    display = node.GetDisplayNode()
    before = display.GetViewNodeIDs()
    display.SetViewNodeIDs(["vtkMRMLSliceNodeRed"])
    try:
        with scratch_scene(scene) as scratch:
            copy = scratch.GetNodeByID(display.GetID())
            assert copy.IsDisplayableInView("vtkMRMLSliceNodeRed")
            assert not copy.IsDisplayableInView("vtkMRMLViewNode1")
    finally:
        display.SetViewNodeIDs(before)


def test_a_ruler_fills_half_of_its_picture(made: tuple[Any, Any]) -> None:
    scene, node = made
    for ruler in rulers_of(node)[:2]:
        shot = pictures.ruler_shot(scene, ruler, SIZE)
        rows, columns = np.nonzero(near(shot.image[bar_height(800) :], palette.OVERHANG))
        assert 0.4 < max(np.ptp(columns) / 800, np.ptp(rows) / (600 - bar_height(800))) < 0.65


@no_gl
def test_a_ruler_is_shown_alone_with_its_length_and_uncertainty(made: tuple[Any, Any]) -> None:
    scene, node = made
    shot = pictures.ruler_shot(scene, rulers_of(node)[0], SIZE)
    assert shot.name == "ruler_Luebeck-tab-gap_700um"
    assert shot.caption.startswith(f"{GAP}: 700 ± ") and "µm" in shot.caption
    alone = pictures.ruler_shot(scene, rulers_of(node)[1], SIZE).image
    others = [other for other in rulers_of(node) if other is not rulers_of(node)[1]]
    for other in others:
        mrml.rulers.remove_ruler(other)
    assert (pictures.ruler_shot(scene, rulers_of(node)[0], SIZE).image == alone).all()


@no_gl
def test_voxels_under_a_ruler_are_not_smoothed(made: tuple[Any, Any]) -> None:
    scene, node = made
    shot = pictures.ruler_shot(scene, rulers_of(node)[0], SIZE)
    greys = {tuple(color) for color in shot.image[bar_height(800) + 5 : 100, 5:-5].reshape(-1, 3).tolist()}
    assert len(greys) < 12


@no_gl
def test_an_angle_lies_in_the_plane_of_its_arms(made: tuple[Any, Any]) -> None:
    shot = pictures.ruler_shot(made[0], rulers_of(made[1])[2], SIZE)
    assert shot.name == "angle_fold_90deg" and shot.caption.startswith("fold: 90")


def test_a_ruler_without_its_ends_is_refused(made: tuple[Any, Any]) -> None:
    scene, node = made
    with pytest.raises(InputError, match="not all its ends"):
        pictures.ruler_shot(scene, mrml.rulers.new_ruler(node), SIZE)


@no_gl
def test_a_layout_shows_its_views_each_in_its_place(made: tuple[Any, Any]) -> None:
    shot = pictures.layout_shot(made[0], SIZE)
    assert shot.name == "layout_axial-3D-coronal-sagittal" and shot.image.shape == (600, 800, 3)
    corners = {"axial": (0, 0), "3D": (0, 400), "coronal": (300, 0), "sagittal": (300, 400)}
    for name, (row, column) in corners.items():
        assert near(shot.image[row + 3 : row + 5, column + 380 : column + 385], palette.VIEW_COLORS[name], 9).all()


@no_gl
def test_the_layout_is_that_of_the_scene(made: tuple[Any, Any]) -> None:
    import slicer

    scene, _ = made
    logic = slicer.vtkMRMLLayoutLogic()
    logic.SetMRMLScene(scene)
    layout = scene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    layout.SetViewArrangement(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    assert [place.view for place in places(layout_of(scene), SIZE)] == ["Red"]
    assert pictures.view_names(scene) == ["Red"]
    assert pictures.layout_shot(scene, SIZE).name == "layout_axial"
    logic.SetMRMLScene(None)


def test_layouts_divide_a_picture_without_gaps_or_overlaps() -> None:
    view = '<item><view class="vtkMRMLSliceNode" singletontag="{}"/></item>'
    row = f'<item><layout type="horizontal">{view.format("A")}{view.format("B")}{view.format("C")}</layout></item>'
    found = places(f'<layout type="vertical">{row}{view.format("D")}</layout>', (101, 51))
    covered = np.zeros((51, 101), int)
    for place in found:
        left, top, width, height = place.box
        covered[top : top + height, left : left + width] += 1
    assert [place.view for place in found] == list("ABCD") and (covered == 1).all()


def test_a_layout_of_its_own_is_remembered_with_its_sizes(made: tuple[Any, Any]) -> None:
    import slicer

    scene, _ = made
    logic = slicer.vtkMRMLLayoutLogic()
    logic.SetMRMLScene(scene)
    layout, view = scene.GetFirstNodeByClass("vtkMRMLLayoutNode"), '<view class="vtkMRMLSliceNode" singletontag="{}"/>'
    items = f'<item splitSize="700">{view.format("Red")}</item><item splitSize="300">{view.format("Green")}</item>'
    layout.AddLayoutDescription(4860, f'<layout type="vertical">{items}</layout>')
    layout.SetViewArrangement(4860)
    keep_layout(scene)
    kept = layout.GetAttribute("BatteryCell.Layout")
    assert [place.box for place in places(kept, (400, 1000))] == [(0, 0, 400, 700), (0, 700, 400, 300)]
    assert [place.view for place in places(layout_of(scene), SIZE)] == ["Red", "Green"]
    logic.SetMRMLScene(None)


def test_a_grid_of_views_is_a_grid() -> None:
    view = '<item row="{}" column="{}"><view class="vtkMRMLSliceNode" singletontag="{}"/></item>'
    text = f'<layout type="grid">{view.format(0, 0, "A")}{view.format(1, 0, "B")}{view.format(0, 1, "C")}</layout>'
    assert {place.view: place.box[:2] for place in places(text, (100, 80))} == {"A": (0, 0), "B": (0, 40), "C": (50, 0)}


def test_a_layout_that_cannot_be_read_stands_for_four_views() -> None:
    assert [place.view for place in places("<layout", SIZE)] == ["Red", "1", "Green", "Yellow"]


@no_gl
def test_an_empty_3d_view_is_not_worth_a_picture_of_its_own(made: tuple[Any, Any]) -> None:
    from vtkmodules.vtkFiltersSources import vtkSphereSource

    scene, _ = made
    assert pictures.view_names(scene) == ["Red", "Green", "Yellow"]
    ball, source = scene.AddNewNodeByClass("vtkMRMLModelNode"), vtkSphereSource()
    source.SetRadius(2.0)
    source.Update()
    ball.SetAndObservePolyData(source.GetOutput())
    ball.CreateDefaultDisplayNodes()
    assert "1" in pictures.view_names(scene)
    shot = pictures.view_shot(scene, "3D", SIZE)
    assert shot.name == "3D" and (shot.image[100:500].max(axis=2) > 120).mean() > 0.02


def test_a_scene_without_a_volume_or_the_view_is_refused() -> None:
    scene = mrml.new_scene()
    try:
        with pytest.raises(InputError, match="holds no volume"):
            pictures.view_shot(scene, "axial", SIZE)
        with pytest.raises(InputError, match="no view Lila"):
            pictures.view_shot(scene, "Lila", SIZE)
    finally:
        mrml.close_scene(scene)


@no_gl
def test_pictures_of_the_same_name_do_not_replace_each_other(made: tuple[Any, Any], tmp_path: Path) -> None:
    shot = pictures.view_shot(made[0], "axial", (200, 150))
    names = [pictures.save_shot(shot, tmp_path).name for _ in range(3)]
    assert names == [f"{shot.name}.png", f"{shot.name}_2.png", f"{shot.name}_3.png"]


def test_a_stage_without_volumes_shows_a_little_space() -> None:
    scene = mrml.new_scene()
    try:
        assert Stage(scene).bounds() == [-10.0, 10.0] * 3
    finally:
        mrml.close_scene(scene)
