"""Cracks and fragments of one particle."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.separate.gaps import close_gaps

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Faces of voxels are so many times the surface that they stand for, all directions alike (Cauchy-Crofton).
_FACES = {2: 4 / np.pi, 3: 1.5}


@dataclass(frozen=True)
class CrackRule:
    """What is a crack, in the plane or in space.

    Args:
        size_um: Edges of a voxel, (y, x) or (z, y, x).
        width_um: Of the widest crack.
        enclosed: Least part of its surface that is the particle's own.
        elongation: Least ratio of length and width.
        least_fragment: Least part of the particle's material that is a fragment.
    """

    size_um: tuple[float, ...]
    width_um: float
    enclosed: float
    elongation: float
    least_fragment: float


@dataclass(frozen=True)
class Cracks:
    """Cracks of a particle, arrays of shape (n,).

    Args:
        volumes: Of each, µm² or µm³.
        surfaces: Of each, both sides: µm or µm².
        lengths: Its longest extent, µm.
        hollow: What else is filled within the outline, voids above all; µm² or µm³.
        mask: Where the cracks are, of the particle's shape.
    """

    volumes: Floats
    surfaces: Floats
    lengths: Floats
    hollow: float
    mask: Mask = field(repr=False)


def find_cracks(own: Mask, pore: Mask, rule: CrackRule) -> Cracks:
    """Cracks of one particle: thin pores within its closed outline.

    The outline is the particle closed by a ball as wide as the widest crack. What is filled and is pore falls into
    regions. A region is a crack if most of its surface is the particle's own, and if it is long: the length is that
    of a rod of the same largest second moment, the width twice its volume over its surface. Discs and spheres have
    ratios of 1.7 and 2.3.

    Args:
        own: The particle's material, with a margin of at least ``width_um / 2``.
        pore: Where the pores' class is, of the same shape.
        rule: What is a crack.
    """
    from scipy import ndimage

    filled = fill_gaps(own, rule) & ~own & pore
    regions, count = ndimage.label(filled, np.ones((3,) * own.ndim))
    voxel = float(np.prod(rule.size_um))
    volumes = np.asarray(np.bincount(regions.ravel(), minlength=count + 1)[1:] * voxel, np.float64)
    walls, mouths = _surfaces(regions, own, count, rule.size_um)
    lengths = _lengths(regions, count, rule.size_um)
    is_crack = walls >= rule.enclosed * (walls + mouths)
    is_hollow = is_crack.copy()
    is_crack &= lengths * walls >= rule.elongation * 2 * volumes
    mask = np.append(False, is_crack)[regions]
    hollow = float(volumes[is_hollow & ~is_crack].sum())
    return Cracks(volumes[is_crack], walls[is_crack], lengths[is_crack], hollow, mask)


def fill_gaps(own: Mask, rule: CrackRule) -> Mask:
    """The particle closed by a ball of half the widest crack's width (Serra 1982)."""
    import edt

    def distance(inside: Mask) -> NDArray[np.float32]:
        return np.asarray(edt.edt(inside, anisotropy=rule.size_um))

    squares = tuple(size**2 for size in rule.size_um)
    return own | close_gaps(own, rule.width_um / 2, squares, distance)


def count_fragments(own: Mask, least: float) -> int:
    """Pieces connected over faces that hold at least the given part of the particle's material."""
    _, sizes = find_pieces(own)
    return int((sizes >= least * sizes.sum()).sum())


def find_pieces(own: Mask) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Pieces connected over faces: the number of each voxel's, from 1, and the voxels of each, shape (n,)."""
    from scipy import ndimage

    pieces, count = ndimage.label(own)
    return pieces, np.bincount(pieces.ravel(), minlength=count + 1)[1:]


def _surfaces(regions: NDArray[np.int32], own: Mask, count: int, size_um: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Surface of each region towards its particle, and towards anything else."""
    walls, mouths = np.zeros(count + 1), np.zeros(count + 1)
    for axis, size in enumerate(size_um):
        area = float(np.prod(size_um)) / size / _FACES[own.ndim]
        here, there = ((slice(None),) * axis + (part,) for part in (slice(None, -1), slice(1, None)))
        low, high, own_low, own_high = regions[here], regions[there], own[here], own[there]
        for one, other, solid in ((low, high, own_high), (high, low, own_low)):
            ends = (one > 0) & (other == 0)
            walls += area * np.bincount(one[ends & solid], minlength=count + 1)
            mouths += area * np.bincount(one[ends & ~solid], minlength=count + 1)
    return walls[1:], mouths[1:]


def _lengths(regions: NDArray[np.int32], count: int, size_um: tuple[float, ...]) -> Floats:
    """Length of the rod with each region's largest second moment, µm; a voxel has its own."""
    places = np.nonzero(regions)
    which = regions[places]
    voxels = np.maximum(np.bincount(which, minlength=count + 1), 1)[1:]
    along = [place * size for place, size in zip(places, size_um, strict=True)]
    means = [np.bincount(which, one, count + 1)[1:] / voxels for one in along]
    off = [one - mean[which - 1] for one, mean in zip(along, means, strict=True)]
    moments = np.array([[np.bincount(which, a * b, count + 1)[1:] / voxels for a in off] for b in off])
    moments += np.diag(np.square(size_um) / 12)[:, :, None]
    return np.asarray(np.sqrt(12 * np.linalg.eigvalsh(moments.transpose(2, 0, 1))[:, -1]))
