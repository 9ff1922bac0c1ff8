"""Least width of a body in 3D: the least distance of two parallel planes that hold it between them."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np

from .hull_bodies import Body, make_body
from .runs import Floats

_TINY = 1e-9


def least_width(body: Body, size: Floats) -> float:
    """Least width of the middles of the outer voxels' faces.

    The width in a direction is that of the hull of the voxels' middles and that of the octahedron of a voxel's face
    middles, added. It is least where a facet of either lies in a plane, or an edge in each of both planes (Houle and
    Toussaint 1988, IEEE Trans. PAMI 10, 761); all of these directions are tried.

    Args:
        body: The hull of the middles.
        size: Voxel size (z, y, x) in µm.

    Returns:
        In µm.
    """
    if not len(body.triangles):
        return _flat_width(body, size)
    directions = np.concatenate([body.normals, _fixed(size), _between_edges(body, _octahedron(size))])
    return _least(body, directions, size)


def _flat_width(body: Body, size: Floats) -> float:
    """The same where the middles lie in a plane: the hull of the face middles themselves is a body."""
    halves = np.concatenate([-np.eye(3), np.eye(3)])
    faces = np.round(2 * body.points / size)[:, None] + halves
    solid = make_body(faces.reshape(-1, 3).astype(np.int32), size / 2)
    directions = np.concatenate([solid.normals, _fixed(size), _between_edges(solid, np.zeros((0, 3)))])
    return _least(solid, directions, np.zeros(3))


def _least(body: Body, directions: Floats, size: Floats) -> float:
    places = directions @ body.points.T
    widths = places.max(axis=1) - places.min(axis=1) + np.abs(directions * size).max(axis=1)
    return float(widths.min())


def _fixed(size: Floats) -> Floats:
    """Normals of the facets of a voxel's octahedron, and the axes, along which facets of boxes are exact."""
    normals = np.array(list(product((1,), (1, -1), (1, -1)))) / size
    return np.concatenate([np.eye(3), normals / np.linalg.norm(normals, axis=1)[:, None]])


def _octahedron(size: Floats) -> Floats:
    """Directions of the edges of a voxel's octahedron."""
    axes = np.diag(size)
    return np.array([axes[a] + sign * axes[b] for a, b in combinations(range(3), 2) for sign in (1, -1)])


def _between_edges(body: Body, others: Floats) -> Floats:
    """Unit normals to two edges each: of the body those that may face each other, and of the body with the others.

    Two edges can lie in parallel planes with the body between them only if the facets beside each of them lean to
    different sides of the other.
    """
    along, left, right = _edges(body)
    leans = body.normals @ along.T < 0
    splits = leans[left] != leans[right]
    one, other = np.divmod(np.flatnonzero(splits & splits.T), len(along))
    one, other = one[one < other], other[one < other]
    leans = body.normals @ others.T < 0
    edge, third = np.divmod(np.flatnonzero(leans[left] != leans[right]), max(1, len(others)))
    normals = np.concatenate([np.cross(along[one], along[other]), np.cross(others[third], along[edge])])
    lengths = np.linalg.norm(normals, axis=1)
    clear = lengths > _TINY * lengths.max(initial=0.0)
    return np.asarray(normals[clear] / lengths[clear, None])


def _edges(body: Body) -> tuple[Floats, np.ndarray, np.ndarray]:
    """Edges of the body as vectors, and the triangles on both of their sides; not those inside of a facet."""
    here = np.repeat(np.arange(len(body.triangles)), 3)
    there = body.neighbours.ravel()
    turn = 1 - (body.normals[here] * body.normals[there]).sum(axis=1)
    once = (here < there) & (turn > _TINY)
    ends = body.points[np.stack([np.roll(body.triangles, shift, axis=1).ravel() for shift in (1, 2)])]
    return (ends[1] - ends[0])[once], here[once], there[once]
