"""On which voxels a model sees an image, and in which blocks it goes through it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.data.grid import Grid
from batterycell.segment.image import Image
from batterycell.segment.model.info import ModelInfo, NetworkSpec

from .settings import Along, Box

Place = tuple[int, int, int]
Size = tuple[float, float, float]
AXES = "kji"
# Pixels this much larger or smaller than in training are within what augmentation taught.
_SAME_SIZE = 0.05
# Logarithm of how many times longer than the training's a pixel may be: three times are scanned, ten are not.
_SLIVER = 1.4
# Context around a block, and the least that a network should see at once, in training pixels.
_HALO = {"2d": (0, 64, 64), "2.5d": (0, 64, 64), "3d": (24, 24, 24)}
_LEAST = {"2d": (1, 256, 256), "2.5d": (1, 256, 256), "3d": (64, 64, 64)}
# Slices that a 3D network sees before and behind a frame.
_FRAME_CONTEXT = 24
# Voxels a block, so that a break costs seconds; 3D needs thick blocks, of which the halo is no large part.
_MOST_VOXELS = {"2d": 4_000_000, "2.5d": 4_000_000, "3d": 64_000_000}
_LEAST_SLICES = {"2d": 1, "2.5d": 1, "3d": 32}
_FLOAT = 4


@dataclass(frozen=True)
class Plan:
    """The voxels of an image and of the network, with common axes of which the first runs across the slices.

    Args:
        axis: The array axis of the image that comes first.
        image: The image's voxels, axis first.
        network: The pixels the network sees over the same place; the same where the sizes agree.
    """

    axis: int
    image: Grid
    network: Grid

    @property
    def scale(self) -> Size:
        """The network's pixels a voxel of the image, along each axis."""
        z, y, x = (old / new for old, new in zip(self.image.voxel_size_um, self.network.voxel_size_um, strict=True))
        return z, y, x

    @property
    def is_resampled(self) -> bool:
        """Whether the network sees pixels of another size than the image's."""
        return self.image.voxel_size_um != self.network.voxel_size_um

    def needed(self, block: Box) -> Box:
        """The network's pixels between whose centres, as far as there are such, a block of the image lies.

        Where they are finer than the image's voxels, all that a voxel is the mean of.
        """
        matrix = np.linalg.inv(self.network.ijk_to_ras) @ self.image.ijk_to_ras
        scale, shift = np.diag(matrix)[2::-1], matrix[2::-1, 3]
        reach = np.maximum(0.0, (scale - 1) / 2)
        start = np.floor(np.array(block[0]) * scale + shift - reach + 1e-6).astype(int)
        stop = np.ceil((np.array(block[1]) - 1) * scale + shift + reach - 1e-6).astype(int) + 1
        last = np.array(self.network.shape)
        return _place(np.clip(start, 0, last - 1)), _place(np.clip(stop, 1, last))


def make_plan(image: Image, info: ModelInfo, along: Along) -> Plan:
    """On which pixels a model sees an image."""
    axis = best_axis(image, info) if along == "auto" else AXES.index(along)
    grid = turned(Grid.of(image.grid), axis)
    wanted = _wanted(grid.voxel_size_um, info)
    return Plan(axis, grid, grid if wanted == grid.voxel_size_um else grid.resized(wanted))


def plan_frame(grid: Grid, info: ModelInfo) -> Plan:
    """On which pixels a model sees a frame: those of its grid, with slices of context for three dimensions."""
    wanted = _wanted(grid.voxel_size_um, info)
    pixels = grid if wanted == grid.voxel_size_um else grid.resized(wanted)
    more = _FRAME_CONTEXT if info.network.dimension == "3d" else 0
    return Plan(0, grid, pixels.widened(more) if more else pixels)


def turned(grid: Grid, axis: int) -> Grid:
    """The same voxels with another array axis first."""
    order = [axis, *(other for other in range(3) if other != axis)]
    # Columns of the matrix are (i, j, k), array axes are (k, j, i).
    columns = [2 - other for other in order[::-1]]
    slices, rows, width = (grid.shape[other] for other in order)
    return Grid((slices, rows, width), grid.ijk_to_ras[:, [*columns, 3]])


