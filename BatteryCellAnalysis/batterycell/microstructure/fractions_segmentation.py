"""What the model's doubt makes of fractions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.slabs import SlabSource

# `batterycell segment --uncertainty` writes u = 100 (1 - (p - q)) of the two likeliest classes; with p + q = 1 the
# label is wrong with probability u / 200. In 95 % of cases a threshold common to all voxels lies above this.
_LOWEST = 0.025
# The other class of a voxel in doubt is one that lies this near.
_REACH = 2


def doubtful_shares(labels: SlabSource, doubt: SlabSource, classes: tuple[int, ...]) -> dict[int, tuple[float, float]]:
    """By how much of all labelled voxels each class may be too large, and too small.

    The errors of a model are not independent from voxel to voxel: a boundary that is drawn too far out is so along all
    its length. The bounds are those of errors that all go the same way: all voxels leave a class whose chance to be of
    another is above 2.5 %, or all such voxels of others within two voxels of the class join it. They are the ends
    of the interval that thresholds of 2.5 % and 97.5 % on the class's probability would span.

    Args:
        labels: The classes, shape (k, j, i).
        doubt: What the model's doubt is in percent, on the same voxels: 0 sure, 100 two classes equally likely.
        classes: Their values.

    Raises:
        InputError: if doubt is not on the labels' grid.
    """
    if doubt.shape != labels.shape:
        sizes = " and ".join(" × ".join(map(str, one.shape)) for one in (doubt, labels))
        hint = "Give the uncertainty that was written with these labels."
        raise InputError("uncertainty-shape", f"Uncertainty and labels differ in size: {sizes} voxels.", hint)
    lost, gained, named = (dict.fromkeys(classes, 0) for _ in range(3))
    for ours, theirs in zip(labels.slabs(1 << 22), doubt.slabs(1 << 22), strict=True):
        unsure = theirs.array > 200 * _LOWEST
        for value in classes:
            own = ours.array == value
            named[value] += int(own.sum())
            lost[value] += int((own & unsure).sum())
            gained[value] += int((unsure & ~own & _near(own)).sum())
    total = max(1, sum(named.values()))
    return {value: (lost[value] / total, gained[value] / total) for value in classes}


def _near(own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Voxels that have one of a class within reach, in their slice."""
    from scipy.ndimage import maximum_filter1d

    near = own.view(np.uint8)
    for axis in (1, 2):
        near = maximum_filter1d(near, 2 * _REACH + 1, axis=axis, mode="constant")
    return np.asarray(near).view(bool)
