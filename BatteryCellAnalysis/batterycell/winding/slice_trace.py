"""The cathode as a mask, drawn from its traced faces: on a single slice or a whole volume."""

from __future__ import annotations

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
    tables = _bridged(faces.inner_mm), _bridged(faces.outer_mm)
    out = np.zeros(volume.array.shape, np.uint8)

    def draw(k: int) -> None:
        rows, columns = np.indices(out.shape[1:])
        ras = volume.to_ras(np.stack([columns, rows, np.full_like(rows, k)], axis=-1))
        out[k] = 255 * _inside(faces, tables, ras)

    in_threads(draw, len(out), progress or Progress(), "drawing the cathode")
    return Volume(out, volume.ijk_to_ras, volume.voxel_size_source, f"{volume.name} cathode")


def _inside(faces: Faces, tables: tuple[Floats, Floats], ras: Floats) -> NDArray[np.bool_]:
    """Whether places lie between the faces of any turn."""
    angle, radius, height = faces.windings.frame.to_cylindrical(ras)
    margin = max(0.5 * faces.step_height_mm, 1e-6)
    low, high = faces.heights_mm[0] - margin, faces.heights_mm[-1] + margin
    row = np.interp(height, faces.heights_mm, np.arange(len(faces.heights_mm)))
    row = np.where((height >= low) & (height <= high), row, np.nan)
    first = faces.windings.turn(1, angle) * faces.windings.per_turn
    found = np.zeros(radius.shape, bool)
    for turn in range(faces.windings.count):
        inner, outer = (bilinear(table, row, first + turn * faces.windings.per_turn) for table in tables)
        found |= (radius >= inner) & (radius <= outer)
    return found


def _bridged(values: Floats) -> Floats:
    """Values (h, n) with short gaps along the sheet closed."""
    from scipy import ndimage

    closed = ndimage.binary_closing(np.isfinite(values), np.ones((1, _MOST_GAP + 1)))
    filled = np.array([fill_gaps(row) for row in values])
    return np.where(closed | np.isfinite(values), filled, np.nan)
