"""Pictures: the cell as Slicer shows it, longitudinal planes with the found ends, and the map of the overhang."""

from __future__ import annotations

from .gl import missing_gl
from .longitudinal import longitudinal_picture
from .overhang_map import overhang_map
from .overview import overview
from .save import save_figure, save_rgb

__all__ = ["longitudinal_picture", "missing_gl", "overhang_map", "overview", "save_figure", "save_rgb"]
