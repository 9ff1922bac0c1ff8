"""Find the cell's axis and its top, and set it upright."""

from .can import Can, find_can
from .frame import CellFrame
from .turn import AXES, is_identity, is_rigid, move_cell, move_frame, turn, turn_shown
from .upright import Cell, find_cell

__all__ = [
    "AXES",
    "Can",
    "Cell",
    "CellFrame",
    "find_can",
    "find_cell",
    "is_identity",
    "is_rigid",
    "move_cell",
    "move_frame",
    "turn",
    "turn_shown",
]
