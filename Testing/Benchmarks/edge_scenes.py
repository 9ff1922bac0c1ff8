"""Edges with known truth: flat, curved, beside thin sheets, at a sheet's end, and none at all.

Sheets and gaps are at least as thick as the scan's resolution, the full width at half maximum of its blur; thinner
ones, "unresolved", are a kind of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from batterycell.volume import Volume
from scipy import ndimage, special

KINDS = ("flat", "oblique", "sheets", "curved", "tip")
VOXELS = ((0.034, 0.034, 0.034), (0.034, 0.034, 0.068), (0.02, 0.02, 0.02), (0.05, 0.05, 0.025))
FULL_WIDTH = 2.355
SUB = (np.arange(3) - 1) / 3


@dataclass(frozen=True)
class EdgeScene:
    """A ruler that ends near an edge, and where the edge is: `truth_mm` along the ruler from its end."""

    kind: str
    volume: Volume
    start: Any
    end: Any
    truth_mm: float
    voxel_mm: float
    contrast_to_noise: float


def make_edge(kind: str, seed: int) -> EdgeScene:
    """One random edge of a kind ("none" for noise alone)."""
    rng = np.random.default_rng([seed, sum(map(ord, kind))])
    spacing = np.array(VOXELS[rng.integers(len(VOXELS))])
    shape = np.ceil(1.0 / spacing * 26 * spacing.min()).astype(int)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    geometry = np.eye(4)
    geometry[:3, :3] = turn * spacing
    geometry[:3, 3] = rng.normal(0, 20, 3)
    volume = Volume(np.zeros(shape[::-1]), geometry, "made")
    normal = turn @ _unit(
        rng.normal(size=3) * (1, 1, 1) if rng.random() < 0.5 else np.eye(3)[rng.integers(3)] + 0.1 * rng.normal(size=3)
    )
    tilt = np.radians(rng.uniform(30, 60)) if kind == "oblique" else np.radians(rng.uniform(0, 20))
    beside = _unit(np.cross(normal, rng.normal(size=3)))
    ruler = np.cos(tilt) * normal + np.sin(tilt) * beside
    voxel = float(np.linalg.norm(ruler @ geometry[:3, :3]))
    across = float(np.linalg.norm(normal @ geometry[:3, :3]))
    center = volume.to_ras((shape - 1) / 2 + rng.uniform(-0.5, 0.5, 3))
    blur = rng.uniform(0.4, 1.2) * np.prod(spacing) ** (1 / 3)
    grey = _render(volume, lambda points: _ideal(kind, points - center, (normal, beside), blur, across, rng_of(seed)))
    contrast, ratio = rng.uniform(40, 160) * rng.choice([-1, 1]), float(np.exp(rng.uniform(np.log(3), np.log(30))))
    noisy = 120 + contrast * (grey - 0.5) + _noise(rng, spacing, shape) * abs(contrast) / ratio
    # No nearer to the next sheet than to this edge.
    offset = rng.uniform(-1, 1) * (0.7 if kind in ("sheets", "unresolved") else 1.2) * voxel
    end = center + offset * ruler
    made = Volume(np.clip(np.rint(noisy * 256), 0, 65535).astype(np.uint16), geometry, "made", kind)
    return EdgeScene(kind, made, end - 9 * voxel * ruler, end, -offset, voxel, ratio)


def rng_of(seed: int) -> np.random.Generator:
    """A second source of chance, the same at every call."""
    return np.random.default_rng([seed, 7])


def _ideal(kind: str, at: Any, axes: Any, blur: float, voxel: float, rng: np.random.Generator) -> Any:
    """Blurred share of matter, 0..1, at points relative to the edge."""
    normal, beside = axes
    depth = at @ normal
    step = lambda position: special.ndtr((depth - position) / blur)  # noqa: E731
    if kind == "none":
        return np.full(depth.shape, 0.5)
    if kind in ("sheets", "unresolved"):
        wide = np.maximum(rng.uniform(1.5, 4, 3) * voxel, FULL_WIDTH * blur)
        wide = rng.uniform(0.5, 1, 3) * FULL_WIDTH * blur if kind == "unresolved" else wide
        return step(0) - step(wide[0]) + rng.uniform(0.4, 1) * (step(wide[0] + wide[1]) - step(wide.sum()))
    if kind == "curved":
        radius = rng.uniform(40, 400) * voxel * rng.choice([-1, 1])
        side = at @ np.cross(normal, beside)
        return special.ndtr((np.sign(radius) * np.hypot(depth + radius, side) - radius) / blur)
    if kind == "tip":
        half = rng.uniform(1.5, 4) * voxel
        side = at @ np.cross(normal, beside) - rng.uniform(-0.3, 0.3) * half
        return special.ndtr(-depth / blur) * (special.ndtr((side + half) / blur) - special.ndtr((side - half) / blur))
    return step(0)


def _render(volume: Volume, ideal: Any) -> Any:
    """Mean of 3 × 3 × 3 points in every voxel, shape (k, j, i)."""
    k, j, i = np.indices(volume.array.shape)
    ijk = np.stack([i, j, k], axis=-1).astype(float)
    total = sum(ideal(volume.to_ras(ijk + np.array((a, b, c)))) for a in SUB for b in SUB for c in SUB)
    return total / len(SUB) ** 3


def _noise(rng: np.random.Generator, spacing: Any, shape: Any) -> Any:
    noise = rng.standard_normal(tuple(shape[::-1]))
    reach = rng.choice([0.0, rng.uniform(0.3, 1.2)]) * spacing.min()
    noise = ndimage.gaussian_filter(noise, reach / spacing[::-1]) if reach else noise
    return noise / noise.std()


def _unit(vector: Any) -> Any:
    return vector / np.linalg.norm(vector)
