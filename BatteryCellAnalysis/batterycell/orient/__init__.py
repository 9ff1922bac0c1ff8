"""Find the cell's axis and its top, and set it upright."""

from .frame import CellFrame

__all__ = ["CellFrame"]
