"""The jelly roll: its ends, its pitch, its sheets on half-planes, and its windings traced around the cell."""

from .path import WINDING_COLUMNS, WindingPlace, Windings
from .planes import EndPlanes, count_samples, sample_end
from .roll import RollEnd, find_roll_ends
from .sheets import Sheets, find_sheets
from .trace import trace_windings, unroll_winding

__all__ = [
    "WINDING_COLUMNS",
    "EndPlanes",
    "RollEnd",
    "Sheets",
    "WindingPlace",
    "Windings",
    "count_samples",
    "find_roll_ends",
    "find_sheets",
    "sample_end",
    "trace_windings",
    "unroll_winding",
]
