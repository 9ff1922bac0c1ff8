"""Where patches lie and how they are turned: drawn at random, and read from a frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from batterycell.segment.settings import Augmentation

# Part of the patches that are turned by up to so much, and scaled by up to so much (a factor's logarithm).
_TURNED, _ANGLE, _ZOOM = 0.3, {"light": 0.15, "strong": math.pi}, {"light": 0.1, "strong": 0.25}


@dataclass(frozen=True)
class Cut:
    """Where a patch lies in a frame, and how it is turned.

    Args:
        corner: Its first voxel (k, j, i).
        shape: Its slices, rows, columns.
        quarters: Quarter turns.
        flips: Whether it is mirrored along slices, rows, columns.
        angle: Turn about its centre before, in radians.
        zoom: Pixels of the frame to a pixel of the patch.
    """

    corner: tuple[int, int, int]
    shape: tuple[int, int, int]
    quarters: int = 0
    flips: tuple[bool, bool, bool] = (False, False, False)
    angle: float = 0.0
    zoom: float = 1.0


def draw_cut(
    corner: tuple[int, int, int], shape: tuple[int, int, int], random: np.random.Generator, kind: Augmentation
) -> Cut:
    """A patch at a place, turned at random.

    Light: a little only, for images that are taken alike: then grain, shadows and curtains always have one direction.
    """
    if kind == "none":
        return Cut(corner, shape)
    quarters, flips = int(random.integers(4)), random.random(3) < 0.5
    turn, zoom, part = random.uniform(-1.0, 1.0), random.uniform(-1.0, 1.0), random.random()
    cut = Cut(corner, shape)
    if part < _TURNED:
        cut = replace(cut, angle=turn * _ANGLE[kind], zoom=math.exp(zoom * _ZOOM[kind]))
    if kind == "light":
        return cut
    return replace(cut, quarters=quarters, flips=(bool(flips[0]), bool(flips[1]), bool(flips[2])))


def cut_patch(image: Any, labels: Any, cut: Cut) -> tuple[Any, Any]:
    """A patch of a frame and its labels.

    Args:
        image: Tensor (channels, slices + 2 margin, rows, columns).
        labels: Tensor (slices, rows, columns), uint8.
        cut: Where and how.

    Returns:
        Tensors (channels, slices of the patch + 2 margin, rows, columns) and (slices, rows, columns).
    """
    import torch

    margin = (image.shape[1] - labels.shape[0]) // 2
    first, last = cut.corner[0], cut.corner[0] + cut.shape[0]
    image, labels = image[:, first : last + 2 * margin], labels[first:last]
    sampled = _upright if cut.angle == 0.0 and cut.zoom == 1.0 else _turned
    image, labels = sampled(image, labels, cut)
    image, labels = (torch.rot90(one, cut.quarters, (-2, -1)) for one in (image, labels))
    axes = [axis for axis, flip in zip((-3, -2, -1), cut.flips, strict=True) if flip]
    return image.flip(axes), labels.flip(axes)


def _upright(image: Any, labels: Any, cut: Cut) -> tuple[Any, Any]:
    _, j, i = cut.corner
    rows, columns = slice(j, j + cut.shape[1]), slice(i, i + cut.shape[2])
    return image[..., rows, columns], labels[..., rows, columns]


def _turned(image: Any, labels: Any, cut: Cut) -> tuple[Any, Any]:
    """Sampled about the patch's centre: grey linearly, mirrored beyond the frame; labels nearest, unknown there."""
    import torch
    from torch.nn.functional import affine_grid, grid_sample

    rows, columns = cut.shape[1:]
    middle = (cut.corner[1] + (rows - 1) / 2, cut.corner[2] + (columns - 1) / 2)
    reach = math.ceil(cut.zoom * math.hypot(rows, columns) / 2) + 1
    low = [max(0, math.floor(centre) - reach) for centre in middle]
    image, labels = (
        one[..., low[0] : low[0] + 2 * reach + 2, low[1] : low[1] + 2 * reach + 2] for one in (image, labels)
    )
    inside = middle[0] - low[0], middle[1] - low[1]
    matrix = torch.tensor([_read_from(cut, inside, image.shape[-2:])], device=image.device)
    grid = affine_grid(matrix, [1, 1, rows, columns], align_corners=False)
    channels = image.reshape(1, -1, *image.shape[-2:])
    grey = grid_sample(channels, grid, "bilinear", "reflection", align_corners=False)
    named = grid_sample(labels[None].to(grey.dtype), grid, "nearest", "zeros", align_corners=False)
    return grey.reshape(*image.shape[:2], rows, columns), named[0].to(labels.dtype)


def _read_from(cut: Cut, middle: tuple[float, float], size: Any) -> list[list[float]]:
    """From a pixel of the patch to where it is read, (2, 3); both run from -1 to 1, over the patch and over the window.

    Args:
        cut: How the patch is turned.
        middle: Its centre, row and column of the window.
        size: Rows and columns of the window.
    """
    cosine, sine = cut.zoom * math.cos(cut.angle), cut.zoom * math.sin(cut.angle)
    rows, columns = cut.shape[1:]
    return [
        [cosine * columns / size[1], -sine * rows / size[1], (2 * middle[1] + 1) / size[1] - 1],
        [sine * columns / size[0], cosine * rows / size[0], (2 * middle[0] + 1) / size[0] - 1],
    ]
