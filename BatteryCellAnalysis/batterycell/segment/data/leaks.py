"""Frames of one image that lie upon each other: what validates in one must not train in another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.samples import Dataset, Sample
from batterycell.volume import Volume

from .grid import Grid, sample_labels

# Pixels around one that validates which do not train; the blocks of a divided frame are further apart.
_GAP = 2


def without_leaks(dataset: Dataset, places: Mapping[int, Grid]) -> Dataset:
    """The dataset without training labels on, or within a few pixels of, pixels of the same image that validate.

    Of frames that were divided, what validates on the next slice counts too; whoever makes neighbouring slices training
    and validation frames by hand chose so.

    Args:
        dataset: Samples, the mixed ones divided.
        places: Where the pixels of a sample lie, by the ``id`` of its image.
    """
    counts = Counter(id(sample.image) for sample in dataset.samples)
    looked = [_Placed(one, places[id(one.image)], counts[id(one.image)] > 1) for one in dataset.samples]
    judges = [one for one in looked if one.sample.role == "validation" and one.sample.labels.any()]
    return replace(dataset, samples=tuple(one.without(judges) for one in looked))


@dataclass(frozen=True)
class _Placed:
    """A sample, where it lies, and whether it is half of a divided frame."""

    sample: Sample
    grid: Grid
    is_half: bool

    def without(self, judges: list[_Placed]) -> Sample:
        """The sample; if it trains, without labels where a judge validates."""
        labels = self.sample.labels
        for judge in judges:
            if self.sample.role == "training" and judge._may_meet(self):
                claimed = judge._claims(self.grid, self.is_half and judge.is_half)
                labels = np.where(claimed, np.uint8(0), labels)
        return self.sample if labels is self.sample.labels else replace(self.sample, labels=labels)

    def _may_meet(self, other: _Placed) -> bool:
        """Whether two frames could lie upon each other; halves of one were divided from each other already."""
        if self.sample.source != other.sample.source or self.sample.image is other.sample.image:
            return False
        corners = other.grid.corners @ np.linalg.inv(self.grid.ijk_to_ras).T
        low, high = corners.min(0)[:3], corners.max(0)[:3]
        near = np.array([_GAP, _GAP, 1.0])
        return bool(np.all((high >= -0.5 - near) & (low <= np.array(self.grid.shape[::-1]) - 0.5 + near)))

    def _claims(self, grid: Grid, next_slices: bool) -> NDArray[np.bool_]:
        """Which voxels of a grid lie on, or near, labels of this sample."""
        from scipy.ndimage import maximum_filter

        reach = np.array([int(next_slices), _GAP, _GAP])
        padded = np.pad(self.sample.labels > 0, np.stack([reach, reach], 1))
        near = maximum_filter(padded.astype(np.uint8), tuple((2 * reach + 1).tolist()))
        matrix = self.grid.ijk_to_ras.copy()
        matrix[:3, 3] -= matrix[:3, :3] @ reach[::-1]
        return sample_labels(Volume(near, matrix, "", self.sample.source), grid) > 0
