"""Overhang read in labels: what a person painted or a network saw, on half-planes or in the whole cell."""

from .cell import LabelClasses, LabelledCell
from .measure import REACH_MM, labelled_table, measure_ends, measure_overhang_labels
from .planes import LabelPlanes, cut_label_planes

__all__ = [
    "REACH_MM",
    "LabelClasses",
    "LabelPlanes",
    "LabelledCell",
    "cut_label_planes",
    "labelled_table",
    "measure_ends",
    "measure_overhang_labels",
]
