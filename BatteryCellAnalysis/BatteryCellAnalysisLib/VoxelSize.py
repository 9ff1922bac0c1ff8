"""The voxel size of a volume node, in µm and in the order z, y, x."""

from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.mrml import volume_of
from batterycell.mrml.cell import UNROLLED, role_of
from batterycell.mrml.loaded import is_voxel_size_known, set_voxel_size
from batterycell.volume import UM_PER_MM

from .I18n import _

TYPED = "typed in Slicer"


def voxelSizeUm(node: Any) -> tuple[float, float, float]:
    """Voxel size (z, y, x) in µm."""
    x, y, z = (size * UM_PER_MM for size in node.GetSpacing())
    return z, y, x


def setVoxelSizeUm(node: Any, voxelSize: tuple[float, float, float]) -> None:
    """Give a volume node another voxel size (z, y, x) in µm; its directions and its origin stay."""
    set_voxel_size(node, voxelSize, TYPED)


def isVoxelSizeKnown(node: Any) -> bool:
    """Whether somebody said the voxel size, so that no axis has the 1 mm that files without one get."""
    return is_voxel_size_known(node)


def whyNotUsable(node: Any) -> BatteryCellError | None:
    """What is wrong with a volume: no image, colours, vectors, axes that are not at right angles; None for nothing."""
    try:
        volume_of(node)
    except BatteryCellError as error:
        return error
    if role_of(node) == UNROLLED:
        return BatteryCellError("volume-unrolled", _("This is an unrolled cell."), _("Choose the cell's own volume."))
    return None
