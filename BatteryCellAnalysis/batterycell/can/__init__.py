"""The can: diameters, wall, ovality, dents, groove, on a slice and on the volume."""

from .columns import DENT_COLUMNS, FEATURE_COLUMNS, SECTION_COLUMNS
from .stage import measure_can

__all__ = ["DENT_COLUMNS", "FEATURE_COLUMNS", "SECTION_COLUMNS", "measure_can"]
