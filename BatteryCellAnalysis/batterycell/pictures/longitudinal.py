"""A longitudinal plane, close up on the ends of the jelly roll, with the found ends drawn in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from batterycell.orient import Cell, CellFrame
from batterycell.reslice import HalfPlane, sample_half_plane
from batterycell.result import negative, readable
from batterycell.tables import Table
from batterycell.volume import Volume

from .close_up import CloseUp
from .close_up_drawing import draw_close_up
from .save import new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH_PX = 1600
_LEFT, _RIGHT, _TOP, _BOTTOM = 92, 24, 84, 92


def longitudinal_picture(volume: Volume, cell: Cell, overhang: Table, angle_deg: float) -> Figure:
    """The half-plane at one angle, a panel for each end of the cell that was read there.

    Pixels are square in mm, and one pixel block is one voxel.

    Args:
        volume: Grey values.
        cell: Where the cell stands, and its can.
        overhang: The overhang table; rows at other angles are left out.
        angle_deg: Angle about the cell's axis.

    Returns:
        A figure 1600 px wide; where nothing was read it shows the plane alone and says so.
    """
    rows = overhang.where(np.isclose(overhang["angle_deg"], angle_deg))
    panels = [CloseUp.of_end(rows, cell, end) for end in ("top", "bottom") if _is_seen(rows, end)]
    panels = panels or [CloseUp.of_nothing(rows, cell)]
    figure = new_figure(_WIDTH_PX, round(sum(_height_px(panel) for panel in panels)))
    top = figure.bbox.height
    for panel in panels:
        plane = _sample(volume, cell.frame, angle_deg, panel)
        draw_close_up(_add_axes(figure, panel, top), panel, plane, _px_per_mm(panel))
        top -= _height_px(panel)
    return figure


def _px_per_mm(panel: CloseUp) -> float:
    return (_WIDTH_PX - _LEFT - _RIGHT) / (panel.radii[1] - panel.radii[0])


def _height_px(panel: CloseUp) -> float:
    return _px_per_mm(panel) * (panel.heights[1] - panel.heights[0]) + _TOP + _BOTTOM


def _add_axes(figure: Figure, panel: CloseUp, top: float) -> Axes:
    total, height = figure.bbox.height, _height_px(panel) - _TOP - _BOTTOM
    box = (_LEFT / _WIDTH_PX, (top - _TOP - height) / total, 1 - (_LEFT + _RIGHT) / _WIDTH_PX, height / total)
    return figure.add_axes(box)


def _is_seen(rows: Table, end: str) -> bool:
    return bool(((readable(rows) | negative(rows)) & (rows["end"] == end)).any())


def _sample(volume: Volume, frame: CellFrame, angle_deg: float, panel: CloseUp) -> HalfPlane:
    across, along = _voxel(volume, frame)
    radii = np.arange(panel.radii[0], panel.radii[1] + across, across)
    heights = np.arange(panel.heights[0], panel.heights[1] + along, along)
    return sample_half_plane(volume, frame, angle_deg, radii, heights)


def _voxel(volume: Volume, frame: CellFrame) -> tuple[float, float]:
    """The voxel's size across and along the cell's axis in mm."""
    axes = volume.ijk_to_ras[:3, :3] / volume.spacing_mm
    order = np.argsort(np.abs(frame.up @ axes))
    return float(volume.spacing_mm[order[:2]].min()), float(volume.spacing_mm[order[2]])
