"""Which kind of cell a volume shows, from the directions in which its layers are stacked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import Volume

Floats = NDArray[np.float64]

_BLOCKS = 12  # along each array axis
_EDGE = 16  # voxels along a block's edge: it holds a sheet or two, and a winding in it is flat
_STRONG = 0.15  # of the strong blocks' gradients: less is noise, or hardly any layer
_FLAT = 0.5  # how much more of a block's gradient must run across its layers than along them
_SAME_DEG = 12.0  # layers that lie as parallel as that are stacked, not wound
_STACKED = 0.5  # of all layered blocks: so many are parallel in a stack; caps and bases of wound cells are fewer


@dataclass(frozen=True)
class Layering:
    """Directions across the layers in blocks of a volume.

    Args:
        ijk: Middle of each layered block in voxels, shape (n, 3).
        across: Unit vector across its layers, RAS, sign arbitrary, shape (n, 3).
        stacked: Unit vector across most layers, RAS.
        parallel: Which blocks' layers lie across `stacked`, shape (n,).
    """

    ijk: Floats
    across: Floats
    stacked: Floats
    parallel: NDArray[np.bool_]

    @property
    def share(self) -> float:
        """Share of the layered blocks that are parallel to most of them."""
        return float(self.parallel.mean()) if len(self.parallel) else 0.0


def find_kind(volume: Volume) -> Literal["cylindrical", "pouch"]:
    """Tell a cell of stacked flat sheets (in a pouch or a hard case) from a wound cylindrical one.

    In a stack nearly all layers are parallel; in a roll their directions go all around. A wound prismatic cell counts
    as "pouch": its flanks are flat, and `find_pouch` says what it is. Where nothing is layered the answer is
    "cylindrical".

    Args:
        volume: The cell, or a part of it.
    """
    return "pouch" if find_layering(volume).share > _STACKED else "cylindrical"


def find_layering(volume: Volume) -> Layering:
    """The directions across the layers all over a volume.

    Each block's direction is the main axis of its structure tensor, the mean of g gᵀ of grey-value gradients g
    (Bigün & Granlund 1987).
    """
    corners = _corners(volume.array.shape)
    tensors = np.array([_tensor(_block(volume, corner), volume.spacing_mm) for corner in corners])
    strength, axes = np.linalg.eigh(tensors)
    strong = strength[:, 2] > _STRONG * np.percentile(strength[:, 2], 90)
    layered = strong & (strength[:, 2] - strength[:, 1] > _FLAT * strength[:, 2])
    across = axes[layered, :, 2] @ (volume.ijk_to_ras[:3, :3] / volume.spacing_mm).T
    stacked, parallel = _main_direction(across)
    middles = corners[layered][:, ::-1] + (_EDGE - 1) / 2
    return Layering(middles, across, stacked, parallel)


def _corners(shape: tuple[int, ...]) -> NDArray[np.int64]:
    """First (k, j, i) of blocks spread over a volume, shape (n, 3)."""
    starts = [np.unique(np.linspace(0, max(size - _EDGE, 0), _BLOCKS).astype(int)) for size in shape]
    return np.stack(np.meshgrid(*starts, indexing="ij"), axis=-1).reshape(-1, 3)


def _block(volume: Volume, corner: NDArray[np.int64]) -> NDArray[np.float32]:
    """Grey values of a block; what is no number counts as 0."""
    k, j, i = (slice(start, start + _EDGE) for start in corner)
    return np.nan_to_num(np.asarray(volume.array[k, j, i], np.float32))


def _tensor(block: NDArray[np.float32], spacing_mm: Floats) -> Floats:
    """Structure tensor (3, 3) of a block along the array axes i, j, k, in grey values per mm."""
    if min(block.shape) < 2:
        return np.zeros((3, 3))
    parts = [part.ravel() / size for part, size in zip(np.gradient(block)[::-1], spacing_mm, strict=True)]
    gradient = np.stack(parts)
    return np.asarray(gradient @ gradient.T / gradient.shape[1], float)


def _main_direction(across: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """The direction that most unit vectors (n, 3) share, and which of them share it."""
    if not len(across):
        return np.array([0.0, 0.0, 1.0]), np.zeros(0, bool)
    least = np.cos(np.radians(_SAME_DEG))
    same = np.abs(across @ across.T) > least
    chosen = same[same.sum(axis=1).argmax()]
    main = np.asarray(np.linalg.eigh(across[chosen].T @ across[chosen])[1][:, 2])
    return main, np.asarray(np.abs(across @ main) > least)
