"""Least width of a body in 3D: the least distance of two parallel planes that hold it between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.runs import Floats, Ints

from .hull_bodies import Body, cross, make_body

_TINY = 1e-9


def least_width(body: Body, size: Floats) -> float:
    """Least width of the middles of the outer voxels' faces.

    The width in a direction is that of the hull of the voxels' middles and that of the octahedron of a voxel's face
    middles, added. It is least where a facet of either lies in a plane, or an edge in each of both planes (Houle and
    Toussaint 1988, IEEE Trans. PAMI 10, 761). All facets are tried, then the edges that may do better.

    Args:
        body: The hull of the middles.
        size: Voxel size (z, y, x) in µm.

    Returns:
        In µm.
    """
    if len(body.triangles):
        return _least(body, size)
    # All middles in a plane: the hull of the face middles themselves is a body.
    faces = np.round(2 * body.points / size)[:, None] + np.concatenate([-np.eye(3), np.eye(3)])
    return _least(make_body(faces.reshape(-1, 3).astype(np.int32), size / 2), np.zeros(3))


def _least(body: Body, size: Floats) -> float:
    facets = float(_widths(body, np.concatenate([body.normals, _fixed(tuple(size))]), size).min())
    edges = _hopeful(body, _edges(body), size, facets)
    return float(_widths(body, _between(body, edges, _octahedron(tuple(size))), size).min(initial=facets))


def _widths(body: Body, directions: Floats, size: Floats) -> Floats:
    places = directions @ body.points.T
    return np.asarray(places.max(axis=1) - places.min(axis=1) + np.abs(directions * size).max(axis=1))


@lru_cache(maxsize=8)
def _fixed(size: tuple[float, ...]) -> Floats:
    """Normals of the facets of a voxel's octahedron, and the axes, along which facets of boxes are exact."""
    normals = np.array(list(product((1,), (1, -1), (1, -1)))) / np.where(np.array(size) > 0, size, 1)
    return np.concatenate([np.eye(3), normals / np.linalg.norm(normals, axis=1)[:, None]])


@lru_cache(maxsize=8)
def _octahedron(size: tuple[float, ...]) -> Floats:
    """Directions of the edges of a voxel's octahedron."""
    axes = np.diag(size)
    found = np.array([axes[a] + sign * axes[b] for a, b in combinations(range(3), 2) for sign in (1, -1)])
    return np.asarray(found[np.abs(found).any(axis=1)])


@dataclass(frozen=True)
class _Edges:
    """Edges of a body: one end of each, the way to the other, and the triangles on both of their sides."""

    start: Floats
    along: Floats
    left: Ints
    right: Ints

    def some(self, rows: NDArray[np.bool_]) -> _Edges:
        return _Edges(self.start[rows], self.along[rows], self.left[rows], self.right[rows])


def _edges(body: Body) -> _Edges:
    """The edges, not those inside of a facet."""
    here = np.repeat(np.arange(len(body.triangles)), 3)
    there = body.neighbours.ravel().astype(np.int64)
    one, other = (body.points[np.roll(body.triangles, shift, axis=1).ravel()] for shift in (1, 2))
    turn = 1 - (body.normals[here] * body.normals[there]).sum(axis=1)
    return _Edges(one, other - one, here, there).some((here < there) & (turn > _TINY))


def _hopeful(body: Body, edges: _Edges, size: Floats, limit: float) -> _Edges:
    """Edges that may lie in a plane with the opposite one nearer than the limit.

    From one of its triangles to the other, the width at an edge is no less than that between the edge and the point
    that is opposite to the first, which is least at the first or at the second.
    """
    opposite = body.points[(body.normals @ body.points.T).argmin(axis=1)]
    axis = np.abs(body.normals * size).argmax(axis=1)
    opposite[np.arange(len(axis)), axis] -= size[axis] * np.sign(body.normals[np.arange(len(axis)), axis])
    hopeful = np.ones(len(edges.left), bool)
    for side in (edges.left, edges.right):
        across = edges.start - opposite[side]
        ahead = [(across * body.normals[end]).sum(axis=1) for end in (edges.left, edges.right)]
        hopeful &= np.minimum(*ahead) < limit
    return edges.some(hopeful)


def _between(body: Body, edges: _Edges, others: Floats) -> Floats:
    """Unit normals to two edges each: of the body those that may face each other, and of the body with the others.

    Two edges can lie in parallel planes with the body between them only if the facets beside each of them lean to
    different sides of the other.
    """
    splits = _splits(body, edges, edges.along)
    one, other = np.divmod(np.flatnonzero(splits & splits.T), max(1, len(edges.left)))
    one, other = one[one < other], other[one < other]
    edge, third = np.divmod(np.flatnonzero(_splits(body, edges, others)), max(1, len(others)))
    along = edges.along
    normals = np.concatenate([cross(along[one], along[other]), cross(others[third], along[edge])])
    lengths = np.linalg.norm(normals, axis=1)
    clear = lengths > _TINY * lengths.max(initial=0.0)
    return np.asarray(normals[clear] / lengths[clear, None])


def _splits(body: Body, edges: _Edges, ways: Floats) -> NDArray[np.bool_]:
    """Whether the facets beside each edge lean to different sides of each way, shape (edges, ways)."""
    left, right = ((body.normals[side] @ ways.T) < 0 for side in (edges.left, edges.right))
    return np.asarray(left != right)
