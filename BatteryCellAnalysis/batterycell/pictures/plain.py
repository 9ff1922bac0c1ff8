"""The four views without OpenGL: plain slices, and the first solid voxel along the line of sight for 3D."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.interpolation import interpolate
from batterycell.mrml.points import end_points
from batterycell.mrml.views import SLICE_VIEWS
from batterycell.mrml.volumes import window_range
from batterycell.tables import Table

from .panels import VIEW_SIZE, Panel, font
from .subject import Subject

_DEPTHS = 64
# Of 255: darker than _AIR is looked through; solids behind the cut show as fog, from the nearest to the deepest.
_AIR, _FOG = 50, (130, 40)
_TOLERANCE_MM = 0.06
_DOT = 2.5


def plain_panels(subject: Subject) -> list[Panel]:
    """The four views, drawn without Slicer's views."""
    panels = [Panel(name, _slice_panel(subject, name), subject.caption(name)) for name in SLICE_VIEWS]
    return [
        *panels,
        Panel("3D", _projection_panel(subject), "cut open along 180°  |  0°, from the front (no OpenGL here)"),
    ]


def _slice_panel(subject: Subject, orientation: str) -> NDArray[np.uint8]:
    matrix, pixel = subject.plane(orientation), _pixel_size(subject.extent(orientation))
    image = _grey(subject, interpolate(subject.volume, subject.volume.to_ijk(_grid(matrix, pixel))))
    return _annotate(image, subject.some_rows, matrix, pixel)


def _projection_panel(subject: Subject) -> NDArray[np.uint8]:
    matrix, pixel = subject.plane("coronal"), _pixel_size(subject.extent("coronal"))
    points = _grid(matrix, 2 * pixel, 2)
    seen = np.zeros(points.shape[:2], np.uint8)
    for depth in np.linspace(0, 1, _DEPTHS):
        ras = points - depth * subject.radius * subject.frame.toward_j
        layer = _grey(subject, interpolate(subject.volume, subject.volume.to_ijk(ras)))
        hit = (seen == 0) & (layer > _AIR)
        seen[hit] = layer[hit] if depth == 0 else np.uint8(_FOG[0] + (_FOG[1] - _FOG[0]) * depth)
    return _annotate(seen.repeat(2, 0).repeat(2, 1), subject.cut_rows, matrix, pixel)


def _pixel_size(size_mm: tuple[float, float]) -> float:
    return max(size_mm[0] / VIEW_SIZE[0], size_mm[1] / VIEW_SIZE[1])


def _grid(matrix: NDArray[np.float64], pixel: float, step: int = 1) -> NDArray[np.float64]:
    columns, rows = (size // step for size in VIEW_SIZE)
    x = (np.arange(columns) - (columns - 1) / 2) * pixel
    y = ((rows - 1) / 2 - np.arange(rows)) * pixel
    plane = np.stack([*np.meshgrid(x, y), np.zeros((rows, columns))], axis=-1)
    return np.asarray(plane @ matrix[:3, :3].T + matrix[:3, 3])


def _grey(subject: Subject, values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = window_range(subject.volume.array)
    return np.asarray(np.nan_to_num(np.clip((values - low) / (high - low), 0, 1) * 255).astype(np.uint8))


def _annotate(image: NDArray[np.uint8], ends: Table, matrix: NDArray[np.float64], pixel: float) -> NDArray[np.uint8]:
    from PIL import Image, ImageDraw

    canvas = Image.fromarray(image).convert("RGB")
    draw = ImageDraw.Draw(canvas)
    for part, color in (("cathode", palette.CATHODE), ("anode", palette.ANODE)):
        _draw_points(draw, _on_plane(end_points(ends, part), matrix), pixel, color)
    _draw_scale_bar(draw, pixel)
    return np.asarray(canvas)


def _on_plane(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    local = (points - matrix[:3, 3]) @ matrix[:3, :3]
    return np.asarray(local[np.abs(local[:, 2]) < _TOLERANCE_MM, :2])


def _draw_points(draw: Any, points: NDArray[np.float64], pixel: float, color: str) -> None:
    for x, y in points / pixel:
        column, row = VIEW_SIZE[0] / 2 + x, VIEW_SIZE[1] / 2 - y
        draw.ellipse((column - _DOT, row - _DOT, column + _DOT, row + _DOT), fill=color)


def _draw_scale_bar(draw: Any, pixel: float) -> None:
    length = nice_length(VIEW_SIZE[0] * pixel / 5)
    left, bottom = VIEW_SIZE[0] // 2 - length / pixel / 2, VIEW_SIZE[1] - 22
    draw.line((left, bottom, left + length / pixel, bottom), fill=palette.FOREGROUND, width=4)
    draw.text((left + length / pixel + 10, bottom), f"{length:g} mm", palette.FOREGROUND, font(18), anchor="lm")


def nice_length(length: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is no longer than ``length``."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(max(step for step in (1, 2, 5) if step * power <= length * (1 + 1e-9)) * power)
