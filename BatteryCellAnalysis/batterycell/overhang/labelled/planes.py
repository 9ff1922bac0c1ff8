"""Half-planes around one end of a segmented cell: how much of every place is cathode, anode, overhang."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.reslice import voxel_sizes
from batterycell.reslice.sampling import in_threads
from batterycell.volume import Volume
from batterycell.winding import EndPlanes, RollEnd

from .cell import ANODE, CATHODE, OVERHANG, LabelledCell, share

Floats = NDArray[np.float64]
Image = NDArray[np.float32]

_TANGENTIAL_VOXELS = (-2.0, -1.0, 0.0, 1.0, 2.0)


@dataclass(frozen=True)
class LabelPlanes:
    """Half-planes around one end; shares are probabilities where a model told them.

    Args:
        planes: The planes; their grey value is the share of cathode.
        overhang: Share of overhang, shape (a, h, r).
        anode: Share of anode with its overhang, shape (a, h, r); None where the anode has no class.
    """

    planes: EndPlanes
    overhang: Image
    anode: Image | None

    @property
    def cathode(self) -> Image:
        """Share of cathode, shape (a, h, r)."""
        return self.planes.grey


def cut_label_planes(
    cell: Cell, labelled: LabelledCell, end: RollEnd, angles: Floats, reach_mm: tuple[float, float],
    progress: Progress | None = None,
) -> LabelPlanes:  # fmt: skip
    """Half-planes around one end, two rows a voxel, of the nearest voxels, averaged a little around the cell.

    Args:
        cell: Where the cell stands.
        labelled: Its labels.
        end: Which end.
        angles: Degrees, shape (a,).
        reach_mm: How far inward and outward of the end's level.
        progress: Told how far it is.
    """
    planes = empty_planes(labelled.labels, cell, end, angles, reach_mm)
    slab = _Slab.around(labelled, cell, planes)
    overhang = np.zeros_like(planes.grey)
    anode = np.zeros_like(planes.grey) if labelled.classes.anode else None

    def cut(n: int) -> None:
        for tangential in _TANGENTIAL_VOXELS:
            code, lead, inside = slab.at(planes, n, tangential * planes.voxel_across_mm)
            planes.known[n] &= inside
            planes.grey[n] += share(code, (CATHODE,), lead) / len(_TANGENTIAL_VOXELS)
            overhang[n] += share(code, (OVERHANG,), lead) / len(_TANGENTIAL_VOXELS)
            if anode is not None:
                anode[n] += share(code, (ANODE, OVERHANG), lead) / len(_TANGENTIAL_VOXELS)

    in_threads(cut, len(angles), progress or Progress(), f"cutting labels, {end.name}")
    return LabelPlanes(planes, overhang, anode)


def empty_planes(volume: Volume, cell: Cell, end: RollEnd, angles: Floats, reach_mm: tuple[float, float]) -> EndPlanes:
    """Planes around one end, two rows and one column a voxel, still without values."""
    axial, across = voxel_sizes(volume, cell.frame)
    heights = np.arange(end.level_mm - reach_mm[0], end.level_mm + reach_mm[1], axial / 2)
    lowest, highest = sorted(end.sign * np.asarray(cell.heights_mm))
    heights = heights[(heights >= lowest - axial) & (heights <= highest + axial)]
    radii = np.arange(across, 1.01 * cell.can.outer_radius_mm, across)
    shape = len(angles), len(heights), len(radii)
    return EndPlanes(end, angles, heights, radii, np.zeros(shape, np.float32), np.ones(shape, bool), axial, across)


@dataclass(frozen=True)
class _Slab:
    """The voxels around one end of a cell.

    Args:
        code: What they are, shape (k, j, i).
        lead: How far that leads over what they else might be, 0..1, same shape, or None.
        matrix: (3, 3), from millimetres along the cell's own axes to (k, j, i) of the slab.
        offset: (3,), its place at the cell's origin.
    """

    code: NDArray[np.uint8]
    lead: Image | None
    matrix: Floats
    offset: Floats

    @classmethod
    def around(cls, labelled: LabelledCell, cell: Cell, planes: EndPlanes) -> _Slab:
        """The part of the labels that planes may meet."""
        volume, frame = labelled.labels, cell.frame
        heights = planes.end.sign * planes.heights[[0, -1]]
        rim = frame.from_cylindrical(np.arange(0, 360, 10.0)[:, None], planes.radii[-1] + 0.2, heights)
        index = volume.to_ijk(rim)[..., ::-1].reshape(-1, 3)
        size = np.array(volume.array.shape)
        first = np.clip(np.floor(index.min(axis=0)), 0, size - 1).astype(int)
        stop = np.clip(np.ceil(index.max(axis=0)) + 1, first + 1, size).astype(int)
        part = tuple(slice(a, b) for a, b in zip(first.tolist(), stop.tolist(), strict=True))
        inverse = np.linalg.inv(volume.ijk_to_ras[:3, :3])[::-1]
        offset = inverse @ (frame.origin - volume.ijk_to_ras[:3, 3]) - first
        return cls(labelled.coded(part), _lead(labelled, part), inverse @ frame.basis, offset)  # type: ignore[arg-type]

    def at(self, planes: EndPlanes, n: int, aside: float) -> tuple[NDArray[np.uint8], Image | None, NDArray[Any]]:
        """Class, lead and whether the slab reaches there, at the places of a plane moved aside by mm; (h, r) each."""
        angle = np.radians(planes.angles[n])
        outward, along = (np.array([np.cos(t), np.sin(t), 0.0]) for t in (angle, angle + np.pi / 2))
        up = np.array([0.0, 0.0, planes.end.sign])
        start = self.matrix @ (along * aside) + self.offset
        rising, across = (self.matrix @ direction for direction in (up, outward))
        kji = (start[:, None] + np.outer(rising, planes.heights))[:, :, None] + np.outer(across, planes.radii)[:, None]
        index = np.rint(kji).astype(np.intp)
        size = np.array(self.code.shape)[:, None, None]
        inside = ((index >= 0) & (index < size)).all(axis=0)
        flat = np.ravel_multi_index(tuple(np.clip(index, 0, size - 1)), self.code.shape)
        lead = None if self.lead is None else self.lead.take(flat)
        return np.where(inside, self.code.take(flat), 0).astype(np.uint8), lead, np.asarray(inside)


def _lead(labelled: LabelledCell, part: Any) -> Image | None:
    if labelled.uncertainty is None:
        return None
    return np.asarray(np.clip(1 - labelled.uncertainty.array[part].astype(np.float32) / 100, 1e-3, 1), np.float32)
