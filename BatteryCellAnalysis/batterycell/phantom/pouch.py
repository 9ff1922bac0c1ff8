"""Generate a pouch cell: grey values, labels and the truth about the overhang on its four sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import CellFrame
from batterycell.pouch.columns import FACES, POUCH_OVERHANG_COLUMNS
from batterycell.progress import Progress
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM, Volume

from .imaging import image, softening_um
from .pose import Grid, empty_volume
from .pouch_settings import EDGES, PouchCell
from .pouch_stack import PouchStack, Sheets, make_stack, pouch_half_mm
from .render import paint_in_slabs
from .scan_settings import Scan
from .truth import point_values

Array = NDArray[Any]
# Places along an edge, as shares of the cathode's length: the corners are left out.
PLACES = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])
CURVE_POINTS = 65

POUCH_COLUMNS = POUCH_OVERHANG_COLUMNS


def make_pouch(
    spec: PouchCell, scan: Scan, seed: int, progress: Progress
) -> tuple[tuple[Volume, Volume], Table, CellFrame]:
    """Grey values and labels, the truth, and the frame of a pouch cell: up is the direction of stacking."""
    sheets, scanner = (np.random.default_rng([seed, stream]) for stream in range(2))
    stack = make_stack(spec, sheets)
    volume, up, centre = empty_volume(scan, scan.shape or needed_shape(spec, scan))
    frame = _turned_frame(CellFrame.from_axis(centre, up, volume.ijk_to_ras), np.radians(spec.turn_deg))
    grid = Grid.of(volume, frame, softening_um(scan, scan.axis) / UM_PER_MM)
    grey, label = paint_in_slabs(grid, spec.greys.air, stack.paint, progress.part(0, 0.7))
    scanned = image(grey, scan, scan.axis, scanner, progress.part(0.7, 1))
    pictures = replace(volume, array=scanned, name="grey"), replace(volume, array=label, name="labels")
    return pictures, pouch_truth(stack, volume, frame), frame


def _turned_frame(frame: CellFrame, angle: float) -> CellFrame:
    x, y = (frame.basis[:, :2] @ _turned(angle)).T
    return CellFrame(frame.origin, frame.up, x, y)


def pouch_truth(stack: PouchStack, volume: Volume, frame: CellFrame) -> Table:
    """One row for each cathode, face, edge and place along the edge."""
    parts = [
        _edge_rows(stack, (layer, face, edge), volume, frame)
        for layer in range(stack.spec.cathodes)
        for face in range(2)
        for edge in range(len(EDGES))
    ]
    return Table(POUCH_COLUMNS, {c.name: np.concatenate([part[c.name] for part in parts]) for c in POUCH_COLUMNS})


def _edge_rows(stack: PouchStack, which: tuple[int, int, int], volume: Volume, frame: CellFrame) -> dict[str, Array]:
    layer, face, edge = which
    start, normal, position = _cathode_edge(stack.cathodes, layer, edge)
    distance = _distance_to_edge(stack.anodes, layer + face, edge, start, normal)
    end = start + distance[:, None] * normal
    overhang = np.sign(distance) * _arc_length(stack, start, end)
    cathode = _ras(start, stack.cathodes.height[layer] + stack.lift(*start.T), frame)
    anode = _ras(end, stack.anodes.height[layer + face] + stack.lift(*end.T), frame)
    count = len(PLACES)
    flag = np.where(overhang < 0, "negative", "ok").astype("U8")
    flag[_under_tab(stack, layer + face, edge, end)] = "tab"
    return {
        "layer": np.full(count, layer + 1),
        "face": np.full(count, FACES[face]),
        "edge": np.full(count, EDGES[edge]),
        "position_mm": position,
        "overhang_um": overhang * UM_PER_MM,
        "uncertainty_um": np.zeros(count),
        "flag": flag,
        **point_values(volume, "cathode", cathode),
        **point_values(volume, "anode", anode),
    }


def _cathode_edge(sheets: Sheets, layer: int, edge: int) -> tuple[Array, Array, Array]:
    """Points along a cathode's edge in mm (n, 2), the edge's outward normal (2,) and the places along it in mm."""
    axis, sign = edge // 2, 2 * (edge % 2) - 1
    turn = _turned(sheets.turn[layer])
    normal, along = turn[:, axis] * sign, turn[:, 1 - axis]
    position = PLACES * 2 * sheets.half[1 - axis]
    start = sheets.shift[layer] + sheets.half[axis] * normal + position[:, None] * along
    return start, normal, position


def _distance_to_edge(sheets: Sheets, layer: int, edge: int, start: Array, normal: Array) -> Array:
    """Distance in mm from points (n, 2) along a direction to the same edge of another sheet."""
    axis, sign = edge // 2, 2 * (edge % 2) - 1
    outward = _turned(sheets.turn[layer])[:, axis] * sign
    return np.asarray((sheets.half[axis] - (start - sheets.shift[layer]) @ outward) / (outward @ normal))


def _arc_length(stack: PouchStack, start: Array, end: Array) -> Array:
    """Length in mm of bent sheets between points (n, 2) in their plane."""
    share = np.linspace(0, 1, CURVE_POINTS)[:, None, None]
    line = start + share * (end - start)
    height = stack.lift(line[..., 0], line[..., 1])
    flat = np.linalg.norm(end - start, axis=1) / (CURVE_POINTS - 1)
    return np.asarray(np.hypot(flat, np.diff(height, axis=0)).sum(axis=0))


def _under_tab(stack: PouchStack, anode: int, edge: int, end: Array) -> Array:
    """Which ends (n, 2) of an anode have no end to be seen because its tab leaves there."""
    index = np.full(len(end), anode)
    along = stack.anodes.local(index, *end.T)[1 - edge // 2]
    found = np.zeros(len(end), bool)
    for tab in stack.spec.tabs:
        if tab.sheet == "anode" and tab.edge == EDGES[edge]:
            found |= np.abs(along - tab.position_mm) < tab.width_mm / 2
    return found


def _turned(angle: float) -> Array:
    """The x and y axes of a turned sheet, as columns."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _ras(place: Array, height: Array, frame: CellFrame) -> Array:
    points = np.column_stack([place, height])
    return np.asarray(points @ frame.basis.T + frame.origin)


def needed_shape(spec: PouchCell, scan: Scan) -> tuple[int, int, int]:
    """Shape that holds the cell: its x and y lie along the two other array axes, in the order i, j, k."""
    x, y, z = pouch_half_mm(spec)
    wall = spec.laminate_um / UM_PER_MM
    rim = wall + (spec.flange_mm if spec.case == "pouch" else 0.0)
    cosine, sine = np.abs(_turned(np.radians(spec.turn_deg)))[0]
    half = np.array([[cosine, sine], [sine, cosine]]) @ (x + rim, y + rim)
    slack = 2 * scan.margin_mm + 2 * float(np.hypot(*half)) * np.sin(np.radians(scan.tilt_deg))
    across = iter(2 * half + slack)
    along = 2 * (z + wall + max(spec.bow_um, 0.0) / UM_PER_MM) + slack
    size = {axis: along if axis == scan.axis else next(across) for axis in "ijk"}
    k, j, i = (int(np.ceil(size[a] * UM_PER_MM / s)) for a, s in zip("kji", scan.voxel_size_um, strict=True))
    return k, j, i
