"""Overhang of every winding: cathode and anode ends, sub-voxel, along the sheet, with uncertainty."""

from .columns import FLAGS, NEGATIVE_FLAGS, OVERHANG_COLUMNS, OVERHANG_DTYPES, READABLE_FLAGS
from .labelled import LABELLED_COLUMNS, measure_labelled_overhang
from .measure import measure_overhang

__all__ = [
    "FLAGS",
    "LABELLED_COLUMNS",
    "NEGATIVE_FLAGS",
    "OVERHANG_COLUMNS",
    "OVERHANG_DTYPES",
    "READABLE_FLAGS",
    "measure_labelled_overhang",
    "measure_overhang",
]
