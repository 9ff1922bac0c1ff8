"""Find a stack of flat sheets in a volume."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.errors import InputError
from batterycell.orient import CellFrame
from batterycell.orient.upright import array_axis
from batterycell.progress import Progress
from batterycell.reslice.sampling import voxel_along
from batterycell.volume import Volume

from .box import Box, reach_mm, sample_box
from .kind import Layering, find_layering
from .outline import Side, find_outline, find_sides, find_turn, layer_pictures, without_case
from .stack import (
    Bow,
    between_walls,
    find_bow,
    find_bright_layers,
    find_cathodes,
    find_core,
    find_metal,
    find_middle,
    find_pitch,
    mean_profile,
)

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_COLUMNS = 110  # along x and y at most
_LEAST_VOXELS = 5.0  # from cathode to cathode
_STACKED = 0.5  # of the layered blocks must be parallel
_ROUND = 0.1  # of the layered blocks lean in a wound cell's round flanks; in a stack nearly none do
_LEAN_DEG = (20.0, 70.0)


@dataclass(frozen=True)
class Pouch:
    """A stack of flat sheets found in a volume: that of a pouch cell, or of a stacked prismatic one.

    Args:
        frame: x and y (``toward_i``, ``toward_j``) run along the sheets' edges, ``up`` is the direction of stacking;
            the origin is at the middle of the part of the cathodes that the volume shows.
        bow: Height of the sheets over their place.
        cathode_mm: Heights of the cathodes' middles at the frame's middle, rising, shape (n,).
        cathode_grey: Usual grey value of the cathodes.
        air_grey: Grey value of what is darkest around the stack.
        pitch_mm: Distance from cathode to cathode.
        sides: x-, x+, y- and y+.
        tilt_deg: Angle between the direction of stacking and the nearest array axis.
    """

    frame: CellFrame
    bow: Bow
    cathode_mm: Floats
    cathode_grey: float
    air_grey: float
    pitch_mm: float
    sides: tuple[Side, ...]
    tilt_deg: float


def find_pouch(volume: Volume, progress: Progress | None = None) -> Pouch:
    """Find where a stack of sheets lies: its direction, its edges, its cathodes.

    Args:
        volume: The cell, or a part of it with at least one edge of the stack; any orientation, tilt or voxel size.
        progress: Told how far it is.

    Returns:
        The stack.

    Raises:
        InputError: if there is no stack, none of its edges, voxels too large for its layers, or a wound cell.
    """
    progress = progress or Progress()
    volume = replace(volume, array=np.ascontiguousarray(volume.array))
    layering = find_layering(volume)
    _refuse_others(layering)
    first = _look(volume, _first_frame(volume, layering), progress.part(0.05, 0.5))
    found = _look(volume, first.straightened(), progress.part(0.5, 1.0))
    frame = found.flat.frame
    sides = find_sides(found.flat, found.outline, found.columns_known)
    if not any(side.in_volume for side in sides):
        raise InputError("no-edge", "The volume shows none of the stack's edges",
                         "Scan or crop so that at least one edge of the sheets lies inside.")  # fmt: skip
    tilt = np.degrees(np.arccos(np.clip(frame.up @ array_axis(volume.ijk_to_ras, frame.up), -1, 1)))
    return Pouch(frame, found.bow, found.heights, found.grey, found.air, found.pitch, sides, float(tilt))


def _first_frame(volume: Volume, layering: Layering) -> CellFrame:
    up = layering.stacked * np.sign(layering.stacked @ array_axis(volume.ijk_to_ras, layering.stacked))
    middle = volume.to_ras(np.median(layering.ijk[layering.parallel], axis=0))
    return CellFrame.from_axis(middle, up, volume.ijk_to_ras)


def _refuse_others(layering: Layering) -> None:
    if layering.share <= _STACKED:
        raise InputError(
            "no-stack",
            "No stack of flat sheets was found in the volume",
            "A pouch or stacked prismatic cell must fill it; a cylindrical cell is measured as such.",
        )
    lean = np.degrees(np.arccos(np.clip(np.abs(layering.across @ layering.stacked), 0, 1)))
    if np.mean((lean > _LEAN_DEG[0]) & (lean < _LEAN_DEG[1])) > _ROUND:
        raise InputError(
            "wound-prismatic",
            "The sheets turn around at their ends: a wound prismatic cell",
            "Wound prismatic cells are not measured; crop to a flat part with one edge of the sheets.",
        )


@dataclass(frozen=True)
class _Look:
    """What one look at the columns through a stack shows; ``flat``: the columns without the sheets' bow."""

    flat: Box
    bow: Bow
    pitch: float
    heights: Floats
    grey: float
    air: float
    outline: Mask
    columns_known: Mask
    turn: float

    def straightened(self) -> CellFrame:
        """The frame moved to the middle of the outline, set upright and turned along the edges."""
        box, frame = self.flat, self.flat.frame
        y, x = np.nonzero(self.outline)
        places = np.column_stack([np.ones(len(x)), box.x[x], box.y[y]])
        level, dx, dy = np.linalg.lstsq(places, self.bow(box.x[x], box.y[y]), rcond=None)[0]
        up = frame.basis @ np.array([-dx, -dy, 1.0])
        up /= np.linalg.norm(up)
        place = np.array([box.x[x].mean(), box.y[y].mean(), 0.0])
        place[2] = level + place[:2] @ (dx, dy) + self.heights.mean()
        along = frame.basis @ np.array([np.cos(self.turn), np.sin(self.turn), 0.0])
        along -= (along @ up) * up
        along /= np.linalg.norm(along)
        handed = np.sign(np.linalg.det(frame.basis))
        return CellFrame(frame.origin + frame.basis @ place, up, along, handed * np.cross(up, along))


