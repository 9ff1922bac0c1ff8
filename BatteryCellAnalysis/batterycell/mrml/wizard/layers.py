"""The labelmaps ("layers") in which Slicer keeps segments, as arrays on the grid of the image, without copies of it.

Segments that do not overlap share one labelmap, each with a value of its own, of the extent that is painted. Slicer's
own function to put a mask into a segment clears all of the segment elsewhere, so blocks are written here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.settle import settle
from batterycell.mrml.volumes import from_vtk_matrix, matrix_of, to_vtk_matrix

from .region import Places, Region
from .segments import REPRESENTATION

# A labelmap lies on the image's voxels within this part of a voxel.
_ON_GRID = 1e-3


@dataclass(frozen=True)
class Layer:
    """One labelmap of a segmentation.

    Args:
        image: The ``vtkOrientedImageData``.
        values: The value of each segment in it, by segment id.
        region: The voxels of the image that it covers; None where nothing is painted.
        array: Its voxels, shape of the region: a view, or a copy where it lies on another grid than the image.
        is_on_grid: Whether it lies on the image's voxels.
    """

    image: Any
    values: dict[str, int]
    region: Region | None
    array: NDArray[Any]
    is_on_grid: bool = True

    def part(self, where: Region | Places) -> tuple[Any, NDArray[Any]] | None:
        """What of some voxels it covers: where in their array that is, and its values there; None for nothing."""
        if self.region is None:
            return None
        if not isinstance(where, Region):
            index, inside = self._index(self.region, where)
            return inside, self.array[index]
        common = self.region.common(where)
        return (common.slices_in(where), self.array[common.slices_in(self.region)]) if common else None

    def put(self, where: Region | Places, values: NDArray[Any]) -> None:
        """Write values where it covers some voxels."""
        if self.region is None:
            return
        if not isinstance(where, Region):
            index, inside = self._index(self.region, where)
            self.array[index] = values[inside]
        elif common := self.region.common(where):
            self.array[common.slices_in(self.region)] = values[common.slices_in(where)]

    def _index(self, region: Region, places: Places) -> tuple[tuple[Any, ...], NDArray[np.bool_]]:
        """Places in its array, of those of some voxels that it covers; and which these are."""
        ones = [1] * (places.ndim - 1)
        index = places - np.array(region.start).reshape(3, *ones)
        inside = np.asarray(np.all((index >= 0) & (index < np.array(region.shape).reshape(3, *ones)), axis=0))
        return tuple(index[:, inside]), inside


def layers_of(segmentation_node: Any) -> Iterator[Layer]:
    """The layers of a segmentation attached to its image."""
    segmentation = segmentation_node.GetSegmentation()
    for index in range(segmentation.GetNumberOfLayers(REPRESENTATION)):
        ids = segmentation.GetSegmentIDsForLayer(index, REPRESENTATION)
        values = {one: int(segmentation.GetSegment(one).GetLabelValue()) for one in ids}
        yield _layer(segmentation_node, segmentation.GetLayerDataObject(index, REPRESENTATION), values)


def count_voxels(segmentation_node: Any, segment_id: str) -> int:
    """Painted voxels of a segment."""
    layers = (layer for layer in layers_of(segmentation_node) if segment_id in layer.values)
    return sum(int(np.count_nonzero(layer.array == layer.values[segment_id])) for layer in layers)


def make_image(array: NDArray[Any], region: Region, ijk_to_ras: NDArray[np.float64]) -> Any:
    """A ``vtkOrientedImageData`` of an array, whose memory it shares, over a region of an image's voxels."""
    from slicer import vtkOrientedImageData

    image = vtkOrientedImageData()
    _put(image, array, region, ijk_to_ras)
    return image


