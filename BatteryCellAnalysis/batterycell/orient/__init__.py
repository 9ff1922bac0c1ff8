"""Find the cell's axis and its top, and set it upright."""

from .can import Can, find_can
from .frame import CellFrame
from .upright import Cell, find_cell

__all__ = ["Can", "Cell", "CellFrame", "find_can", "find_cell"]
