"""Particles as cells, and their cells as pixels of one image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.movie.law.settings import LawSpec

from .platelet import Platelet

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """One particle on a square of pixels, each of ``refine`` × ``refine`` cells.

    Args:
        mask: Which cells belong to it, shape (n refine, n refine).
        pixels: Which pixels do: where at least half of the cells do, shape (n, n).
        log_k: ln k before it is scaled, shape (cells,).
        amount: Amount of metal, about 1, shape (cells,).
        first: Lithium fractions at the beginning, shape (cells,).
        refine: Cells along a pixel's edge.
    """

    mask: NDArray[np.bool_]
    pixels: NDArray[np.bool_]
    log_k: Floats
    amount: Floats
    first: Floats
    refine: int

    def coarse(self, values: Floats) -> Floats:
        """Means over the cells of each pixel: shape (..., cells) to (..., n, n), NaN outside."""
        filled = np.zeros((*values.shape[:-1], *self.mask.shape))
        filled[..., self.mask] = values
        total, cells = _sum_blocks(filled, self.refine), _sum_blocks(self.mask.astype(float), self.refine)
        return np.where(self.pixels, total / np.maximum(cells, 1), np.nan)


def lay_out(spec: LawSpec, platelet: Platelet) -> Grid:
    """Cells of a particle on a square as large as all have."""
    side, fine = side_px(spec), spec.refine
    place = (np.arange(side * fine) + 0.5 - side * fine / 2) * spec.pixel_um / fine
    y, x = np.meshgrid(place, place, indexing="ij")
    mask = platelet.outline.depth_um(y, x) > 0
    pixels = _sum_blocks(mask.astype(float), fine) >= fine**2 / 2
    inside = y[mask], x[mask]
    log_k = platelet.log_k(*inside, spec.heterogeneity)
    return Grid(mask, pixels, log_k, platelet.amount(*inside), platelet.first(*inside, spec.cycling.start), fine)


def side_px(spec: LawSpec) -> int:
    """Pixels along the square that each particle has for itself."""
    return spec.platelets.size_px + 2 * spec.platelets.margin_px


def tiling(spec: LawSpec) -> tuple[int, int]:
    """Rows and columns of particles in a movie."""
    columns = int(np.ceil(np.sqrt(spec.platelets.count)))
    return -(-spec.platelets.count // columns), columns


def put_together(spec: LawSpec, squares: Sequence[Floats], empty: float = np.nan) -> Floats:
    """One image of all particles' squares: each shape (..., n, n), together (..., rows, columns)."""
    rows, columns = tiling(spec)
    blank = np.full_like(squares[0], empty)
    filled = [*squares, *[blank] * (rows * columns - len(squares))]
    lines = [np.concatenate(filled[row * columns : (row + 1) * columns], axis=-1) for row in range(rows)]
    return np.concatenate(lines, axis=-2)


def _sum_blocks(values: Floats, size: int) -> Floats:
    rows, columns = (length // size for length in values.shape[-2:])
    return np.asarray(values.reshape(*values.shape[:-2], rows, size, columns, size).sum(axis=(-3, -1)))
