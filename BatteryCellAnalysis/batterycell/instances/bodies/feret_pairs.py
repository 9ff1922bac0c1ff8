"""Greatest and, in slices, least calipers of all objects at once, from the corners of their hulls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.runs import Floats, Ints

from .hull_outline import outline
from .hull_points import ExtremePoints

# Values of an array that is worked on at once.
_MANY = 1 << 17


def greatest_calipers(extreme: ExtremePoints, size: Floats) -> Floats:
    """Greatest distance of two points of each object, an object being the middles of its outer voxels' faces.

    Voxels at distance d hold face middles at |d + h·e|, e being an axis and h the voxel's size along it.

    Args:
        extreme: Corners of the hulls.
        size: Voxel size in µm along the axes that count, the others 0; (z, y, x).

    Returns:
        In µm, shape (count + 1,); NaN where there are no voxels.
    """
    found = np.full(len(extreme.begins) - 1, np.nan)
    for labels, points in _batches(extreme.begins, extreme.points[:, 1:], 1):
        axes = np.ascontiguousarray((points * size).transpose(2, 1, 0))
        best = np.zeros(len(labels))
        for n in range(axes.shape[1]):
            np.maximum(best, _squares(axes[:, n:], axes[:, n], size).max(axis=0), out=best)
        found[labels] = np.sqrt(best)
    return found


def _squares(points: Floats, point: Floats, size: Floats) -> Floats:
    """Squared distances between the farthest face middles of voxels; points (3, p, n) to one each, (3, n)."""
    squares, faces = np.zeros(points.shape[1:]), np.zeros(points.shape[1:])
    for along, here, step in zip(points, point, size, strict=True):
        apart = np.abs(along - here)
        squares += apart * apart
        apart *= 2 * step
        np.maximum(faces, apart + step * step, out=faces)
    return squares + faces


def least_calipers(extreme: ExtremePoints, size: Floats) -> Floats:
    """Least width of each object in its slice, an object being the middles of its outer pixels' sides.

    The width is least across a side of the hull of the pixels' middles, or along an axis' neighbour diagonal: the
    width of that hull and that of a pixel's diamond are added, and both change evenly between such directions.

    Args:
        extreme: Corners of the hulls.
        size: Pixel size (y, x) in µm.

    Returns:
        In µm, shape (count + 1,); NaN where there are no voxels.
    """
    found = np.full(len(extreme.begins) - 1, np.nan)
    begins, normals = _side_normals(extreme, size)
    fixed = np.array([[1.0, 0.0], [0.0, 1.0], 1 / size, [1, -1] / size])
    fixed /= np.linalg.norm(fixed, axis=1)[:, None]
    for labels, points in _batches(extreme.begins, extreme.points[:, 2:], 2):
        sides = _padded(begins, normals, labels) if len(normals) else np.zeros((len(labels), 0, 2))
        across = np.concatenate([np.broadcast_to(fixed, (len(labels), 4, 2)), sides], axis=1)
        widths = np.ptp(across @ (points * size).transpose(0, 2, 1), axis=2) + (np.abs(across) * size).max(axis=2)
        found[labels] = widths.min(axis=1)
    return found


def _side_normals(extreme: ExtremePoints, size: Floats) -> tuple[Ints, Floats]:
    """Unit normals of the sides of the hulls in their slices, and at which row those of label n begin."""
    label, _, j, i = extreme.points.astype(np.int64).T
    ends = [
        np.stack([chain[:-1], chain[1:]])[:, label[chain[1:]] == label[chain[:-1]]] for chain in outline(label, j, i)
    ]
    one, other = np.concatenate(ends, axis=1)
    order = np.argsort(label[one], kind="stable")
    one, other = one[order], other[order]
    normals = np.stack([(i[other] - i[one]) * size[1], -(j[other] - j[one]) * size[0]], axis=1)
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    return np.searchsorted(label[one], np.arange(len(extreme.begins))), normals


def _batches(begins: Ints, values: NDArray[np.int32], power: int) -> Iterator[tuple[Ints, NDArray[Any]]]:
    """Objects of about as many points: their labels, and their points, the first repeated to fill up.

    Args:
        begins: First row of each label.
        values: The points' rows.
        power: 1 where the work on a batch goes with the points of an object, 2 where with their square.
    """
    counts = np.diff(begins)
    labels: Ints = np.argsort(counts, kind="stable")
    labels = labels[counts[labels] > 0]
    while len(labels):
        # From the largest down, so that the first of a batch tells its width.
        width = int(counts[labels[-1]])
        batch = labels[-max(1, _MANY // width**power) :]
        batch = batch[counts[batch] > width // 2]
        labels = labels[: -len(batch)]
        yield batch, _padded(begins, values, batch)


def _padded(begins: Ints, values: NDArray[Any], labels: Ints) -> NDArray[Any]:
    """Rows of some labels, shape (labels, most rows, ...), the first row repeated to fill up."""
    counts = begins[labels + 1] - begins[labels]
    places = np.arange(counts.max(initial=0))
    rows = np.minimum(begins[labels], len(values) - 1)[:, None] + np.where(places < counts[:, None], places, 0)
    return np.asarray(values[rows])
