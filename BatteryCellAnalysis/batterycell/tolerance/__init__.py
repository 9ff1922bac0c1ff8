"""Tolerances of a cell: what a file allows, and whether the measured cell keeps to it."""

from .limits import Limit, Tolerances
from .reading import read_tolerances
from .verdict import HARD_RULE, Verdict, judge

__all__ = ["HARD_RULE", "Limit", "Tolerances", "Verdict", "judge", "read_tolerances"]
