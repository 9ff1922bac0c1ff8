"""The quantities that the stages measure: what a file of tolerances may name."""

from __future__ import annotations

from difflib import get_close_matches

from .limits import EVERY_OVERHANG

_OVERHANG = tuple(
    f"overhang_{end}{what}"
    for end in ("", "top_", "bottom_")
    for what in ("mean_um", "sd_um", "min_um", "max_um", "count", "negative_count")
)
_ENDS = tuple(
    f"overhang_{end}_{what}"
    for end in ("top", "bottom")
    for what in ("tilt_mean_deg", "tilt_sd_deg", "base_deviation_max_um", "windings_count")
)
_EDGES = ("x_minus", "x_plus", "y_minus", "y_plus")
# By stage. A test measures cells and holds that every quantity of theirs stands here.
QUANTITIES: dict[str, tuple[str, ...]] = {
    "overhang": (*_OVERHANG, *_ENDS),
    "can": (
        "can_outer_diameter_mm",
        "can_inner_diameter_mm",
        "can_largest_diameter_mm",
        "can_smallest_diameter_mm",
        "can_ovality_percent",
        "can_eccentricity",
        "can_wall_mean_um",
        "can_wall_min_um",
        "can_wall_max_um",
        "can_wall_sd_um",
        "can_dent_depth_um",
        "can_dent_height_mm",
        "can_dent_angle_deg",
        "can_dent_count",
        "can_groove_height_mm",
        "can_groove_depth_um",
        "can_tilt_deg",
        "can_straightness_um",
    ),
    "winding": (
        "winding_count",
        "winding_turns",
        "winding_pitch_um",
        "winding_pitch_sd_um",
        "winding_deviation_mean_um",
        "winding_deviation_max_um",
        "winding_deviation_sd_um",
        "winding_deviation_oval_mean_um",
        "core_buckling_um",
        "core_bulge_um",
        "gap_max_um",
        "gap_count",
    ),
    "inclusions": (
        "inclusion_count",
        "inclusion_largest_um",
        "inclusion_detectable_um",
        "void_count",
        "void_largest_um",
    ),
    "objects": (
        "objects_top_count",
        "objects_bottom_count",
        "objects_arc_mean_um",
        "objects_major_axis_mean_um",
        "objects_sheet_area_mm2",
    ),
    "pouch": (
        "pouch_cathode_count",
        "pouch_anode_count",
        "pouch_pitch_um",
        "pouch_misalignment_max_um",
        "pouch_rotation_max_deg",
        *(f"overhang_{edge}_{what}" for edge in _EDGES for what in ("min_um", "mean_um")),
    ),
}
# For which part of a cell every overhang can be limited, and how the overhang tables of wound cells and of stacks
# name it.
ENDS = {"top": "top", "bottom": "bottom", "x_minus": "x-", "x_plus": "x+", "y_minus": "y-", "y_plus": "y+"}
ROWS = (EVERY_OVERHANG, *(f"{EVERY_OVERHANG}.{end}" for end in ENDS))
_STAGES = {name: stage for stage, names in QUANTITIES.items() for name in names}
_CLOSE = 0.5


def is_known(name: str) -> bool:
    """Whether a file of tolerances may name it."""
    return name in _STAGES or name in ROWS


def stage_of(name: str) -> str:
    """The stage that measures a quantity; "" where it is not known."""
    return _STAGES.get(name, "overhang" if name in ROWS else "")


def did_you_mean(name: str, names: tuple[str, ...] = ()) -> str:
    """A hint for a name that is not known: the nearest ones, else where all names stand."""
    found = get_close_matches(name, names or (*_STAGES, *ROWS), n=2, cutoff=_CLOSE)
    if found:
        return f"Did you mean {' or '.join(found)}?"
    if names:
        return f"Known are {', '.join(names)}."
    return "Every result folder lists the names in quantities.csv; docs/tolerances.md describes the file."
