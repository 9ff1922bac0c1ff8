"""What every volume must pass before anything is measured in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.volume import Volume

SMALLEST_SIDE = 16


def check_exists(path: Path) -> None:
    """Refuse a path at which there is nothing.

    Raises:
        InputError: if there is nothing.
    """
    if not path.exists():
        raise InputError("not-found", f"There is no file or folder {path}.", "Check the path.")


def single_image(path: Path) -> InputError:
    """The error for one picture where a volume is needed."""
    return InputError("single-image", f"{path} is a single 2D image.", "Give all slices: a folder or a stack.")


def check_volume(volume: Volume, path: Path, progress: Progress, single: bool = False) -> None:
    """Refuse a volume in which nothing can be measured.

    Args:
        volume: What was read.
        path: Where from.
        progress: Told after every slice.
        single: Whether one slice is enough.

    Raises:
        InputError: if it is a single picture, tiny, constant, or not a number somewhere.
    """
    _check_shape(volume.array.shape, path, single)
    check_values(*_scan(volume, progress), path)


def check_values(low: float, high: float, bad: int, path: Path) -> None:
    """Refuse grey values in which nothing can be seen.

    Args:
        low: The lowest finite one.
        high: The highest.
        bad: How many voxels are no number.
        path: Where from.

    Raises:
        InputError: if they are all the same, or some no number.
    """
    if bad:
        raise InputError(
            "not-finite",
            f"{path} holds {bad} voxels that are no number (NaN or infinite).",
            "Replace them by the grey value of air.",
        )
    if low == high:
        raise InputError("constant", f"Every voxel of {path} is {low:g}.", "It holds no image; export it again.")


def _check_shape(shape: tuple[int, ...], path: Path, single: bool) -> None:
    if shape[0] == 1 and not single:
        raise single_image(path)
    if min(shape[1:] if shape[0] == 1 else shape) < SMALLEST_SIDE:
        sides = " × ".join(map(str, shape))
        raise InputError(
            "too-small", f"{path} is too small: {sides} voxels (z, y, x).", f"It needs {SMALLEST_SIDE} along each axis."
        )


def _scan(volume: Volume, progress: Progress) -> tuple[float, float, int]:
    """Lowest and highest finite value, and the number of voxels that are not finite."""
    low, high, bad, slices = np.inf, -np.inf, 0, len(volume.array)
    for index, image in enumerate(volume.array):
        if volume.array.dtype.kind == "f":
            bad += image.size - int(np.isfinite(image).sum())
        low, high = min(low, float(image.min())), max(high, float(image.max()))
        progress.report((index + 1) / slices, "checking the grey values")
    return low, high, bad
