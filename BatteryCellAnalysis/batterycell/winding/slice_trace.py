"""The cathode as a mask, drawn from its traced faces: on a single slice or a whole volume."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.reslice.curve import bilinear
from batterycell.reslice.sampling import in_threads
from batterycell.volume import Volume

from .faces import Faces, Floats, find_faces
from .linking import fill_gaps
from .path import Windings

_MOST_GAP = 4  # samples: what is unseen for longer is not drawn


def trace_mask(volume: Volume, cell: Cell, windings: Windings, progress: Progress | None = None) -> Volume:
    """Draw the cathode between its two faces, each where the grey value is halfway to the dark beside it.

    Args:
        volume: The cell; a single slice will do.
        cell: Where it stands.
        windings: Its windings.
        progress: Told how far it is.

    Returns:
        255 in the cathode and 0 elsewhere, uint8, on the voxels of the volume; nothing is drawn above and below the
        heights at which the windings were traced.

    Raises:
        Cancelled: if the user asked to stop.
    """
    progress = progress or Progress()
    faces = find_faces(volume, cell, windings, None, progress.part(0.0, 0.5))
    return draw_faces(volume, faces, progress.part(0.5, 1.0))


def draw_faces(volume: Volume, faces: Faces, progress: Progress | None = None) -> Volume:
    """Draw faces that were found onto the voxels of a volume, see `trace_mask`."""
    turns = _turns(faces)
    out = np.zeros(volume.array.shape, np.uint8)
    rows, columns = np.indices(out.shape[1:])

    def draw(k: int) -> None:
        ras = volume.to_ras(np.stack([columns, rows, np.full_like(rows, k)], axis=-1))
        out[k] = 255 * _inside(faces, turns, ras)

    in_threads(draw, len(out), progress or Progress(), "drawing the cathode")
    return Volume(out, volume.ijk_to_ras, volume.voxel_size_source, f"{volume.name} cathode")


class _Turn(NamedTuple):
    """One turn of the cathode: its number from 0, its (inner, outer) faces (h, m), and the radii it reaches."""

    number: int
    faces: tuple[Floats, Floats]
    least: float
    most: float


def _turns(faces: Faces) -> list[_Turn]:
    per_turn, found = faces.windings.per_turn, []
    tables = _bridged(faces.inner_mm), _bridged(faces.outer_mm)
    for number in range(faces.windings.count):
        inner, outer = (table[:, number * per_turn : (number + 1) * per_turn + 1] for table in tables)
        if np.isfinite(inner).any() and inner.shape[1] > 1:
            found.append(_Turn(number, (inner, outer), float(np.nanmin(inner)), float(np.nanmax(outer))))
    return found


def _inside(faces: Faces, turns: list[_Turn], ras: Floats) -> NDArray[np.bool_]:
    """Whether places lie between the faces of any turn."""
    angle, radius, height = faces.windings.frame.to_cylindrical(ras)
    margin = max(0.5 * faces.step_height_mm, 1e-6)
    within = (height >= faces.heights_mm[0] - margin) & (height <= faces.heights_mm[-1] + margin)
    row = np.interp(height, faces.heights_mm, np.arange(len(faces.heights_mm)))
    sample = faces.windings.turn(1, angle) * faces.windings.per_turn
    found = np.zeros(radius.shape, bool)
    for turn in turns:
        near = within & (radius >= turn.least) & (radius <= turn.most)
        inner, outer = (bilinear(table, row[near], sample[near]) for table in turn.faces)
        found[near] |= (radius[near] >= inner) & (radius[near] <= outer)
    return found


def _bridged(values: Floats) -> Floats:
    """Values (h, n) with short gaps along the sheet closed."""
    from scipy import ndimage

    closed = ndimage.binary_closing(np.isfinite(values), np.ones((1, _MOST_GAP + 1)))
    filled = np.array([fill_gaps(row) for row in values])
    return np.where(closed | np.isfinite(values), filled, np.nan)
