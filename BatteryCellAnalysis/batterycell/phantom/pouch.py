"""Generate a pouch cell: grey values, labels and the truth about the overhang on its four sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import CellFrame
from batterycell.overhang.columns import OVERHANG_COLUMNS
from batterycell.progress import Progress
from batterycell.tables import Column, Table
from batterycell.volume import UM_PER_MM, Volume

from .imaging import image, softening_um
from .pose import Grid, empty_volume
from .pouch_settings import EDGES, PouchCell
from .pouch_stack import PouchStack, Sheets, make_stack, pouch_half_mm
from .render import paint_in_slabs
from .scan_settings import Scan
from .truth import point_values

Array = NDArray[Any]
FACES = ("lower", "upper")
# Places along an edge, as shares of the cathode's length: the corners are left out.
PLACES = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])

POUCH_COLUMNS: tuple[Column, ...] = (
    Column("layer", "Layer", "", "Cathode from the base of the stack, 1 is the lowest."),
    Column("face", "Face", "", "Whether the anode lies on the lower or the upper face of that cathode."),
    Column("edge", "Edge", "", "Side of the cathode: x-, x+, y- or y+ of the cell."),
    Column("position_mm", "Position", "mm", "Place along the edge, from the middle of the cathode's edge."),
    Column("overhang_um", "Overhang", "µm", "Distance across the cathode's edge, in the plane of the sheets, from it "
           "to the anode's edge; negative where the anode ends first."),
    Column("flag", "Flag", "", "ok or negative."),
    *(column for column in OVERHANG_COLUMNS if column.name.startswith(("cathode_", "anode_"))),
)  # fmt: skip


def make_pouch(
    spec: PouchCell, scan: Scan, seed: int, progress: Progress
) -> tuple[tuple[Volume, Volume], Table, CellFrame]:
    """Grey values and labels, the truth, and the frame of a pouch cell: up is the direction of stacking."""
    sheets, scanner = (np.random.default_rng([seed, stream]) for stream in range(2))
    stack = make_stack(spec, sheets)
    volume, up, centre = empty_volume(scan, scan.shape or _needed_shape(spec, scan))
    frame = CellFrame.from_axis(centre, up, volume.ijk_to_ras)
    grid = Grid.of(volume, frame, softening_um(scan, scan.axis) / UM_PER_MM)
    grey, label = paint_in_slabs(grid, spec.greys.air, stack.paint, progress.part(0, 0.7))
    scanned = image(grey, scan, scan.axis, scanner, progress.part(0.7, 1))
    pictures = replace(volume, array=scanned, name="grey"), replace(volume, array=label, name="labels")
    return pictures, pouch_truth(stack, volume, frame), frame


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
    overhang = _distance_to_edge(stack.anodes, layer + face, edge, start, normal)
    cathode = _ras(start, stack.cathodes.height[layer], frame)
    anode = _ras(start + overhang[:, None] * normal, stack.anodes.height[layer + face], frame)
    count = len(PLACES)
    return {
        "layer": np.full(count, layer + 1),
        "face": np.full(count, FACES[face]),
        "edge": np.full(count, EDGES[edge]),
        "position_mm": position,
        "overhang_um": overhang * UM_PER_MM,
        "flag": np.where(overhang < 0, "negative", "ok"),
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


def _turned(angle: float) -> Array:
    """The x and y axes of a turned sheet, as columns."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _ras(place: Array, height: float, frame: CellFrame) -> Array:
    points = np.column_stack([place, np.full(len(place), height)])
    return np.asarray(points @ frame.basis.T + frame.origin)


def _needed_shape(spec: PouchCell, scan: Scan) -> tuple[int, int, int]:
    """Shape that holds the pouch: x and y of the cell lie along the two other array axes, in the order i, j, k."""
    x, y, z = pouch_half_mm(spec)
    rim = spec.flange_mm + spec.laminate_um / UM_PER_MM
    tilt = np.radians(scan.tilt_deg)
    longest = np.hypot(x + rim, y + rim)
    slack = 2 * scan.margin_mm + 2 * longest * np.sin(tilt)
    across = iter([2 * (x + rim) + slack, 2 * (y + rim) + slack])
    along = 2 * (z + spec.laminate_um / UM_PER_MM) + slack
    size = {axis: along if axis == scan.axis else next(across) for axis in "ijk"}
    k, j, i = (int(np.ceil(size[a] * UM_PER_MM / s)) for a, s in zip("kji", scan.voxel_size_um, strict=True))
    return k, j, i
