"""Particles in plain geometry: ellipsoids cut by flat faces, placed in and behind the section."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.microstructure import Particles
from batterycell.phantom.microstructure.packing import Packing, pack

from .ranges import Ranges, by_size, evenly

Floats = NDArray[np.float64]
Habit = Literal["round", "faceted", "broken", "polycrystal"]
HABITS: tuple[Habit, ...] = ("round", "faceted", "broken", "polycrystal")
# Part of the electrodes with each habit.
CHANCES = (0.25, 0.35, 0.25, 0.15)
LARGEST = 2.2
# Part of the electrodes with a few huge grains among the others.
GIANTS = 0.4
# How deep behind the section particles are placed, in median diameters, and at least and at most in pixels.
DEEP, LEAST_DEEP, MOST_DEEP = 1.3, 24.0, 90.0
# Faces lie so far from the centre, in mean radii; those of a break go nearer.
FACE, BREAK = (0.62, 0.98), (0.1, 0.6)
NO_FACE = 1e6


@dataclass(frozen=True)
class Bodies:
    """Particles, in pixels; the section is at depth 0, larger depths lie behind it.

    Args:
        centres: (n, 3) depth, row, column.
        radii: (n,) mean radii.
        shapes: (n, 3, 3); a point x lies inside the ellipsoid where (x - c)ᵀ S (x - c) < 1.
        faces: (n, f, 4): unit normal and distance from the centre of each face.
    """

    centres: Floats
    radii: Floats
    shapes: Floats
    faces: Floats

    def __len__(self) -> int:
        return len(self.radii)

    def grown(self, factor: float) -> Bodies:
        """All of them larger, where they are: what touches merges."""
        faces = self.faces * (1, 1, 1, factor)
        return replace(self, radii=self.radii * factor, shapes=self.shapes / factor**2, faces=faces)


def place_bodies(ranges: Ranges, size: int, random: np.random.Generator) -> tuple[Bodies, float]:
    """Particles of one electrode in and behind a square section.

    Args:
        ranges: Where sizes and shapes are drawn from.
        size: Rows, and columns.
        random: Source.

    Returns:
        The particles, and how deep behind the section there are any.
    """
    habit = HABITS[random.choice(len(HABITS), p=CHANCES)]
    diameter = by_size(ranges.diameter, random)
    deep = float(np.clip(DEEP * diameter, LEAST_DEEP, MOST_DEEP))
    wanted = Particles(
        fraction=0.7,
        median_um=diameter,
        spread=evenly((0.15, 0.5), random),
        largest_um=LARGEST * diameter,
        aspect=max(evenly(ranges.aspect, random), 0.3),
    )
    small = pack(wanted, (round(deep), size, size), 1.0, random)
    if habit == "polycrystal":
        small = _gather(small, _place_giants(ranges, size, random), random)
    elif random.random() < GIANTS:
        small = _join(small, _place_giants(ranges, size, random))
    return _cut(small, habit, ranges, random), deep


def _cut(packing: Packing, habit: Habit, ranges: Ranges, random: np.random.Generator) -> Bodies:
    """Faces onto the particles, as many and as near as their habit has."""
    count = len(packing)
    faces = round(evenly(ranges.facets, random)) if habit in ("faceted", "broken") else 1
    normals = random.standard_normal((count, faces, 3))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    far = random.uniform(*FACE, (count, faces)) * packing.radii[:, None]
    if habit == "broken":
        is_broken = random.random(count) < 0.5
        far[:, 0] = np.where(is_broken, random.uniform(*BREAK, count) * packing.radii, far[:, 0])
    if faces == 1:
        far[:] = NO_FACE
    return Bodies(packing.centres, packing.radii, packing.shapes, np.concatenate([normals, far[..., None]], -1))


def _place_giants(ranges: Ranges, size: int, random: np.random.Generator) -> Packing:
    """A few huge ellipsoids that the section cuts."""
    count = int(random.integers(1, 4))
    radii = np.sort([by_size(ranges.giant, random) for _ in range(count)])[::-1]
    places = np.column_stack([random.uniform(-0.8, 0.6, count) * radii, random.uniform(0, size, (count, 2))])
    kept = [n for n in range(count) if all(_apart(places, radii, n, other) for other in range(n))]
    turns, _ = np.linalg.qr(random.standard_normal((len(kept), 3, 3)))
    axes = radii[kept, None] * random.uniform(0.75, 1.1, (len(kept), 3))
    return Packing(places[kept], radii[kept], np.einsum("nij,nj,nkj->nik", turns, axes**-2.0, turns))


def _apart(places: Floats, radii: Floats, one: int, other: int) -> bool:
    return bool(np.linalg.norm(places[one] - places[other]) > 0.95 * (radii[one] + radii[other]))


def _join(small: Packing, giants: Packing) -> Packing:
    """Giants among small ones, which give way."""
    kept = np.ones(len(small), bool)
    for centre, radius in zip(giants.centres, giants.radii, strict=True):
        kept &= np.linalg.norm(small.centres - centre, axis=1) > 0.93 * radius + 0.6 * small.radii
    return _together(giants, _where(small, kept))


def _gather(grains: Packing, giants: Packing, random: np.random.Generator) -> Packing:
    """Primary grains grown together into large particles, and a part of those between them."""
    owned = np.zeros(len(grains), bool)
    for centre, shape in zip(giants.centres, giants.shapes, strict=True):
        away = grains.centres - centre
        owned |= np.einsum("ni,ij,nj->n", away, shape, away) < 1
    loose = ~owned & (random.random(len(grains)) < random.uniform(0.1, 0.7))
    factor = random.uniform(1.15, 1.45)
    grown = Packing(grains.centres, grains.radii * factor, grains.shapes / factor**2)
    return _together(_where(grown, owned), _where(grains, loose))


def _where(packing: Packing, kept: NDArray[np.bool_]) -> Packing:
    return Packing(packing.centres[kept], packing.radii[kept], packing.shapes[kept])


def _together(one: Packing, other: Packing) -> Packing:
    pairs = [(getattr(one, name), getattr(other, name)) for name in ("centres", "radii", "shapes")]
    return Packing(*(np.concatenate(pair) for pair in pairs))
