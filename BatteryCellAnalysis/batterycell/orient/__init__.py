"""Find the cell's axis and its top, and set it upright."""

from .can import Can, find_can
from .formats import FORMATS, CellFormat, cell_format, cell_notes, nearest_format
from .frame import CellFrame
from .turn import AXES, is_identity, is_rigid, move_cell, move_frame, turn, turn_shown
from .upright import Cell, find_cell

__all__ = [
    "AXES",
    "FORMATS",
    "Can",
    "Cell",
    "CellFormat",
    "CellFrame",
    "cell_format",
    "cell_notes",
    "find_can",
    "find_cell",
    "is_identity",
    "is_rigid",
    "move_cell",
    "move_frame",
    "nearest_format",
    "turn",
    "turn_shown",
]
