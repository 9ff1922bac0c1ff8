"""The measurement of one cell, its pieces side by side on the workers of a cluster."""

from .spread import spread_over
from .work import CellRun

__all__ = ["CellRun", "spread_over"]
