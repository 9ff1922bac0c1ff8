"""The voxel size of a volume node, in µm and in the order z, y, x."""

from typing import Any

from batterycell.volume import UM_PER_MM

_PLACEHOLDER_MM = 1.0


def voxelSizeUm(node: Any) -> tuple[float, float, float]:
    """Voxel size (z, y, x) in µm."""
    x, y, z = (size * UM_PER_MM for size in node.GetSpacing())
    return z, y, x


def setVoxelSizeUm(node: Any, voxelSize: tuple[float, float, float]) -> None:
    """Give a volume node another voxel size (z, y, x) in µm; its directions and its origin stay."""
    z, y, x = (size / UM_PER_MM for size in voxelSize)
    node.SetSpacing(x, y, z)


def isVoxelSizeKnown(node: Any) -> bool:
    """Whether no axis has the 1 mm that Slicer gives to files without a voxel size."""
    return all(size != _PLACEHOLDER_MM for size in node.GetSpacing())
