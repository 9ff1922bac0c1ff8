"""The labelmaps ("layers") in which Slicer keeps segments, brought onto one grid whatever grid each of them has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.volume import Volume

from .volumes import to_vtk_matrix
from .wizard.layers import image_array, image_matrix
from .wizard.segments import REPRESENTATION

# A labelmap lies on the grid's voxels within this part of a voxel.
_ON_GRID = 1e-3


@dataclass(frozen=True)
class GridLayer:
    """One labelmap, on the voxels of a grid.

    Args:
        start: Its first voxel (k, j, i) on the grid; may lie outside.
        array: Its voxels.
        values: Its value of each segment, by segment id.
    """

    start: tuple[int, int, int]
    array: NDArray[Any]
    values: dict[str, int]

    def put_into(self, labels: NDArray[Any], first: int, last: int, ids: list[str]) -> None:
        """Write its segments into slices of labels.

        Args:
            labels: Shape (k, j, i); what is nothing here stays.
            first: First slice.
            last: Slice after the last.
            ids: Segments in order; the n-th becomes n + 1.
        """
        low = np.maximum(self.start, (first, 0, 0))
        high = np.minimum(np.add(self.start, self.array.shape), (last, *labels.shape[1:]))
        if (low >= high).any():
            return
        part = self.array[tuple(slice(*pair) for pair in zip(low - self.start, high - self.start, strict=True))]
        table = np.zeros(int(part.max(initial=0)) + 1, labels.dtype)
        for segment_id, value in self.values.items():
            if 0 < value < len(table):
                table[value] = ids.index(segment_id) + 1
        target = labels[tuple(slice(*pair) for pair in zip(low, high, strict=True))]
        np.maximum(target, table[part], out=target)


def layers_on(segmentation_node: Any, grid: Volume) -> Iterator[GridLayer]:
    """The layers of a segmentation on a grid; one that lies on no voxels of it is resampled, the nearest counts."""
    segmentation = segmentation_node.GetSegmentation()
    for image, values in _images(segmentation):
        shift = np.linalg.inv(grid.ijk_to_ras) @ image_matrix(image)
        rest = shift - np.eye(4)
        rest[:3, 3] -= np.rint(rest[:3, 3])
        if np.abs(rest).max() > _ON_GRID:
            image = _resampled(image, grid)
            shift = np.linalg.inv(grid.ijk_to_ras) @ image_matrix(image)
        array = image_array(image)
        if array is not None:
            k, j, i = (np.rint(shift[:3, 3]).astype(int) + image.GetExtent()[::2])[::-1].tolist()
            yield GridLayer((k, j, i), array, values)


def reference_grid(segmentation_node: Any) -> tuple[tuple[int, int, int], NDArray[np.float64]]:
    """Shape (k, j, i) and geometry (4, 4) of the image that a segmentation was made in, or of what it covers.

    Raises:
        InputError: if it holds no labelmaps.
    """
    import slicer
    from vtkmodules.vtkCommonCore import vtkStringArray

    segmentation, image = segmentation_node.GetSegmentation(), slicer.vtkOrientedImageData()
    text = segmentation.GetConversionParameter("Reference image geometry")
    if not text or not slicer.vtkSegmentationConverter.DeserializeImageGeometry(text, image, False):
        text = segmentation.DetermineCommonLabelmapGeometry(segmentation.EXTENT_UNION_OF_SEGMENTS, vtkStringArray())
        if not text or not slicer.vtkSegmentationConverter.DeserializeImageGeometry(text, image, False):
            message = f"The segmentation {segmentation_node.GetName()} is empty."
            raise InputError("labels-empty", message, "Choose one in which something is painted.")
    extent, matrix = image.GetExtent(), image_matrix(image)
    matrix[:3, 3] += matrix[:3, :3] @ extent[::2]
    k, j, i = (last - first + 1 for first, last in zip(extent[::2][::-1], extent[1::2][::-1], strict=True))
    return (k, j, i), matrix


def _images(segmentation: Any) -> Iterator[tuple[Any, dict[str, int]]]:
    for index in range(segmentation.GetNumberOfLayers(REPRESENTATION)):
        ids = segmentation.GetSegmentIDsForLayer(index, REPRESENTATION)
        values = {one: int(segmentation.GetSegment(one).GetLabelValue()) for one in ids}
        yield segmentation.GetLayerDataObject(index, REPRESENTATION), values


def _resampled(image: Any, grid: Volume) -> Any:
    from slicer import vtkOrientedImageData, vtkOrientedImageDataResample
    from vtkmodules.vtkCommonCore import VTK_UNSIGNED_CHAR

    reference, result = vtkOrientedImageData(), vtkOrientedImageData()
    reference.SetImageToWorldMatrix(to_vtk_matrix(grid.ijk_to_ras))
    reference.SetDimensions(*reversed(grid.array.shape))
    reference.AllocateScalars(VTK_UNSIGNED_CHAR, 1)
    vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(image, reference, result, False)
    return result