def write_voxels(segmentation_node: Any, codes: NDArray[np.uint8], where: Region | Places, ids: list[str]) -> None:
    """Write labels into voxels of the image; others are not touched.

    Args:
        segmentation_node: The labels of an image.
        codes: One a voxel: 0 clears, n + 1 is the n-th of the ids.
        where: The voxels.
        ids: Ids of the segments that are written; others of their layers are cleared there.
    """
    settle(volume_node_of(segmentation_node))
    segmentation = segmentation_node.GetSegmentation()
    had_surface = segmentation.ContainsRepresentation("Closed surface")
    for layer in layers_of(segmentation_node) if codes.size else ():
        table = np.zeros(len(ids) + 1, layer.array.dtype)
        table[1:] = [layer.values.get(one, 0) for one in ids]
        _write(segmentation_node, layer, table[codes], where)
    if had_surface:
        # Slicer drops surfaces of labelmaps that changed.
        segmentation_node.CreateClosedSurfaceRepresentation()
    # Else views show labels that were empty before only once something else changes.
    segmentation_node.Modified()


def _write(segmentation_node: Any, layer: Layer, values: NDArray[Any], where: Region | Places) -> None:
    region = where if isinstance(where, Region) else Region.around(where)
    is_covered = layer.region is not None and region.common(layer.region) == region
    if not layer.is_on_grid or (values.any() and not is_covered):
        layer = _grown(segmentation_node, layer, region)
    if layer.region is not None:
        layer.put(where, values)
        layer.image.GetPointData().GetScalars().Modified()
        layer.image.Modified()


def _grown(segmentation_node: Any, layer: Layer, region: Region) -> Layer:
    """The layer, its image brought onto the voxels and enlarged so that it covers a region."""
    whole = layer.region.union(region) if layer.region else region
    array = np.zeros(whole.shape, layer.array.dtype)
    if layer.region:
        array[layer.region.slices_in(whole)] = layer.array
    _put(layer.image, array, whole, matrix_of(volume_node_of(segmentation_node)))
    return _layer(segmentation_node, layer.image, layer.values)


def _put(image: Any, array: NDArray[Any], region: Region, ijk_to_ras: NDArray[np.float64]) -> None:
    from vtkmodules.util.numpy_support import numpy_to_vtk

    image.SetImageToWorldMatrix(to_vtk_matrix(ijk_to_ras))
    image.SetExtent(*region.extent)
    scalars = numpy_to_vtk(array.reshape(-1), deep=False)
    scalars.SetName("ImageScalars")
    image.GetPointData().SetScalars(scalars)


def _layer(segmentation_node: Any, image: Any, values: dict[str, int]) -> Layer:
    array = image_array(image)
    if array is None:
        return Layer(image, values, None, np.zeros((0, 0, 0), np.uint8))
    to_grid = np.linalg.inv(matrix_of(volume_node_of(segmentation_node))) @ image_matrix(image)
    shift = np.rint(to_grid[:3, 3]).astype(int)
    if np.abs(to_grid - _shifted(shift)).max() > _ON_GRID:
        # Never in place: an image may lie elsewhere for a moment, until what belongs to it was brought along.
        on_grid = _layer(segmentation_node, _resampled(segmentation_node, image), values)
        return replace(on_grid, image=image, array=on_grid.array.copy(), is_on_grid=False)
    start = tuple((np.array(image.GetExtent()[::2]) + shift)[::-1].tolist())
    return Layer(image, values, Region.at(start, array.shape), array)


def _resampled(segmentation_node: Any, image: Any) -> Any:
    """A labelmap of another grid, such as an imported one, on the image's."""
    from slicer import vtkOrientedImageData, vtkOrientedImageDataResample

    volume_node, result = volume_node_of(segmentation_node), vtkOrientedImageData()
    whole = Region.at((0, 0, 0), tuple(reversed(volume_node.GetImageData().GetDimensions())))
    reference = make_image(np.zeros(whole.shape, np.uint8), whole, matrix_of(volume_node))
    vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(image, reference, result, False)
    return result


def _shifted(shift: NDArray[np.int64]) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, 3] = shift
    return matrix


def image_matrix(image: Any) -> NDArray[np.float64]:
    """The matrix (4, 4) from (i, j, k) of a ``vtkOrientedImageData`` to RAS mm."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    return from_vtk_matrix(matrix)


def image_array(image: Any) -> NDArray[Any] | None:
    """The voxels (k, j, i) of a ``vtkOrientedImageData``, a view; None where it has none."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    scalars = image.GetPointData().GetScalars()
    shape = tuple(reversed(image.GetDimensions()))
    if scalars is None or min(shape) < 1:
        return None
    return np.asarray(vtk_to_numpy(scalars)).reshape(shape)
