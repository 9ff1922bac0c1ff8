"""How well a ruler's end snaps to an edge: bias, spread, coverage of the stated intervals, beside two peers.

The peers are the half-maximum crossing of the linearly interpolated grey profile, and the whole voxel at which the
profile is steepest. Run: ``python Testing/Benchmarks/ruler_accuracy.py [--edges N]``.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from batterycell.annotate.edges import Edge, snap_to_edge
from batterycell.interpolation import interpolate
from batterycell.phantom import make_cell, random_cell
from edge_scenes import KINDS, EdgeScene, make_edge


@dataclass(frozen=True)
class Score:
    """Errors in voxels along the ruler; NaN where no edge was found."""

    error: float
    u95: float
    half_maximum: float
    whole_voxel: float
    seconds: float


def score(kind: str, seed: int) -> Score:
    """Snap one end and compare."""
    scene = make_edge(kind, seed)
    began = time.perf_counter()
    edge = snap_to_edge(scene.volume, scene.start, scene.end)
    seconds = time.perf_counter() - began
    error, u95 = np.nan, np.nan
    if edge is not None:
        along = (edge.ras - scene.end) @ (scene.end - scene.start) / np.linalg.norm(scene.end - scene.start)
        error, u95 = (along - scene.truth_mm) / scene.voxel_mm, edge.uncertainty_um / 1000 / scene.voxel_mm
    peers = ((peer(scene) - scene.truth_mm) / scene.voxel_mm for peer in (half_maximum, whole_voxel))
    return Score(float(error), float(u95), *(float(value) for value in peers), seconds)


def profile(scene: EdgeScene, step: float) -> tuple[Any, Any]:
    """Positions in mm from the ruler's end, a step (voxels) apart and four voxels either way, and grey values."""
    ruler = (scene.end - scene.start) / np.linalg.norm(scene.end - scene.start)
    at = np.arange(-4, 4 + step / 2, step) * scene.voxel_mm
    return at, interpolate(scene.volume, scene.volume.to_ijk(scene.end + at[:, None] * ruler)).astype(float)


def half_maximum(scene: EdgeScene) -> float:
    """Crossing of the middle between the lowest and highest grey value of the profile that is next to the end."""
    at, grey = profile(scene, 0.1)
    above = grey > (grey.min() + grey.max()) / 2
    crossings = np.flatnonzero(above[1:] != above[:-1])
    middle = (grey.min() + grey.max()) / 2
    places = at[crossings] + (middle - grey[crossings]) / (grey[crossings + 1] - grey[crossings]) * (at[1] - at[0])
    return float(places[np.argmin(np.abs(places))])


def whole_voxel(scene: EdgeScene) -> float:
    """Where the profile of whole voxels is steepest."""
    at, grey = profile(scene, 1.0)
    steepest = int(np.argmax(np.abs(np.diff(grey))))
    return float(at[steepest : steepest + 2].mean())


def walls(seed: int, count: int = 40) -> Any:
    """Error, stated half width (µm, NaN where an end was not found) and voxel of rulers across a generated can's wall.

    The ends are thrown up to 1.2 voxels beside the faces, around the can but not in dents, near half of its height.
    """
    phantom = make_cell(*random_cell(seed, 0), seed)
    volume, can, rng = phantom.volume, phantom.spec.can, np.random.default_rng(seed)
    voxel = float(volume.spacing_mm.max())
    middle = volume.to_ras((np.array(volume.array.shape[::-1]) - 1) / 2)
    height = float(phantom.frame.to_cylindrical(middle)[2])
    rows = []
    angles = [angle for angle in rng.uniform(0, 360, 4 * count) if not _in_dent(can, angle)][:count]
    for angle in angles:
        level = height + rng.uniform(-0.5, 0.5)
        radii = np.array([0.0, -can.wall_um / 1000]) + can.outer_diameter_mm / 2 + rng.uniform(-1.2, 1.2, 2) * voxel
        outer, inner = phantom.frame.from_cylindrical(angle, radii, level)
        ends = snap_to_edge(volume, inner, outer), snap_to_edge(volume, outer, inner)
        rows.append((*_wall(*ends, can.wall_um), voxel * 1000))
    return np.array(rows)


def _in_dent(can: Any, angle: float) -> bool:
    """Whether the wall lies deeper than the ends are thrown."""
    return any(abs((angle - dent.angle_deg + 180) % 360 - 180) < 30 for dent in can.dents)


def _wall(outer: Edge | None, inner: Edge | None, truth_um: float) -> tuple[float, float]:
    if outer is None or inner is None:
        return np.nan, np.nan
    length = float(np.linalg.norm(outer.ras - inner.ras)) * 1000
    return length - truth_um, float(np.hypot(outer.uncertainty_um, inner.uncertainty_um))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", type=int, default=200, help="edges of each kind")
    parser.add_argument("--cells", type=int, default=4, help="generated cells")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.edges)
    with ProcessPoolExecutor(options.jobs) as pool:
        scores = {
            kind: list(pool.map(score, [kind] * len(seeds), seeds, chunksize=8))
            for kind in (*KINDS, "unresolved", "none")
        }
    report(scores)
    report_walls(np.concatenate([walls(seed) for seed in range(options.first, options.first + options.cells)]))


def report_walls(rows: Any) -> None:
    """Print how well rulers measure the walls of generated cells."""
    error, u95, voxel = rows[np.isfinite(rows[:, 0])].T
    print(
        f"walls of generated cans: {len(error)} of {len(rows)} measured, bias {error.mean():+.1f} µm, "
        f"rms {np.sqrt(np.mean(error**2)):.1f} µm ({np.sqrt(np.mean((error / voxel) ** 2)):.3f} voxel), "
        f"stated ± {np.median(u95):.1f} µm, covered {100 * np.mean(np.abs(error) <= u95):.0f} %"
    )


def report(scores: dict[str, list[Score]]) -> None:
    """Print bias, spread and coverage of each kind; errors in voxels."""
    print(f"\n{date.today()}, {len(scores['none'])} edges of each kind; errors in voxels along the ruler\n")
    print("| kind | found | bias | spread (rms) | stated ± | covered | off > 1 | half maximum | whole voxel |")
    print("|---|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        print(row(kind, scores[kind]))
    print(row("all", [one for kind in KINDS for one in scores[kind]]))
    print(row("unresolved sheets, not in all", scores["unresolved"]))
    none = scores["none"]
    print(f"\nnoise alone: an edge found in {sum(np.isfinite(s.error) for s in none)} of {len(none)}")
    seconds = [one.seconds for kind in scores.values() for one in kind]
    print(f"time for one end: median {1000 * np.median(seconds):.0f} ms, slowest {1000 * np.max(seconds):.0f} ms")


def row(kind: str, scores: list[Score]) -> str:
    """One line of the table; the peers are judged where an edge was found."""
    found = np.array([np.isfinite(s.error) for s in scores])
    error, u95 = (np.array([getattr(s, name) for s in scores])[found] for name in ("error", "u95"))
    peers = [np.array([getattr(s, name) for s in scores])[found] for name in ("half_maximum", "whole_voxel")]
    rms = [f"{np.sqrt(np.mean(values**2)):.3f}" for values in (error, *peers)]
    return (
        f"| {kind} | {100 * found.mean():.0f} % | {error.mean():+.3f} | {rms[0]} | {np.median(u95):.3f} "
        f"| {100 * np.mean(np.abs(error) <= u95):.1f} % | {np.sum(np.abs(error) > 1)} | {rms[1]} | {rms[2]} |"
    )


if __name__ == "__main__":
    main()