def _look(volume: Volume, frame: CellFrame, progress: Progress) -> _Look:
    box = _columns(volume, frame, progress)
    core, metal = _without_case(box)
    middle, deep = find_middle(core), _deep(core)
    profile = mean_profile(box, _around(middle, core.shape) & core)
    inside = between_walls(profile, metal)
    pitch = find_pitch(profile[inside], box.z_step)
    _refuse_coarse(pitch, voxel_along(volume, frame.up))
    bow = find_bow(box.between(inside), core, middle, pitch)
    flat = box.shifted(bow(box.x, box.y[:, None]))
    profile = mean_profile(flat, deep)
    within = between_walls(profile, metal)
    heights, grey = find_bright_layers(profile[within], flat.z[within], pitch)
    pictures = layer_pictures(flat, heights)
    outline = find_outline(pictures, middle)
    stack = (flat.z > heights[0] - 0.5 * pitch) & (flat.z < heights[-1] + 0.5 * pitch)
    known = np.asarray(flat.known[..., stack].mean(axis=2) > 0.9)
    kept = without_case(pictures, outline, known)
    if kept.sum() < 2:
        raise InputError("no-stack", "No two cathodes that end within the volume were found",
                         "At least two cathodes with one of their edges must lie in the volume.")  # fmt: skip
    heights = heights[kept]
    pitch = float(np.median(np.diff(heights)))
    air = float(np.percentile(box.grey[box.known], 1))
    return _Look(flat, bow, pitch, heights, grey - air, air, outline, known, find_turn(pictures[kept], outline))


def _without_case(box: Box) -> tuple[Mask, float]:
    """Dim a hard case, which would outshine the sheets; the columns through the cathodes, and the case's grey value."""
    core, inside = find_core(box), slice(0, len(box.z))
    for _ in range(2):  # the second time between the walls that the first has found
        profile = mean_profile(box, _around(find_middle(core), core.shape) & core)
        metal = find_metal(profile)
        inside = between_walls(profile, metal)
        core = find_cathodes(box, find_core(box, inside), inside)
    np.minimum(box.grey, np.float32(metal), out=box.grey)
    return core, metal


def _columns(volume: Volume, frame: CellFrame, progress: Progress) -> Box:
    low, high = reach_mm(volume, frame)
    voxels = [voxel_along(volume, axis) for axis in (frame.toward_i, frame.toward_j)]
    step = max(2 * max(voxels), float((high - low)[:2].max()) / _COLUMNS)
    x, y, z = (
        np.arange(a, b, s) for a, b, s in zip(low, high, (step, step, voxel_along(volume, frame.up)), strict=True)
    )
    return sample_box(volume, frame, x, y, z, progress)


def _deep(core: Mask) -> Mask:
    """The inner part of the core, where every cathode lies."""
    depth = ndimage.distance_transform_edt(np.pad(core, 1))[1:-1, 1:-1]
    return np.asarray(depth > 0.5 * depth.max())


def _around(middle: tuple[int, int], shape: tuple[int, ...]) -> Mask:
    rows, columns = (np.abs(np.arange(size) - at) < 4 for size, at in zip(shape, middle, strict=True))
    return np.asarray(np.outer(rows, columns))


def _refuse_coarse(pitch: float, voxel: float) -> None:
    if pitch < _LEAST_VOXELS * voxel:
        raise InputError("too-coarse", f"The layers' pitch ({1000 * pitch:.0f} µm) is under five voxels",
                         "Scan with smaller voxels, or check the voxel size.")  # fmt: skip
