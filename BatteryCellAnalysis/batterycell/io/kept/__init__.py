"""Pieces of long work, kept in a folder, so that another start goes on with them."""

from .keeper import Keeper, identity

__all__ = ["Keeper", "identity"]
