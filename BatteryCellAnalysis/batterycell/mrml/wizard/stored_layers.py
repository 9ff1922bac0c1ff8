"""The paint of an image's labels, copied out of the scene at once and put back exactly, overlaps included.

Labelmaps reach from the first to the last painted slice and are mostly empty: only words of eight bytes in which
something is painted are copied, so that copying takes hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.volumes import matrix_of

from .layers import Layer, layers_of, make_image
from .region import Region
from .segments import REPRESENTATION

_WORD = np.dtype(np.uint64)
# Where more words than this part are painted, all of them are copied.
_DENSE = 0.25


@dataclass(frozen=True)
class StoredLayer:
    """A labelmap of a segmentation.

    Args:
        start: First voxel (k, j, i) of the image that it covers.
        shape: Its voxels.
        dtype: NumPy's name of their type.
        values: The value of each segment in it, by segment id.
        places: Which words of the array are kept; empty for all of them.
        words: These words.
        tail: The bytes behind the last whole word.
    """

    start: tuple[int, int, int]
    shape: tuple[int, int, int]
    dtype: str
    values: dict[str, int]
    places: NDArray[np.int64]
    words: NDArray[np.uint64]
    tail: NDArray[np.uint8]

    def unpack(self) -> NDArray[Any]:
        """The voxels, shape (k, j, i)."""
        array = np.zeros(self.shape, self.dtype)
        words, tail = _split(array)
        words[self.places if len(self.places) else slice(None)] = self.words if len(self.words) else 0
        tail[:] = self.tail
        return array


def store_layers(labels_node: Any) -> list[StoredLayer]:
    """Copies of the layers of an image's labels that hold paint."""
    return [_pack(layer, layer.region) for layer in layers_of(labels_node) if layer.region is not None]


def put_layers(labels_node: Any, layers: Sequence[StoredLayer]) -> None:
    """Give an image's labels stored layers, in place of what is painted; the segments must be there."""
    segmentation = labels_node.GetSegmentation()
    matrix = matrix_of(volume_node_of(labels_node))
    for layer in layers:
        image = make_image(layer.unpack(), Region.at(layer.start, layer.shape), matrix)
        for segment_id, value in layer.values.items():
            segment = segmentation.GetSegment(segment_id)
            if segment is not None:
                segment.AddRepresentation(REPRESENTATION, image)
                segment.SetLabelValue(value)
    segmentation.Modified()


def paint_time(labels_node: Any) -> tuple[int, ...]:
    """A stamp that changes whenever somebody paints."""
    segmentation = labels_node.GetSegmentation()
    count = segmentation.GetNumberOfLayers(REPRESENTATION)
    return tuple(int(segmentation.GetLayerDataObject(index, REPRESENTATION).GetMTime()) for index in range(count))


def _pack(layer: Layer, region: Region) -> StoredLayer:
    words, tail = _split(layer.array)
    places = np.flatnonzero(words)
    if len(places) > _DENSE * len(words):
        places = places[:0]
        kept = words.copy()
    else:
        kept = words[places]
    return StoredLayer(region.start, region.shape, layer.array.dtype.str, layer.values, places, kept, tail.copy())


def _split(array: NDArray[Any]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Views of a contiguous array: its whole words, and the bytes behind them."""
    flat = array.reshape(-1).view(np.uint8)
    whole = flat.size // _WORD.itemsize * _WORD.itemsize
    return flat[:whole].view(_WORD), flat[whole:]
