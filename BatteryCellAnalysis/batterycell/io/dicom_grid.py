"""Where DICOM slices lie: their order, their distance, their geometry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError

from .checks import single_image
from .sizes import StatedSize

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
# Distances that differ by more than this part of a slice are a gap.
_UNEVEN = 0.1


@dataclass(frozen=True)
class Slice:
    """One DICOM file.

    Args:
        path: The file.
        header: Its data set, without pixels.
    """

    path: Path
    header: Any

    @property
    def rescale(self) -> tuple[float, float]:
        """Slope and intercept from stored values to grey values."""
        return float(self.header.get("RescaleSlope", 1)), float(self.header.get("RescaleIntercept", 0))

    @property
    def value_range(self) -> tuple[float, float]:
        """Lowest and highest grey value that the slice could hold."""
        bits, signed = int(self.header.BitsStored), int(self.header.get("PixelRepresentation", 0))
        stored = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
        slope, intercept = self.rescale
        low, high = sorted(value * slope + intercept for value in stored)
        return low, high

    @property
    def position(self) -> NDArray[np.float64]:
        """Centre of the first voxel, LPS mm, shape (3,)."""
        return np.array(self.header.ImagePositionPatient, float)

    @property
    def axes(self) -> NDArray[np.float64]:
        """Unit vectors along rows (+i) and columns (+j), LPS, shape (2, 3)."""
        return np.array(self.header.ImageOrientationPatient, float).reshape(2, 3)


def order_by_position(slices: list[Slice]) -> list[Slice]:
    """The slices in the order of their positions along the stack.

    Raises:
        InputError: if positions are absent, doubled or leave a gap, or there is only one slice.
    """
    for each in slices:
        _check_placed(each)
    if len(slices) == 1:
        raise single_image(slices[0].path)
    normal = np.cross(*slices[0].axes)
    ordered = sorted(slices, key=lambda each: float(each.position @ normal))
    _check_even(ordered, np.array([each.position @ normal for each in ordered]))
    return ordered


def make_grid(slices: list[Slice]) -> tuple[NDArray[np.float64], StatedSize]:
    """The geometry (4, 4) of ordered slices, in mm, and what they say about the voxel size.

    Without a pixel size the geometry is right but for the lengths of its first two columns.
    """
    spacing = slices[0].header.get("PixelSpacing")
    row_distance, column_distance = map(float, spacing or (1.0, 1.0))
    step = (slices[-1].position - slices[0].position) / (len(slices) - 1)
    i_axis, j_axis = slices[0].axes
    matrix = np.eye(4)
    matrix[:3] = np.column_stack([i_axis * column_distance, j_axis * row_distance, step, slices[0].position])
    if not spacing:
        return LPS_TO_RAS @ matrix, StatedSize(source="its DICOM headers have no PixelSpacing")
    z, y, x = float(np.linalg.norm(step)) * 1000.0, row_distance * 1000.0, column_distance * 1000.0
    return LPS_TO_RAS @ matrix, StatedSize((z, y, x), "DICOM headers")


def _check_placed(each: Slice) -> None:
    header = each.header
    if not header.get("ImagePositionPatient") or not header.get("ImageOrientationPatient"):
        message = f"{each.path} does not say where its slice lies (ImagePositionPatient)."
        raise InputError("dicom-no-position", message, "Export the volume as TIFF or NRRD instead.")
    if int(header.get("NumberOfFrames", 1)) > 1:
        raise InputError(
            "dicom-frames", f"{each.path} holds many frames.", "Export the volume as TIFF or NRRD instead."
        )


def _check_even(slices: list[Slice], heights: NDArray[np.float64]) -> None:
    steps = np.diff(heights)
    usual = float(np.median(steps))
    for before, after, step in zip(slices, slices[1:], steps, strict=False):
        names = f"{before.path.name} and {after.path.name}"
        if step <= _UNEVEN * usual:
            message = f"{before.path.parent}: {names} lie at the same position."
            raise InputError("slice-twice", message, "Remove one of the two.")
        if abs(step - usual) > _UNEVEN * usual:
            message = (
                f"{before.path.parent}: a slice is missing between {names} ({step:.4g} mm apart, not {usual:.4g})."
            )
            raise InputError("slice-missing", message, "Add what is missing.")
