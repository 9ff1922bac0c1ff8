"""Objects that the border cuts: which they are, and how the others stand for them without bias."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .join import Tally


def touches_border(found: Tally, shape: tuple[int, int, int], dimension: int) -> NDArray[np.bool_]:
    """Whether each object has a voxel on the volume's border, in 2D on its slice's border; shape (n,)."""
    axes = slice(3 - dimension, 3)
    ends = np.array(shape)[axes] - 1
    return np.asarray(((found.low[:, axes] <= 0) | (found.high[:, axes] >= ends)).any(axis=1))


def border_weights(found: Tally, shape: tuple[int, int, int], dimension: int) -> NDArray[np.float64]:
    """How many objects each one stands for, when those on the border are left out; shape (n,).

    Large objects meet the border more often than small ones, so that leaving them out biases every distribution
    towards the small. Of W voxels along an axis, an object of l voxels lies inside, off the border, in W - l - 1 of
    its W places; the product of W / (W - l - 1) over the axes makes up for the others (minus sampling with the
    weights of Miles 1974 and Lantuéjoul 1978; Serra, Image Analysis and Mathematical Morphology, 1982, ch. VIII).
    The sum of the weights estimates the objects whose first corner lies in the volume. On the border, the weight is 0.
    """
    axes = slice(3 - dimension, 3)
    window = np.array(shape, float)[axes]
    extent = (found.high - found.low + 1)[:, axes]
    places = np.maximum(window - extent - 1, 1)
    weights = np.prod(window / places, axis=1)
    return np.asarray(np.where(touches_border(found, shape, dimension), 0.0, weights))
