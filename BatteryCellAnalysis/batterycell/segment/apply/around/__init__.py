"""A model on a whole cylindrical cell: on half-planes around its axis, as people look at the ends of its sheets."""

from .cell import find_round_cell
from .segment import segment_around

__all__ = ["find_round_cell", "segment_around"]
