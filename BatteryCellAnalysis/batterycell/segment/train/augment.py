"""How training patches are varied: cheap enough for a CPU, drawn from the step's own random numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.settings import Augmentation

# Part of the patches that are turned by up to so much, and scaled by up to so much (a factor's logarithm).
_TURNED, _ANGLE, _ZOOM = 0.3, {"light": 0.15, "strong": math.pi}, {"light": 0.1, "strong": 0.25}
# Of grey values, in which the 1st and 99th percentile are 2 apart: contrast and gamma (logarithms), brightness, noise.
_CONTRAST, _BRIGHTNESS, _GAMMA, _NOISE = 0.25, 0.25, 0.35, 0.15
_PART_GAMMA, _PART_NOISE, _PART_BLUR = 0.3, 0.3, 0.2
_BLUR = (-0.5, 1.0)  # below 0 it sharpens


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


def vary_grey(images: Any, random: np.random.Generator, kind: Augmentation) -> Any:
    """Other contrast, brightness, gamma, noise and sharpness, so that another scanner's images are no surprise.

    Args:
        images: Tensor (batch, channels, slices, rows, columns), levels applied; each channel varies on its own.
        random: The step's.
        kind: How much.
    """
    if kind == "none":
        return images
    strength = 1.0 if kind == "strong" else 0.4
    images = _contrast(images, random, strength)
    images = _gamma(images, random, strength)
    images = _noise(images, random, strength)
    return _blur(images, random) if kind == "strong" else images


def _contrast(images: Any, random: np.random.Generator, strength: float) -> Any:
    factor = _factors(images, np.exp(_spread(images, random, _CONTRAST * strength)))
    offset = _factors(images, _spread(images, random, _BRIGHTNESS * strength))
    return images * factor + offset


def _gamma(images: Any, random: np.random.Generator, strength: float) -> Any:
    """Power of grey values scaled to 0..1; what lies below 0 keeps its sign."""
    power = _factors(images, np.exp(_spread(images, random, _GAMMA * strength)))
    for index in _some(images, random, _PART_GAMMA):
        unit = (images[index] + 1.0) * 0.5
        images[index] = unit.sign() * unit.abs().clamp_min(1e-6) ** power[index] * 2.0 - 1.0
    return images


def _noise(images: Any, random: np.random.Generator, strength: float) -> Any:
    import torch

    generator = torch.Generator(images.device).manual_seed(int(random.integers(2**62)))
    for index in _some(images, random, _PART_NOISE):
        sigma = random.uniform(0.0, _NOISE * strength)
        images[index] += sigma * torch.randn(images[index].shape, generator=generator, device=images.device)
    return images


def _blur(images: Any, random: np.random.Generator) -> Any:
    from torch.nn.functional import avg_pool2d

    for index in _some(images, random, _PART_BLUR):
        smooth = avg_pool2d(images[index], 3, 1, 1, count_include_pad=False)
        images[index] += random.uniform(*_BLUR) * (smooth - images[index])
    return images


def _some(images: Any, random: np.random.Generator, part: float) -> NDArray[np.int64]:
    return np.flatnonzero(random.random(len(images)) < part)


def _spread(images: Any, random: np.random.Generator, most: float) -> NDArray[np.float64]:
    return np.asarray(random.uniform(-most, most, images.shape[:2]))


def _factors(images: Any, values: NDArray[np.float64]) -> Any:
    """Numbers (batch, channels) as a tensor that multiplies images."""
    import torch

    return torch.from_numpy(values.astype(np.float32)).to(images.device)[:, :, None, None, None]
