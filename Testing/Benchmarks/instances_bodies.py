"""Bodies of known size, drawn into label volumes at any place and in any direction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from scipy.special import ellipe, elliprg

Floats = NDArray[np.float64]
Voxel = tuple[float, float, float]


@dataclass(frozen=True)
class Body:
    """A convex body, or in 2D a convex figure, around the origin.

    Args:
        name: What it is.
        holds: Whether points (..., 3) or (..., 2) in µm are in it.
        truth: Its measures by column, in µm.
    """

    name: str
    holds: Callable[[Floats], NDArray[np.bool_]]
    truth: dict[str, float]


def solid(name: str, size: float, surface: float, widest: float, thinnest: float) -> dict[str, float]:
    """The truth of a convex body."""
    sphericity = np.pi ** (1 / 3) * (6 * size) ** (2 / 3) / surface
    return {"surface_um2": surface, "sphericity": sphericity, "feret_max_um": widest, "feret_min_um": thinnest,
            "convex_volume_um3": size, "solidity": 1.0, "arc_um": widest, "euler_number": 1.0}  # fmt: skip


def figure(name: str, size: float, perimeter: float, widest: float, thinnest: float) -> dict[str, float]:
    """The truth of a convex figure."""
    return {"perimeter_um": perimeter, "circularity": 4 * np.pi * size / perimeter**2, "feret_max_um": widest,
            "feret_min_um": thinnest, "convex_area_um2": size, "solidity": 1.0, "arc_um": widest,
            "euler_number": 1.0}  # fmt: skip


def ellipsoid(name: str, a: float, b: float, c: float) -> Body:
    """Half axes a >= b >= c."""
    surface = 4 * np.pi * float(elliprg((a * b) ** 2, (a * c) ** 2, (b * c) ** 2))
    size = 4 / 3 * np.pi * a * b * c
    axes = np.array([a, b, c])
    return Body(name, lambda p: ((p / axes) ** 2).sum(-1) <= 1, solid(name, size, surface, 2 * a, 2 * c))


def box(name: str, a: float, b: float, c: float) -> Body:
    """Sides a >= b >= c."""
    sides = np.array([a, b, c])
    truth = solid(name, a * b * c, 2 * (a * b + a * c + b * c), float(np.linalg.norm(sides)), c)
    return Body(name, lambda p: (np.abs(p) <= sides / 2).all(-1), truth)


def rod(name: str, length: float, r: float) -> Body:
    """A cylinder with round ends."""
    truth = solid(name, np.pi * r * r * (length + 4 / 3 * r), 2 * np.pi * r * (length + 2 * r), length + 2 * r, 2 * r)

    def holds(p: Floats) -> NDArray[np.bool_]:
        along = np.clip(p[..., 0], -length / 2, length / 2)
        return (p[..., 0] - along) ** 2 + p[..., 1] ** 2 + p[..., 2] ** 2 <= r * r

    return Body(name, holds, truth)


def plate(name: str, r: float, thick: float) -> Body:
    """A round plate."""
    truth = solid(name, np.pi * r * r * thick, 2 * np.pi * r * (r + thick), float(np.hypot(2 * r, thick)), thick)
    return Body(name, lambda p: (p[..., 1] ** 2 + p[..., 2] ** 2 <= r * r) & (np.abs(p[..., 0]) <= thick / 2), truth)


def ellipse(name: str, a: float, b: float) -> Body:
    """Half axes a >= b."""
    axes, perimeter = np.array([a, b]), 4 * a * float(ellipe(1 - (b / a) ** 2))
    return Body(name, lambda p: ((p / axes) ** 2).sum(-1) <= 1, figure(name, np.pi * a * b, perimeter, 2 * a, 2 * b))


def rectangle(name: str, a: float, b: float) -> Body:
    """Sides a >= b."""
    truth = figure(name, a * b, 2 * (a + b), float(np.hypot(a, b)), b)
    return Body(name, lambda p: (np.abs(p) <= np.array([a, b]) / 2).all(-1), truth)


def bodies(radius: float) -> tuple[Body, ...]:
    """Bodies of the volume of a ball of that radius in µm."""
    unit = (4 / 3 * np.pi) ** (1 / 3) * radius
    rod_r = radius * (4 / 3 / (4 + 4 / 3)) ** (1 / 3)
    return (
        ellipsoid("ball", radius, radius * (1 - 1e-9), radius * (1 - 2e-9)),
        ellipsoid("ellipsoid 2:1:1", radius * 2 ** (2 / 3), radius * 2 ** (-1 / 3), radius * 2 ** (-1 / 3)),
        ellipsoid("ellipsoid 3:2:1", *(radius * 6 ** (-1 / 3) * np.array([3.0, 2, 1]))),
        rod("rod 3:1", 4 * rod_r, rod_r),
        plate("plate 4:1", radius * (8 / 3) ** (1 / 3), radius * (8 / 3) ** (1 / 3) / 2),
        box("cube", unit, unit, unit),
        box("box 3:2:1", *(unit * 6 ** (-1 / 3) * np.array([3.0, 2, 1]))),
    )


def figures(radius: float) -> tuple[Body, ...]:
    """Figures of the area of a circle of that radius in µm."""
    unit = np.sqrt(np.pi) * radius
    return (
        ellipse("circle", radius, radius * (1 - 1e-9)),
        ellipse("ellipse 2:1", radius * 2**0.5, radius / 2**0.5),
        ellipse("ellipse 4:1", radius * 2, radius / 2),
        rectangle("square", unit, unit),
        rectangle("rectangle 3:1", unit * 3**0.5, unit / 3**0.5),
    )


def draw(body: Body, voxel_um: Voxel, dimension: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """The voxels whose middles are in a body at a random place, turned at random; shape (k, j, i) with a margin."""
    size = np.array(voxel_um)[3 - dimension :]
    reach = body.truth["feret_max_um"] / 2
    shape = np.ceil(2 * reach / size).astype(int) + 4
    middle = (shape - 1) / 2 + rng.uniform(-0.5, 0.5, dimension)
    grid = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1)
    turn = Rotation.random(random_state=rng).as_matrix() if dimension == 3 else _turn(rng.uniform(0, 2 * np.pi))
    inside = body.holds((grid - middle) * size @ turn)
    return inside if dimension == 3 else inside[None]


def arc(radius: float, width: float, gap_deg: float, voxel_um: Voxel, slices: int = 1) -> NDArray[np.bool_]:
    """The voxels of a flat ring with a gap, lying in the slices; shape (k, j, i)."""
    half = radius + width
    j, i = (np.arange(-half, half + step, step) for step in voxel_um[1:])
    away, angle = np.hypot(j[:, None], i), np.degrees(np.arctan2(j[:, None], i))
    return np.repeat(((np.abs(away - radius) <= width / 2) & (np.abs(angle) > gap_deg / 2))[None], slices, axis=0)


def length_of_arc(radius: float, width: float, gap_deg: float) -> float:
    """Length of the line from outer corner to outer corner of a ring with a gap, taut around the inner edge."""
    inner, outer = radius - width / 2, radius + width / 2
    around = np.radians(360 - gap_deg) - 2 * np.arccos(inner / outer)
    return float(2 * np.sqrt(outer**2 - inner**2) + inner * around)


def _turn(angle: float) -> Floats:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def pack(pieces: list[NDArray[np.bool_]]) -> NDArray[np.uint32]:
    """Pieces side by side along i in one label volume, the first being label 1."""
    shape = np.max([piece.shape for piece in pieces], axis=0)
    labels = np.zeros((shape[0], shape[1], sum(piece.shape[2] for piece in pieces)), np.uint32)
    at = 0
    for n, piece in enumerate(pieces, 1):
        k, j, i = piece.shape
        labels[:k, :j, at : at + i][piece] = n
        at += i
    return labels
