"""The one place that speaks MRML: scenes and nodes in, scenes and nodes out, headless and in the desktop."""

from __future__ import annotations

from .bundle import load_scene, save_scene
from .markups import add_alarms, add_ends, add_rulers
from .scene import add_micrometre_unit, close_scene, new_scene
from .tables import add_table, table_from_node
from .transforms import add_upright_transform, frame_from_transform
from .views import show_upright
from .volumes import add_volume, volume_from_node, window_range

__all__ = [
    "add_alarms",
    "add_ends",
    "add_micrometre_unit",
    "add_rulers",
    "add_table",
    "add_upright_transform",
    "add_volume",
    "close_scene",
    "frame_from_transform",
    "load_scene",
    "new_scene",
    "save_scene",
    "show_upright",
    "table_from_node",
    "volume_from_node",
    "window_range",
]
