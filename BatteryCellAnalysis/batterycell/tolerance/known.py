"""The quantities that the stages measure: what a file of tolerances may name."""

from __future__ import annotations

from difflib import get_close_matches

from .limits import EVERY_OVERHANG

# By stage. A test measures a cell and holds that every quantity of it stands here.
QUANTITIES: dict[str, tuple[str, ...]] = {
    "overhang": (
        "overhang_mean_um",
        "overhang_min_um",
        "overhang_max_um",
        "overhang_top_mean_um",
        "overhang_top_min_um",
        "overhang_top_max_um",
        "overhang_bottom_mean_um",
        "overhang_bottom_min_um",
        "overhang_bottom_max_um",
        "overhang_negative_count",
    ),
    "can": (
        "can_outer_diameter_mm",
        "can_inner_diameter_mm",
        "can_wall_mean_um",
        "can_wall_min_um",
        "can_wall_max_um",
        "can_wall_sd_um",
        "can_ovality_percent",
        "can_dent_depth_um",
    ),
    "winding": (
        "winding_count",
        "winding_pitch_um",
        "winding_deviation_max_um",
        "winding_deviation_mean_um",
        "core_buckling_um",
        "gap_max_um",
    ),
    "inclusions": ("inclusion_count", "inclusion_largest_um", "void_count", "void_largest_um"),
}
ENDS = ("top", "bottom", "left", "right")
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
