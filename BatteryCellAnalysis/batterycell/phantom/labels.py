"""What each value of a generated label volume means."""

from __future__ import annotations

from enum import IntEnum


class CellLabel(IntEnum):
    """Values of the label volume of a generated cell.

    The anode and the cathode are whole coated sheets: foil and both coatings. ``OVERHANG`` is the part of the anode
    beyond the level at which its neighbouring cathode ends; each half of the sheet's thickness counts against the
    cathode it faces. ``SEPARATOR`` includes the electrolyte between the sheets of the stack.
    """

    OUTSIDE = 0
    CAN = 1
    CATHODE = 2
    ANODE = 3
    SEPARATOR = 4
    OTHER = 5
    OVERHANG = 6
