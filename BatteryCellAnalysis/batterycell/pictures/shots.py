"""Pictures of a scene as it stands: each view, and the layout. The scene itself is left untouched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.file_names import file_stem, untaken
from batterycell.mrml.names import name_of
from batterycell.mrml.quiet import quiet_vtk
from batterycell.mrml.scratch import scratch_scene
from batterycell.mrml.views import SLICE_VIEWS

from . import planes
from .dressing import add_scale_bar, bar_height, dress
from .layouts import places
from .save import save_rgb
from .stage import Stage, color_of, matrix_of

_SHAPE = 3 / 4
_GAP_PX = 2
_LAYOUT = "BatteryCell.Layout"


@dataclass(frozen=True)
class Shot:
    """A picture and what it shows.

    Args:
        name: For its file, without ending: ``axial_S+12.3mm``.
        caption: For people.
        image: Shape (rows, columns, 3).
    """

    name: str
    caption: str
    image: NDArray[np.uint8]


def picture_size(width: int) -> tuple[int, int]:
    """Width and height in pixels of a picture of a width."""
    return width, round(width * _SHAPE)


def view_shot(scene: Any, view: str, size: tuple[int, int], volume_node: Any = None) -> Shot:
    """One view of a scene, aimed as it stands, with caption and scale bar.

    Args:
        scene: Any scene, with or without an application.
        view: "axial", "sagittal", "coronal", "3D", or the layout name of a view ("Red", "1").
        size: Width and height of the picture in pixels.
        volume_node: Shown where the view shows no volume; the scene's first volume if absent.

    Raises:
        InputError: if the scene has no such view, or nothing to show in it.
    """
    name = SLICE_VIEWS.get(view, "1" if view == "3D" else view)
    with quiet_vtk(), scratch_scene(scene) as scratch:
        stage = Stage(scratch, volume_node)
        return _shot_3d(stage, name, size) if stage.is_3d(name) else _slice_shot(stage, name, size)


def view_names(scene: Any) -> list[str]:
    """Layout names of the views in a scene's layout that are worth a picture."""
    shown = [place for place in places(layout_of(scene), (1, 1)) if place.kind != "other"]
    if any(place.kind == "3D" for place in shown):
        with scratch_scene(scene) as scratch:
            empty = not Stage(scratch).shows_3d()
        shown = [place for place in shown if place.kind == "slice" or not empty]
    return [place.view for place in shown]


def layout_shot(scene: Any, size: tuple[int, int], volume_node: Any = None) -> Shot:
    """All views of a scene in its layout, each with caption and scale bar.

    Args:
        scene: Any scene; four views where it says nothing about its layout.
        size: Width and height of the picture in pixels.
        volume_node: Shown where a view shows no volume; the scene's first volume if absent.

    Raises:
        InputError: if there is nothing to show.
    """
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    canvas[:] = [round(255 * part) for part in palette.to_rgb(palette.BACKGROUND)]
    names, captions = [], []
    for place in places(layout_of(scene), size):
        if place.kind != "other":
            left, top, width, height = place.box
            shot = view_shot(scene, place.view, (width - _GAP_PX, height - _GAP_PX), volume_node)
            canvas[top : top + height - _GAP_PX, left : left + width - _GAP_PX] = shot.image
            names.append(shot.name.split("_")[0])
            captions.append(shot.caption)
    return Shot(file_stem("layout", "-".join(names)), "; ".join(captions), canvas)


def layout_of(scene: Any) -> str:
    """Slicer's XML of a scene's layout; empty where the scene has none."""
    layout = scene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    if layout is None:
        return ""
    arrangement = layout.GetViewArrangement()
    own = layout.GetLayoutDescription(arrangement) or _slicers_own(arrangement) or layout.GetAttribute(_LAYOUT)
    return str(own or "")


def _slicers_own(arrangement: int) -> str:
    """What an arrangement is in Slicer, outside the application; empty where Slicer knows none of this number."""
    import slicer

    scene, logic = slicer.vtkMRMLScene(), slicer.vtkMRMLLayoutLogic()
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
    logic.SetMRMLScene(scene)
    description = scene.GetFirstNodeByClass("vtkMRMLLayoutNode").GetLayoutDescription(arrangement)
    # A logic that outlives its scene's nodes ends the process.
    logic.SetMRMLScene(None)
    return str(description or "")


def keep_layout(scene: Any) -> None:
    """Let a scene remember its layout where it is none of Slicer's own, which other programs do not know."""
    layout = scene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    arrangement = layout.GetViewArrangement() if layout else 0
    description = layout.GetLayoutDescription(arrangement) if layout else ""
    if description and not _slicers_own(arrangement) and layout.GetAttribute(_LAYOUT) != description:
        # Nothing is to be laid out anew, and no view to be drawn.
        layout.DisableModifiedEventOn()
        layout.SetAttribute(_LAYOUT, description)
        layout.DisableModifiedEventOff()


def save_shot(shot: Shot, folder: Path) -> Path:
    """Write a picture as PNG, under a name that no other picture of the folder has, whatever their capitals."""
    taken = {path.stem.lower() for path in folder.glob("*.png")}
    path = folder / f"{untaken(shot.name, taken)}.png"
    save_rgb(shot.image, path)
    return path


def _slice_shot(stage: Stage, name: str, size: tuple[int, int]) -> Shot:
    node, layers = stage.slice_view(name)
    image, pixel_mm = stage.draw_slice(node, layers, _view_size(size))
    matrix = matrix_of(node)
    title = planes.orientation(matrix) if name in SLICE_VIEWS.values() else name
    where = planes.words(matrix).removeprefix(f"{title}, ")
    caption = " · ".join(text for text in (where, stage.shown_name(layers)) if text)
    picture = dress(add_scale_bar(image, pixel_mm), _capital(title), caption, color_of(node))
    return Shot(file_stem(title, planes.place(matrix)), f"{_capital(title)}: {caption}", picture)


def _shot_3d(stage: Stage, name: str, size: tuple[int, int]) -> Shot:
    node = stage.view_3d(name)
    image, pixel_mm = stage.draw_3d(node, _view_size(size))
    is_perspective = node.GetRenderMode() == node.Perspective
    scaled = add_scale_bar(image, pixel_mm, "at the focal point" if is_perspective else "")
    caption = name_of(stage.volume) if stage.volume is not None else ""
    picture = dress(scaled, "3D", caption, palette.VIEW_COLORS["3D"])
    return Shot(file_stem("3D", "" if name == "1" else name), f"3D: {caption}", picture)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _view_size(size: tuple[int, int]) -> tuple[int, int]:
    return size[0], size[1] - bar_height(size[0])
