"""Overhang of every winding: cathode and anode ends, sub-voxel, along the sheet, with uncertainty."""

from .columns import FLAGS, NEGATIVE_FLAGS, OVERHANG_COLUMNS, OVERHANG_DTYPES, READABLE_FLAGS
from .edges import measure_overhang, overhang_pieces
from .labelled import LabelClasses, LabelledCell, measure_overhang_labels
from .objects import measure_objects

__all__ = [
    "FLAGS",
    "NEGATIVE_FLAGS",
    "OVERHANG_COLUMNS",
    "OVERHANG_DTYPES",
    "READABLE_FLAGS",
    "LabelClasses",
    "LabelledCell",
    "measure_objects",
    "measure_overhang",
    "measure_overhang_labels",
    "overhang_pieces",
]
