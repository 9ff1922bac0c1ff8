"""Pieces of long work, kept in a folder, so that another start goes on with them."""

from .keeper import VOXELS, Keeper, identity

__all__ = ["VOXELS", "Keeper", "identity"]
