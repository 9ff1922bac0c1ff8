"""Volume renderings: the parts of a cell in their colours, at any type of voxel, and previews of large volumes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from batterycell import mrml, palette
from batterycell.clip import angle_of, half_cut, quarter_cut
from batterycell.errors import InputError
from batterycell.mrml import rendering
from batterycell.mrml.clipping import cut_open, reset_cut
from batterycell.mrml.cut_camera import look_into
from batterycell.mrml.picking import seen_place
from batterycell.mrml.places import from_world, to_world
from batterycell.mrml.rendering import (
    hide_rendering,
    preview,
    rendered_nodes,
    rendering_of,
    renderings,
    show_rendering,
    shown_look,
)
from batterycell.mrml.volumes import volume_from_node
from batterycell.pictures.cut_open import cut_open_view
from batterycell.pictures.gl import missing_gl
from batterycell.pictures.slicer_views import add_3d_node, open_3d
from batterycell.volume import Volume
from clip_views import from_above, from_the_corner, seen
from made_result import made_result

pytestmark = pytest.mark.skipif(missing_gl() is not None, reason=str(missing_gl()))
RESULT = made_result()
CELL = RESULT.cell
PARTS = {"anode": palette.ANODE, "cathode": palette.CATHODE, "can": palette.CAN}


def in_a_scene(volume: Volume) -> Iterator[Any]:
    scene = mrml.new_scene()
    yield mrml.add_volume(scene, volume, "cell")
    mrml.close_scene(scene)


@pytest.fixture
def node() -> Iterator[Any]:
    yield from in_a_scene(replace(RESULT.volume, array=RESULT.volume.array.copy()))


@pytest.fixture
def small_previews(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "_PREVIEW_VOXELS", 50_000)


def share(image: np.ndarray, color: str) -> float:
    """Share of the picture that has the hue of a colour, light and dark."""
    wanted = np.array(palette.to_rgb(color))
    bright = image.max(axis=2)
    hue = image / np.maximum(bright, 1)[..., None]
    return float(((np.abs(hue - wanted / wanted.max()).max(axis=2) < 0.2) & (bright > 70)).mean())


def shares(volume: Volume, look: str) -> dict[str, float]:
    for node in in_a_scene(volume):
        show_rendering(node, look)  # type: ignore[arg-type]
        cut_open(node, quarter_cut(volume, CELL))
        image = from_the_corner(node, CELL.frame)
        return {part: share(image, color) for part, color in PARTS.items()}
    raise AssertionError


def of_type(dtype: type, scale: float, offset: float = 0.0) -> Volume:
    """A can with thick rings of two kinds in it, at the place of the made cell."""
    y, x = np.mgrid[:80, :80] - 39.5
    radius = np.hypot(y, x)
    section = np.select([radius > 35, radius > 30, radius % 12 > 6], [10, 190, 80], 45)
    return replace(RESULT.volume, array=(np.repeat(section[None], 30, axis=0) * scale + offset).astype(dtype))


TYPES = [(np.uint8, 1.0, 0.0), (np.uint16, 200.0, 500.0), (np.int16, 100.0, -9000.0), (np.float32, 1e-4, 0.0)]


@pytest.mark.parametrize(("dtype", "scale", "offset"), TYPES)
def test_can_cathode_and_anode_show_in_their_colours(dtype: type, scale: float, offset: float) -> None:
    found = shares(of_type(dtype, scale, offset), "parts")
    assert found["anode"] > 0.05 and found["cathode"] > 0.05 and found["can"] > 0.02, found


def test_the_natural_look_leaves_the_colours_of_the_parts_to_others() -> None:
    found = shares(RESULT.volume, "natural")
    assert found["anode"] < 0.01 and found["cathode"] < 0.01, found


def test_air_is_clear(node: Any) -> None:
    show_rendering(node)
    drawn = from_above(node, CELL.frame)
    assert drawn.mean() < 1.05 * np.pi * 3.5**2 / 64
    assert seen(drawn, CELL.frame, 10) > 0.95


def test_a_rendering_is_shown_hidden_and_changed_without_new_nodes(node: Any) -> None:
    assert shown_look(node) is None and renderings(node) == []
    show_rendering(node)
    count = node.GetScene().GetNumberOfNodes()
    assert shown_look(node) == ("parts", True)
    hide_rendering(node)
    assert shown_look(node) is None
    assert show_rendering(node, "natural") is rendering_of(node)
    assert shown_look(node) == ("natural", True) and node.GetScene().GetNumberOfNodes() == count


@pytest.mark.usefixtures("small_previews")
def test_a_large_volume_is_shown_by_a_preview_until_it_is_asked_for_in_full(node: Any) -> None:
    display = show_rendering(node)
    small = rendered_nodes(node)[1]
    assert rendering_of(small) is display and rendering_of(node) is None
    assert shown_look(node) == ("parts", False)
    show_rendering(node, full=True)
    assert rendering_of(node).GetVisibility() and not display.GetVisibility()
    assert show_rendering(node) is display and not rendering_of(node).GetVisibility()
    assert rendered_nodes(node) == [node, small]


@pytest.mark.usefixtures("small_previews")
def test_a_preview_is_cut_open_and_turned_with_its_volume(node: Any) -> None:
    show_rendering(node)
    cut_open(node, quarter_cut(RESULT.volume, CELL))
    mrml.set_upright(node, CELL)
    drawn = from_above(node, CELL.frame)
    assert seen(drawn, CELL.frame, 45) < 0.05 and seen(drawn, CELL.frame, 225) > 0.95


@pytest.mark.usefixtures("small_previews")
def test_a_preview_follows_a_corrected_voxel_size(node: Any) -> None:
    show_rendering(node)
    node.SetSpacing(0.2, 0.2, 0.2)
    show_rendering(node)
    small = rendered_nodes(node)[1]
    np.testing.assert_allclose(volume_from_node(small).spacing_mm, preview(volume_from_node(node)).spacing_mm)


@pytest.mark.usefixtures("small_previews")
def test_a_preview_is_made_once_and_anew_when_the_voxels_change(node: Any) -> None:
    show_rendering(node)
    small, count = rendered_nodes(node)[1], node.GetScene().GetNumberOfNodes()
    show_rendering(node, "natural")
    assert rendered_nodes(node)[1] is small
    volume_from_node(node).array[:] = 7
    node.GetImageData().GetPointData().GetScalars().Modified()
    show_rendering(node)
    assert (volume_from_node(rendered_nodes(node)[1]).array == 7).all()
    assert node.GetScene().GetNumberOfNodes() == count


@pytest.mark.usefixtures("small_previews")
def test_a_preview_gets_other_steps_when_the_voxel_size_asks_for_them(node: Any) -> None:
    show_rendering(node)
    node.SetSpacing(0.1, 0.1, 0.6)
    show_rendering(node)
    small, expected = volume_from_node(rendered_nodes(node)[1]), preview(volume_from_node(node))
    assert small.array.shape == expected.array.shape
    np.testing.assert_allclose(small.ijk_to_ras, expected.ijk_to_ras)


def test_a_preview_is_small_and_stays_in_place() -> None:
    array = np.zeros((60, 800, 800), np.uint8)
    array[30:36, 300:312, 500:512] = 200
    volume = Volume.from_stack(array, (68, 34, 34), "test")
    small = preview(volume)
    assert small.array.size < 8e6 and small.array.dtype == np.uint8
    np.testing.assert_allclose(middle(small), middle(volume), atol=0.034)


def test_a_preview_of_few_slices_keeps_one() -> None:
    matrix = np.diag([0.1, 0.1, 0.005, 1.0])
    assert preview(Volume(np.ones((10, 800, 800), np.uint8), matrix, "test")).array.shape == (1, 800, 800)


def middle(volume: Volume) -> np.ndarray:
    """The centre of what is bright, RAS mm."""
    places = np.argwhere(volume.array > 0)
    weights = volume.array[tuple(places.T)].astype(float)
    return volume.to_ras(np.average(places[:, ::-1], axis=0, weights=weights))


def test_a_small_volume_is_its_own_preview() -> None:
    np.testing.assert_array_equal(preview(RESULT.volume).array, RESULT.volume.array)


@pytest.mark.parametrize("array", [np.zeros((3, 4, 5), np.uint8), np.full((3, 4, 5), np.nan, np.float32)])
def test_a_volume_without_anything_in_it_is_shown_without_an_error(array: np.ndarray) -> None:
    for node in in_a_scene(replace(RESULT.volume, array=array)):
        show_rendering(node)
        assert shown_look(node) == ("parts", True)


def test_a_colour_volume_is_refused_with_a_hint() -> None:
    from vtkmodules.vtkCommonDataModel import vtkImageData

    scene = mrml.new_scene()
    image = vtkImageData()
    image.SetDimensions(4, 4, 4)
    image.AllocateScalars(3, 3)
    node = scene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "colours")
    node.SetAndObserveImageData(image)
    with pytest.raises(InputError, match="scalar volume"):
        show_rendering(node)
    mrml.close_scene(scene)


def test_a_pick_in_the_hole_is_what_lies_behind_it(node: Any) -> None:
    frame = CELL.frame
    show_rendering(node, "natural")
    cut_open(node, quarter_cut(RESULT.volume, CELL))
    for turned in (False, True):
        if turned:
            mrml.set_upright(node, CELL)
        eye, skin, beside = to_world(node, frame.from_cylindrical([45.0, 45.0, 135.0], [30.0, 3.4, 3.4], [0.0] * 3))
        seen = seen_place(node, eye, skin)
        assert seen is not None
        _angle, radius, height = frame.to_cylindrical(from_world(node, seen))
        assert radius < 1.0 and abs(height) < 0.05
        np.testing.assert_allclose(seen_place(node, eye, beside), beside, atol=1e-9)  # type: ignore[arg-type]
    above = to_world(node, frame.from_cylindrical(45.0, 2.0, 1.0))
    assert seen_place(node, to_world(node, frame.from_cylindrical(45.0, 2.0, 20.0)), above) is None
    reset_cut(node)
    np.testing.assert_array_equal(seen_place(node, eye, skin), skin)  # type: ignore[arg-type]


def test_the_view_looks_into_the_cut(node: Any) -> None:
    camera = node.GetScene().AddNewNodeByClass("vtkMRMLCameraNode")
    for angle in (0.0, 100.0):
        for make, middle in ((quarter_cut, 45.0), (half_cut, 90.0)):
            cut_open(node, make(RESULT.volume, CELL, angle))
            assert angle_of(make(RESULT.volume, CELL, angle), CELL.frame) == pytest.approx(angle)
            look_into(camera, node, CELL)
            off = np.array(camera.GetPosition()) - camera.GetFocalPoint()
            seen_from, _radius, height = CELL.frame.to_cylindrical(CELL.frame.origin + off)
            assert seen_from == pytest.approx(angle + middle) and height > 0


@pytest.mark.parametrize("make", [quarter_cut, half_cut])
def test_a_picture_of_a_cell_cut_open_shows_its_parts_and_nothing_around_it(make: Any) -> None:
    volume = of_type(np.uint8, 1.0)
    volume.array[:, :5, :] = 45  # a holder beside the cell
    picture = cut_open_view(volume, CELL, make(volume, CELL), size=(240, 180))
    assert picture.shape == (180, 240, 3)
    found = {part: share(picture.astype(float), color) for part, color in PARTS.items()}
    assert found["anode"] > 0.03 and found["cathode"] > 0.03 and found["can"] > 0.05, found
    assert (picture[:3] == picture[0, 0]).all() and (picture[:, :3] == picture[0, 0]).all()


def test_a_view_that_draws_at_every_change_meets_no_broken_shader(node: Any) -> None:
    display = show_rendering(node)
    view = open_3d(node.GetScene(), add_3d_node(node.GetScene()), (40, 40))
    errors: list[str] = []
    view.renderer.ResetCamera()
    view.window.AddObserver("ErrorEvent", lambda *_: errors.append("window"))
    view.renderer.GetVolumes().GetItemAsObject(0).GetMapper().AddObserver(
        "ErrorEvent", lambda *_: errors.append("mapper")
    )

    def draw(*_: object) -> None:
        view.picture()

    display.AddObserver("ModifiedEvent", draw)
    for make in (quarter_cut, half_cut, quarter_cut):
        cut_open(node, make(RESULT.volume, CELL))
        display.GetShaderPropertyNode().AddObserver("ModifiedEvent", draw)
        draw()
    reset_cut(node)
    draw()
    assert errors == []
