"""The paint of an image's labels, copied out of the scene at once and put back exactly, overlaps included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.volumes import matrix_of

from .layers import layers_of, make_image
from .region import Region
from .segments import REPRESENTATION


@dataclass(frozen=True)
class StoredLayer:
    """A labelmap of a segmentation.

    Args:
        start: First voxel (k, j, i) of the image that it covers.
        array: Its voxels.
        values: The value of each segment in it, by segment id.
    """

    start: tuple[int, int, int]
    array: NDArray[Any]
    values: dict[str, int]


def store_layers(labels_node: Any) -> list[StoredLayer]:
    """Copies of the layers of an image's labels that hold paint."""
    layers = [layer for layer in layers_of(labels_node) if layer.region is not None]
    return [StoredLayer(layer.region.start, layer.array.copy(), layer.values) for layer in layers if layer.region]


def put_layers(labels_node: Any, layers: Sequence[StoredLayer]) -> None:
    """Give an image's labels stored layers, in place of what is painted; the segments must be there."""
    segmentation = labels_node.GetSegmentation()
    matrix = matrix_of(volume_node_of(labels_node))
    for layer in layers:
        image = make_image(np.ascontiguousarray(layer.array), Region.at(layer.start, layer.array.shape), matrix)
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
