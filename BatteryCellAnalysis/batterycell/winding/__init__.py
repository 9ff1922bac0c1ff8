"""The jelly roll: its ends, its pitch, and its sheets on half-planes."""

from .planes import EndPlanes, count_samples, sample_end
from .roll import RollEnd, find_roll_ends
from .sheets import Sheets, find_sheets

__all__ = ["EndPlanes", "RollEnd", "Sheets", "count_samples", "find_roll_ends", "find_sheets", "sample_end"]
