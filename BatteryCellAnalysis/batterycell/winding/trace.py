"""Trace the windings of a cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.reslice import Unrolled, UnrollSettings, unroll
from batterycell.volume import Volume

from .bands import band_heights, sample_bands
from .foil import follow_foil
from .linking import Spiral, link
from .path import Windings
from .sheets import find_sheets

Floats = NDArray[np.float64]

_PER_TURN = 180
_DIGITS = 6  # of a radius in mm: far below a voxel, and short to write down
_USUAL_DEPTH = 2.0  # pitches: the cathode, both its anodes, and half of the next turns


def trace_windings(volume: Volume, cell: Cell, progress: Progress | None = None) -> Windings:
    """Trace the middle of every cathode turn over angle and height.

    Cathodes are found on radial profiles at 180 angles and a few heights clear of the roll's ends, and joined from
    angle to angle into one spiral; bare foil at its ends is followed too. What is not seen (a tab's foil) stays NaN.

    Args:
        volume: The cell.
        cell: Where it stands.
        progress: Told how far it is.

    Raises:
        InputError: if there is no jelly roll, its pitch is under five voxels, or its sheets do not join.
        Cancelled: if the user asked to stop.
    """
    progress = progress or Progress()
    progress.report(0.0, "finding the roll's ends")
    heights, angles = band_heights(volume, cell, progress), np.arange(_PER_TURN) * 360.0 / _PER_TURN
    bands = sample_bands(volume, cell, heights, angles, progress.part(0.1, 0.8))
    progress.report(0.8, "linking the windings")
    sheets = [find_sheets(planes) for planes in bands]
    pitch = float(np.median([found.pitch_mm for found in sheets]))
    sense, first, radii = _joined([link(*pair) for pair in zip(bands, sheets, strict=True)])
    start = sense * first * 360.0 / _PER_TURN % 360.0
    whole = follow_foil(bands, Windings(cell.frame, sense, start, _PER_TURN, pitch, heights, radii))
    progress.report(1.0, "traced the windings")
    return replace(whole, radii_mm=whole.radii_mm.round(_DIGITS))


def unroll_winding(
    volume: Volume,
    cell: Cell,
    windings: Windings,
    span: tuple[int, int] | None = None,
    settings: UnrollSettings | None = None,
    progress: Progress | None = None,
) -> Unrolled:
    """Unroll a cell along its winding: one long strip, arc length × depth across the sheets × height.

    Args:
        volume: The cell.
        cell: Where it stands.
        windings: Its windings.
        span: First and last winding, 1 is the outermost; None is all of them.
        settings: Depth (None is two pitches), voxel size, heights.
        progress: Told how far it is.

    Raises:
        InputError: if there are no such windings, or the result would not fit into the memory.
        Cancelled: if the user asked to stop.
    """
    settings = settings or UnrollSettings()
    curve = windings.curve(*span) if span else windings.curve()
    depth = settings.depth_mm if settings.depth_mm is not None else _USUAL_DEPTH * windings.pitch_mm
    return unroll(volume, cell, curve, UnrollSettings(depth, settings.step_mm, settings.heights_mm), progress)


def _joined(spirals: list[Spiral]) -> tuple[int, int, Floats]:
    """Sense, first sample, and radii (h, n) of the bands in common samples, as far as bands usually see them."""
    usual = max(spirals, key=lambda spiral: int(np.isfinite(spiral.radii).sum()))
    fitting = [spiral if spiral.sense == usual.sense else usual for spiral in spirals]
    firsts = [spiral.first + _PER_TURN * _turns_apart(spiral, usual) for spiral in fitting]
    stops = [begin + len(spiral.radii) for begin, spiral in zip(firsts, fitting, strict=True)]
    # Medians: a band may take an anode for a cathode at the can, or miss the cathode there.
    first, stop = sorted(firsts)[(len(firsts) - 1) // 2], sorted(stops)[len(stops) // 2]
    radii = np.full((len(spirals), stop - first), np.nan)
    for row, begin, spiral in zip(radii, firsts, fitting, strict=True):
        inside = spiral.radii[max(0, first - begin) : stop - begin]
        row[max(0, begin - first) : max(0, begin - first) + len(inside)] = inside
    return usual.sense, first, radii


def _turns_apart(spiral: Spiral, usual: Spiral) -> int:
    """Whole turns by which a band's samples are to be moved to lie where the usual band's do."""
    apart = {}
    for turns in range(-3, 4):
        shift = spiral.first + turns * _PER_TURN - usual.first
        mine, theirs = spiral.radii[max(0, -shift) :], usual.radii[max(0, shift) :]
        common = min(len(mine), len(theirs))
        difference = np.abs(mine[:common] - theirs[:common])
        if np.isfinite(difference).any():
            apart[turns] = float(np.nanmedian(difference))
    return min(apart, key=lambda turns: apart[turns], default=0)