def part(grid: Grid, box: Box) -> Grid:
    """A box of a grid."""
    matrix = grid.ijk_to_ras.copy()
    matrix[:3, 3] += matrix[:3, :3] @ np.array(box[0][::-1], float)
    return Grid(_place(np.subtract(box[1], box[0])), matrix)


def widened(box: Box, shape: Place, spec: NetworkSpec) -> Box:
    """A box with the context around it that a network needs to judge its border, as far as the image goes.

    It starts where the network halves the whole image, too: else it would judge pixels with other neighbours.
    """
    start, stop = np.array(box[0]), np.array(box[1])
    lack = np.array(_LEAST[spec.dimension]) - (stop - start)
    more = np.maximum(_HALO[spec.dimension], np.ceil(lack / 2).astype(int))
    halved = np.array([spec.multiple if spec.dimension == "3d" else 1, spec.multiple, spec.multiple])
    return _place(np.maximum(0, start - more) // halved * halved), _place(np.minimum(shape, stop + more))


def cut_blocks(region: Box, spec: NetworkSpec, scale: Size, memory: int) -> list[Box]:
    """The blocks of a region, in order: as many whole slices as memory allows, parts of slices where one is too large.

    Args:
        region: What is to be covered, axis first.
        spec: The network.
        scale: The network's pixels a voxel, along each axis.
        memory: Bytes that the pixels of a block may take.
    """
    start, stop = np.array(region[0]), np.array(region[1])
    size = stop - start
    # Three copies of the probabilities: predicted, on the image's voxels, and in order.
    room = memory / (_FLOAT * (spec.channels + 3 * spec.classes) * max(1.0, math.prod(scale)))
    least = min(_LEAST_SLICES[spec.dimension], int(size[0]))
    edge = size[1:]
    while least * edge[0] * edge[1] > room and edge.max() > 256:
        edge = np.ceil(edge / np.where(edge == edge.max(), 2, 1)).astype(int)
    depth = max(least, int(min(room, _MOST_VOXELS[spec.dimension]) // (edge[0] * edge[1])))
    steps = (depth, int(edge[0]), int(edge[1]))
    k, j, i = (range(a, b, step) for a, b, step in zip(start.tolist(), stop.tolist(), steps, strict=True))
    return [(corner, _place(np.minimum(np.add(corner, steps), stop))) for corner in product(k, j, i)]


def _wanted(size: Size, info: ModelInfo) -> Size:
    """The training's voxel size along the axes where it differs; across the slices of 2D networks it is never asked."""
    asked = [info.network.dimension != "2d", True, True]
    trained = zip(size, _trained(size, info), asked, strict=True)
    z, y, x = (new if ask and new > 0 and abs(old / new - 1) > _SAME_SIZE else old for old, new, ask in trained)
    return z, y, x


def _trained(size: Size, info: ModelInfo) -> Size:
    """The training's voxel size that is nearest; in the slice, models may take a range of them."""
    if info.pixel_range_um is None:
        return info.voxel_size_um
    low, high = info.pixel_range_um
    y, x = (min(max(one, low), high) for one in size[1:])
    return info.voxel_size_um[0], y, x


def best_axis(image: Image, info: ModelInfo) -> int:
    """The axis across which pixels have the proportions of the training's: what tells a cell's planes from its slices.

    Their size alone tells nothing: a coarser scan of the same is resampled, not turned. Models that look around a
    cell's axis see no slices across k, as scans are stacked along a cell's height, unless its half-planes are stacked:
    across the other axes pixels are slivers then.
    """
    if info.network.dimension == "3d" or 1 in image.grid.array.shape or min(info.voxel_size_um) <= 0:
        return 0

    def misfit(axis: int) -> float:
        _, y, x = turned(Grid.of(image.grid), axis).voxel_size_um
        return round(abs(math.log(y / x * info.voxel_size_um[2] / info.voxel_size_um[1])), 1)

    if info.sections != "around":
        return min((0, 1, 2), key=misfit)
    best = min((1, 2), key=misfit)
    return 0 if misfit(best) > _SLIVER and misfit(0) < misfit(best) else best


def axis_first(place: Place, axis: int) -> Place:
    """A voxel's place (k, j, i) with another axis first."""
    rows, columns = (number for other, number in enumerate(place) if other != axis)
    return place[axis], rows, columns


def _place(numbers: NDArray[Any]) -> Place:
    k, j, i = (int(number) for number in numbers)
    return k, j, i
