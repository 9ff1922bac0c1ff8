"""Pictures: scenes as Slicer shows them, longitudinal planes with the found ends, and the map of the overhang."""

from __future__ import annotations

from .gl import missing_gl
from .longitudinal import longitudinal_picture
from .map_picture import map_picture
from .overhang_map import overhang_map
from .overview import overview, volume_overview
from .ruler_shot import ruler_shot
from .save import save_figure, save_rgb
from .shots import Shot, layout_shot, picture_size, save_shot, view_names, view_shot

__all__ = [
    "Shot",
    "layout_shot",
    "longitudinal_picture",
    "map_picture",
    "missing_gl",
    "overhang_map",
    "overview",
    "picture_size",
    "ruler_shot",
    "save_figure",
    "save_rgb",
    "save_shot",
    "view_names",
    "view_shot",
    "volume_overview",
]
