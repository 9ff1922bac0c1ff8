"""The stage "winding": layers counted, pitch, deviation from the ideal spiral, core and gaps."""

from __future__ import annotations

import numpy as np

from batterycell.errors import InputError
from batterycell.measured import Stage
from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.volume import Volume

from .core import core_buckling
from .ends import cathode_length
from .faces import Faces, find_faces
from .gaps import find_gaps, gap_table
from .path import Windings
from .shape import fit_shape
from .stage_maps import Findings, winding_maps
from .stage_numbers import winding_numbers
from .turns import turn_table

_UNSEEN = 0.1  # share of the cathode: more must be told


def measure_winding(volume: Volume, cell: Cell, windings: Windings, progress: Progress | None = None) -> Stage:
    """Count the windings and measure their pitch, their shape, the core and the gaps, over the whole roll.

    Args:
        volume: The cell; a single slice across it will do.
        cell: Where it stands.
        windings: Its windings, see `trace_windings`.
        progress: Told how far it is.

    Returns:
        The stage "winding". Its maps over ``length_mm`` are the cathode as a flat sheet; `unroll_winding` unrolls the
        grey values along the same lengths.

    Raises:
        InputError: if no face of a cathode can be read.
        Cancelled: if the user asked to stop.
    """
    progress = progress or Progress()
    faces = find_faces(volume, cell, windings, None, progress.part(0.0, 0.8))
    if not np.isfinite(faces.middle_mm).any():
        raise InputError(
            "no-cathode-face", "No face of a cathode can be read", "Scan with more contrast or less noise."
        )
    progress.report(0.8, "measuring the windings")
    found = find(faces, *cathode_length(volume, faces))
    tables = {"windings": turn_table(found), "gaps": gap_table(faces, found.gaps)}
    stage = Stage("winding", "Winding", winding_numbers(found), tables, winding_maps(found), _notes(found))
    progress.report(1.0, "measured the windings")
    return stage


def find(faces: Faces, turns: float, u_turns: float) -> Findings:
    """Everything that is read from the faces; the cathode's length in turns is known, with standard uncertainty."""
    shape = fit_shape(faces)
    gaps, core = find_gaps(faces, shape.u_radius_mm), core_buckling(faces, shape.deviation_mm)
    return Findings(faces, (turns, u_turns), shape, gaps, *core)


def _notes(found: Findings) -> tuple[str, ...]:
    notes = []
    unseen = float(np.isnan(found.faces.middle_mm).mean())
    if unseen > _UNSEEN:
        notes.append(f"The cathode is not seen on {100 * unseen:.0f} % of its length: bare foil, or artefacts.")
    if len(found.faces.heights_mm) == 1:
        notes.append("One slice shows the windings at one height only.")
    return tuple(notes)
