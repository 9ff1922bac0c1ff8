"""Pouch and stacked prismatic cells: where the stack lies, its overhang on four sides, its layers' misalignment."""

from .columns import LAYER_COLUMNS, POUCH_FLAGS, POUCH_OVERHANG_COLUMNS, POUCH_OVERHANG_DTYPES
from .find import Pouch, find_pouch
from .kind import find_kind
from .measure import measure_pouch
from .outline import Side

__all__ = [
    "LAYER_COLUMNS",
    "POUCH_FLAGS",
    "POUCH_OVERHANG_COLUMNS",
    "POUCH_OVERHANG_DTYPES",
    "Pouch",
    "Side",
    "find_kind",
    "find_pouch",
    "measure_pouch",
]
