"""Grey-value edges near the ends of a ruler, found finer than a voxel, each with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.errors import InputError
from batterycell.volume import UM_PER_MM, Volume

from .patches import Line, cut_patch, make_line, rough_slope
from .peaks import CLEAR, find_peaks, nearest_first, window
from .step_fit import Patch, Steps, fit_steps

Floats = NDArray[np.float64]

# An edge must be this many times its noise, and a neighbour that is fitted with it this many times.
_LEAST_CERTAINTY, _LEAST_NEIGHBOUR = 7.0, 2.5
# Gain of log-likelihood, doubled, from which on a faint and a clear neighbour are taken to be there.
_LEAST_GAIN, _CLEAR_GAIN = 3.0, 0.3
# Blur, in voxels, below which edges beside each other are not believed.
_SHARPEST = 0.5
_TRIES = 3
# Radii of the fitted patch about the line, in voxels.
_RADII = (1.3, 2.2, 3.2)
# Misfit of a larger patch against the smallest up to which both are taken to see the same flat edge.
_SAME_MISFIT = 1.15
# How much wider intervals are where a neighbour is nearer than so many blurs; calibrated as `noise._LEARNT`.
_BESIDE, _NEAR_BLURS = 1.4, 5.0
# Of a voxel: bending of edges, shape of the blur, faint things beside it, which no fit of a flat edge knows of.
_MODEL_U95 = 0.08


@dataclass(frozen=True)
class Edge:
    """An edge on a ruler's line.

    Args:
        ras: Where it crosses the line, RAS mm of the volume, shape (3,): halfway between the grey values beside it.
        uncertainty_um: Half width of the 95 % interval along the line, µm.
        contrast: Grey value beyond the edge minus before it, seen from the ruler's other end.
        contrast_to_noise: Size of the contrast in standard deviations of what the fit leaves.
        blur_um: Standard deviation of the blur along the line, µm.
        angle_deg: Angle between the line and the edge's normal.
    """

    ras: Floats
    uncertainty_um: float
    contrast: float
    contrast_to_noise: float
    blur_um: float
    angle_deg: float


def snap_to_edge(
    volume: Volume, other_ras: ArrayLike, end_ras: ArrayLike, reach_mm: float | None = None
) -> Edge | None:
    """Find the edge next to a ruler's end, on the ruler's line.

    Blurred flat edges are fitted to the voxels about the line (`fit_steps`); neighbouring edges, of thin sheets, are
    fitted with it.

    Args:
        volume: Grey values.
        other_ras: The ruler's other end, RAS mm of the volume.
        end_ras: The end to move.
        reach_mm: How far the end may move; by default six voxels, and inwards at most half of the ruler.

    Returns:
        The edge; None where there is none within reach that stands out of the noise, or none that is better known
        than a point placed by hand.

    Raises:
        InputError: if the end lies outside the volume, or both ends in one place.
    """
    line = make_line(volume, other_ras, end_ras)
    check_inside(volume, end_ras)
    reach = 6 * line.voxel_mm if reach_mm is None else reach_mm
    limits = (-min(reach, 0.5 * line.length_mm), reach)
    peaks = find_peaks(volume, line, limits)
    for peak in nearest_first(peaks, limits)[:_TRIES]:
        edge = _fit(volume, line, peaks, peak)
        if edge is not None and limits[0] <= (edge.ras - line.end) @ line.direction <= limits[1]:
            return edge
    return None


def check_inside(volume: Volume, ras: ArrayLike) -> None:
    """Hold that points, RAS mm of shape (..., 3), lie in the volume.

    Raises:
        InputError: if one lies outside, or is no number.
    """
    ijk = np.asarray(volume.to_ijk(ras)).reshape(-1, 3)
    last = np.array(volume.array.shape[::-1]) - 0.5
    if not (np.isfinite(ijk).all() and (ijk >= -0.5).all() and (ijk <= last).all()):
        raise InputError(
            "point-outside", f"A point lies outside the volume {volume.name}.", "Place the point inside the volume."
        )


def _fit(volume: Volume, line: Line, peaks: Floats, peak: Floats) -> Edge | None:
    """The best known edge of patches whose misfit is that of the smallest: a sheet's end is no wider than the sheet."""
    slope = rough_slope(volume, line, peak[0])
    piece, starts = window(line, peaks, peak, slope)
    found: list[Steps] = []
    for radius in _RADII:
        patch = cut_patch(volume, line, (slope, piece), radius * line.beside_mm)
        steps = _fit_patch(patch, starts, slope, peak)
        if steps is None and found:
            return None  # more voxels see more than one edge here, and cannot tell which
        if steps is not None and found and steps.noise > _largest_misfit(found[0]):
            break
        found += [steps] if steps is not None else []
    return _best(line, found, peak[0]) if found else None


