"""Every overhang region as one object: drawn on half-planes, followed around the cell, measured."""

from .columns import OBJECT_COLUMNS, OBJECT_PLANE_COLUMNS
from .measure import measure_objects

__all__ = ["OBJECT_COLUMNS", "OBJECT_PLANE_COLUMNS", "measure_objects"]
