"""What is seen of particles through a section: depth of the first surface at each pixel, by rays in plain geometry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.microstructure.fields import Array

from .bodies import Bodies

# Lumps may move a surface a little beyond the ellipsoid's box.
MARGIN, MOST = 1.15, 0.15
# Edges between faces are rounded over about a radius divided by this.
SHARPNESS = 9.0
_FAR = np.float32(1e6)
# Depth, rows and columns of rays in the section, from the centre of a particle.
Start = tuple[np.float32, Array, Array]


@dataclass(frozen=True)
class Relief:
    """The first surface at each pixel.

    Args:
        depth: (rows, columns) pixels behind the section; 0 on it.
        owner: Number of the particle that is seen, from 1; 0 where none is. int32.
    """

    depth: Array
    owner: NDArray[np.int32]

    @property
    def cut(self) -> NDArray[np.bool_]:
        """Where the section cuts a particle."""
        return np.asarray((self.owner > 0) & (self.depth <= 0))


@dataclass(frozen=True)
class Rays:
    """How one looks at a section.

    Args:
        size: Rows, and columns.
        deep: How deep; what lies behind is dark.
        tilt: Rows and columns that a ray moves on for each pixel of depth: 0 is straight.
        step: Pixels from one ray to the next.
    """

    size: int
    deep: float
    tilt: tuple[float, float] = (0.0, 0.0)
    step: int = 1

    @property
    def count(self) -> int:
        """Rays along a side."""
        return -(-self.size // self.step)


def cast(bodies: Bodies, rays: Rays, lumps: Array | None = None) -> Relief:
    """Find the first surface of all particles.

    Args:
        bodies: The particles.
        rays: How to look.
        lumps: Unevenness of their surfaces in pixels, of the shape of the rays; None for smooth ones.
    """
    depth = np.full((rays.count, rays.count), np.float32(rays.deep))
    owner = np.zeros(depth.shape, np.int32)
    for index, box in _boxes(bodies, rays):
        uneven = 0.0 if lumps is None else np.clip(lumps[box] / np.float32(bodies.radii[index]), -MOST, MOST)
        near, far = _meet(bodies, index, box, rays, uneven)
        first = np.maximum(near, 0)
        seen = (near < far) & (far > 0) & (first < depth[box])
        np.copyto(depth[box], first, where=seen)
        np.copyto(owner[box], index + 1, where=seen)
    return Relief(depth, owner)


def _boxes(bodies: Bodies, rays: Rays) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """The particles that may be met between the section and the depth looked into, and the rays that may meet them."""
    reaches = np.linalg.inv(bodies.shapes)
    half = MARGIN * np.sqrt(reaches[:, 0, 0])
    is_seen = (bodies.centres[:, 0] + half > 0) & (bodies.centres[:, 0] - half < rays.deep)
    lows, highs = [], []
    for axis, tilt in enumerate(rays.tilt, start=1):
        across = np.eye(3)[axis] - tilt * np.eye(3)[0]
        middle = bodies.centres @ across
        wide = MARGIN * np.sqrt(np.einsum("i,nij,j->n", across, reaches, across))
        lows.append(np.clip(np.floor((middle - wide) / rays.step), 0, rays.count).astype(int))
        highs.append(np.clip(np.ceil((middle + wide) / rays.step) + 1, 0, rays.count).astype(int))
        is_seen &= lows[-1] < highs[-1]
    for index in np.flatnonzero(is_seen).tolist():
        yield index, (slice(lows[0][index], highs[0][index]), slice(lows[1][index], highs[1][index]))


def _meet(
    bodies: Bodies, index: int, box: tuple[slice, slice], rays: Rays, uneven: Array | float
) -> tuple[Array, Array]:
    """Depths at which rays enter and leave a particle; entering is behind leaving where they miss it."""
    centre = bodies.centres[index]
    rows, columns = (
        (np.arange(rays.count, dtype=np.float32)[part] * rays.step - np.float32(middle))
        for part, middle in zip(box, centre[1:], strict=True)
    )
    start = (np.float32(-centre[0]), rows[:, None], columns[None, :])
    away = np.array((1.0, *rays.tilt), np.float32)
    near, far = _meet_ellipsoid(bodies.shapes[index].astype(np.float32), start, away, uneven)
    faces = bodies.faces[index]
    if faces[:, 3].min() < 1e5:
        near, far = _meet_faces(faces.astype(np.float32), start, away, uneven, (near, far, float(bodies.radii[index])))
    return near, far


def _meet_ellipsoid(shape: Array, start: Start, away: Array, uneven: Array | float) -> tuple[Array, Array]:
    z, y, x = start
    towards = shape @ away
    a = np.float32(away @ towards)
    b = towards[0] * z + towards[1] * y + towards[2] * x
    c = shape[1, 1] * y * y + shape[2, 2] * x * x + 2 * shape[1, 2] * y * x
    c = c + (shape[0, 0] * z * z + 2 * z * (shape[0, 1] * y + shape[0, 2] * x)) - (1 + 2 * uneven)
    inside = b * b - a * c
    root = np.sqrt(np.maximum(inside, 0))
    near, far = (-b - root) / a, (-b + root) / a
    return np.where(inside > 0, near, _FAR), np.where(inside > 0, far, -_FAR)


def _meet_faces(
    faces: Array, start: Start, away: Array, uneven: Array | float, inner: tuple[Array, Array, float]
) -> tuple[Array, Array]:
    """The part of the ellipsoid's interval in front of all faces, edges rounded."""
    near, far, radius = inner
    z, y, x = start
    slow = faces[:, :3] @ away
    slow = np.where(np.abs(slow) < 1e-3, np.float32(1e-3), slow)
    room = [(face[3] - face[0] * z - face[1] * y - face[2] * x + uneven * radius) for face in faces]
    bounds = [one / speed for one, speed in zip(room, slow, strict=True)]
    soft = np.float32(SHARPNESS / radius)
    entering = [near, *(bound for bound, speed in zip(bounds, slow, strict=True) if speed < 0)]
    leaving = [-far, *(-bound for bound, speed in zip(bounds, slow, strict=True) if speed > 0)]
    return _soft_max(entering, soft), -_soft_max(leaving, soft)


def _soft_max(values: list[Array], soft: np.float32) -> Array:
    """Logarithm of the sum of exponentials: the maximum, rounded where two are about as large."""
    stack = np.stack(np.broadcast_arrays(*values))
    most = stack.max(0)
    stack -= most
    stack *= soft
    np.exp(np.maximum(stack, -20, out=stack), out=stack)
    return np.asarray(most + np.log(stack.sum(0)) / soft)