def _best(line: Line, found: list[Steps], peak: float) -> Edge | None:
    """The best known edge, from the largest patch where it has neighbours, which that sees best."""
    last = found[-1]
    edges = [
        _edge(line, steps, int(np.argmin(np.abs(steps.position - peak))))
        for steps in (found if len(last.position) == 1 else [last])
        if len(steps.position) == len(last.position)
    ]
    return min((edge for edge in edges if edge is not None), key=lambda edge: edge.uncertainty_um, default=None)


def _largest_misfit(smallest: Steps) -> float:
    """Misfit up to which a patch sees the same as the smallest, whose own misfit is known from few voxels only."""
    spare = max(smallest.count - 2 * len(smallest.position) - 4, 2.0)
    return float(_SAME_MISFIT * (1 + np.sqrt(2 / spare)) * smallest.noise)


def _fit_patch(patch: Patch, starts: Floats, slope: Floats, peak: Floats) -> Steps | None:
    """Fit the edges that the profile shows, without neighbours that the voxels do not ask for (Akaike 1974).

    Returns:
        The edges; None where one of them can neither be told from the others nor be left out.
    """
    steps = fit_steps(patch, starts[:, 0], slope)
    for start in starts[np.argsort(starts[:, 1])]:
        is_clear, others = start[1] > CLEAR * peak[1], starts[:, 0] != start[0]
        if start[0] == peak[0] or (is_clear and steps is None):
            continue
        simpler = fit_steps(patch, starts[others, 0], slope)
        if steps is None or (simpler is not None and _is_needless(steps, simpler, ~others, is_clear)):
            steps, starts = simpler, starts[others]
    return steps if steps is not None and _is_plausible(steps, patch) and _is_seen(steps, patch, peak) else None


def _is_plausible(steps: Steps, patch: Patch) -> bool:
    """Whether every edge is there; sheets too thin for the scan look like fewer edges, sharper than it can show."""
    sharpest = _SHARPEST * patch.mean_mm * float(np.sqrt(1 + steps.slope @ steps.slope))
    is_sharp = len(steps.position) > 1 and steps.blur < sharpest
    return bool(_certainty(steps).min() >= _LEAST_NEIGHBOUR and not is_sharp)


def _is_seen(steps: Steps, patch: Patch, peak: Floats) -> bool:
    """Whether the voxels show both sides of the edge, beyond its blur: at the volume's border they may not."""
    depth = patch.along - patch.across @ steps.slope
    position = steps.position[np.argmin(np.abs(steps.position - peak[0]))]
    return bool(depth.min() + steps.blur <= position <= depth.max() - steps.blur)


def _is_needless(steps: Steps, simpler: Steps, edge: NDArray[np.bool_], is_clear: bool) -> bool:
    """Whether a neighbour explains no more than noise would: twice the logarithm of the likelihood that it adds."""
    gain = 2 * steps.count * float(np.log(simpler.noise / steps.noise))
    if is_clear:
        return gain < _CLEAR_GAIN
    return gain < _LEAST_GAIN or bool(_certainty(steps)[edge][0] < _LEAST_NEIGHBOUR)


def _certainty(steps: Steps) -> Floats:
    return np.asarray(np.abs(steps.contrast) / np.maximum(steps.u_contrast, 1e-12))


def _edge(line: Line, steps: Steps, own: int) -> Edge | None:
    contrast = float(steps.contrast[own])
    stretch = float(np.sqrt(1 + steps.slope @ steps.slope))
    u95 = float(np.hypot(_u95(steps, own), _MODEL_U95 * line.voxel_mm * stretch))
    if abs(contrast) < _LEAST_CERTAINTY * steps.u_contrast[own] or u95 > line.voxel_mm:
        return None
    place = line.points(steps.position[own], [0.0, 0.0])
    ratio = abs(contrast) / max(steps.noise, 1e-12)
    angle = float(np.degrees(np.arccos(1 / stretch)))
    return Edge(place, u95 * UM_PER_MM, contrast, ratio, steps.blur * UM_PER_MM, angle)


def _u95(steps: Steps, own: int) -> float:
    """Wider beside a neighbour: thickness, contrast and blur of a thin sheet trade places, farther than lines tell."""
    away = np.abs(np.delete(steps.position, own) - steps.position[own])
    return float(steps.u95[own]) * (_BESIDE if (away < _NEAR_BLURS * steps.blur).any() else 1.0)
