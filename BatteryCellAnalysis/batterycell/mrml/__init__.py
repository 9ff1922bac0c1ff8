"""The one place that speaks MRML: scenes and nodes in, scenes and nodes out, headless and in the desktop."""

from __future__ import annotations

from .bundle import load_scene, save_scene
from .cell import attach, attached, cell_of, detach, input_path, put_under, set_cell, volume_of
from .markups import add_alarms, add_ends, add_rulers
from .names import keep_loadable
from .results import add_result, is_measured, overhang_node, recipe_of, remove_result, result_of
from .scene import close_scene, new_scene
from .settle import settle
from .stages import add_stages, remove_stages, stage_nodes, stages_of
from .standing import foreign_transform, is_hardened, orientation_of, shown_matrix, standing_of, stands_upright
from .tables import add_table, table_from_node
from .tolerances import set_tolerances, tolerances_of
from .transforms import (
    add_upright_transform,
    frame_from_transform,
    harden_orientation,
    put_back,
    set_upright,
    turn_cell,
)
from .views import show_upright
from .volumes import add_volume, volume_from_node, window_range

__all__ = [
    "add_alarms",
    "add_ends",
    "add_result",
    "add_rulers",
    "add_stages",
    "add_table",
    "add_upright_transform",
    "add_volume",
    "attach",
    "attached",
    "cell_of",
    "close_scene",
    "detach",
    "foreign_transform",
    "frame_from_transform",
    "harden_orientation",
    "input_path",
    "is_hardened",
    "is_measured",
    "keep_loadable",
    "load_scene",
    "new_scene",
    "orientation_of",
    "overhang_node",
    "put_back",
    "put_under",
    "recipe_of",
    "remove_result",
    "remove_stages",
    "result_of",
    "save_scene",
    "set_cell",
    "set_tolerances",
    "set_upright",
    "settle",
    "show_upright",
    "shown_matrix",
    "stage_nodes",
    "stages_of",
    "standing_of",
    "stands_upright",
    "table_from_node",
    "tolerances_of",
    "turn_cell",
    "volume_from_node",
    "volume_of",
    "window_range",
]
