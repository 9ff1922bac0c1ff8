"""Where rays from outside first meet a cell, finer than a voxel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import Volume

from .sections import Circle, Points, Sections

RAYS = 180
MOST_SLICES = 48


def outer_edges(volume: Volume, sections: Sections) -> tuple[Points, int]:
    """Outer wall edges as (i, j, k) indices, shape (n, 3), and how many rays were cast.

    The edge is where the grey value has risen halfway from the air outside to the wall, on rays in slices.
    """
    axis, good = sections.axis, sections.usual
    chosen = [good[n] for n in np.unique(np.linspace(0, len(good) - 1, MOST_SLICES).astype(int))]
    planes = np.moveaxis(volume.array, axis, 0)
    v_size, u_size = np.delete(volume.spacing_mm[::-1], axis)
    edges = []
    for circle in chosen:
        plane = planes[round(circle.slice_index)].astype(np.float32)
        u, v = _ray_edges(plane, circle, sections.radius, (float(u_size), float(v_size)))
        edges.append(np.column_stack([np.full(len(u), round(circle.slice_index)), v, u]))
    kji = np.concatenate(edges)
    return np.insert(kji[:, 1:], axis, kji[:, 0], axis=1)[:, ::-1], len(chosen) * RAYS


def _ray_edges(
    section: NDArray[np.float32], circle: Circle, radius: float, sizes: tuple[float, float]
) -> tuple[Points, Points]:
    """Where rays from outside first meet the wall halfway between air and its grey value, as pixel indices."""
    from scipy import ndimage

    step = 0.5 * min(sizes)
    reach = np.arange(1.12 * radius, 0.8 * radius, -step)
    angle = np.radians(np.arange(RAYS) * 360 / RAYS)[:, None]
    u = (circle.u + np.cos(angle) * reach) / sizes[0]
    v = (circle.v + np.sin(angle) * reach) / sizes[1]
    grey = ndimage.map_coordinates(section, [v, u], order=1, mode="nearest")
    inside = (u >= 0) & (v >= 0) & (u <= section.shape[1] - 1) & (v <= section.shape[0] - 1)
    crossing, found = _first_rise(grey)
    rows = np.flatnonzero(found)
    at = crossing[rows]
    rows, at = rows[inside[rows, at.astype(int)]], at[inside[rows, at.astype(int)]]
    distance = reach[0] - at * step
    return (circle.u + np.cos(angle[rows, 0]) * distance) / sizes[0], (
        circle.v + np.sin(angle[rows, 0]) * distance
    ) / sizes[1]


def _first_rise(grey: NDArray[np.float32]) -> tuple[Points, NDArray[np.bool_]]:
    """Continuous sample index where each row first rises halfway from its start to its wall."""
    # A quarter of each ray lies in air; its first samples may lie outside a round field of view.
    air = np.median(grey[:, : max(5, grey.shape[1] // 4)], axis=1, keepdims=True)
    wall = np.percentile(grey, 98, axis=1, keepdims=True)
    level = (air + wall) / 2
    above = grey >= level
    first = np.argmax(above, axis=1)
    found = above.any(axis=1) & (first > 0) & ((wall - air)[:, 0] > 0.25 * np.median(wall - air))
    before = np.take_along_axis(grey, np.maximum(first - 1, 0)[:, None], 1)[:, 0]
    after = np.take_along_axis(grey, first[:, None], 1)[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = (level[:, 0] - before) / (after - before)
    return first - 1 + np.nan_to_num(fraction), found
