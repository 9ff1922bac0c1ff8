"""What was found, in words for people: lines of a terminal, and numbers with their uncertainty."""

from __future__ import annotations

from typing import Any

import numpy as np

_LARGE = 1e4


def headline(summary: dict[str, Any]) -> str:
    """The result in one line for people."""
    overhang = summary["overhang"]["all"]
    mean = "no value readable"
    if overhang["mean_um"] is not None:
        mean = f"mean {overhang['mean_um']:.0f}{plus_minus(overhang['u_mean_um'], 0)} µm"
    return (
        f"Overhang: {overhang['n_readable']:,} values, {mean}, {overhang['n_negative']} negative; "
        f"{outer_name(summary)} {rounded(*outer_diameter(summary))} mm"
    )


def outer_name(summary: dict[str, Any]) -> str:
    """What the outer cylinder of a cell is."""
    return "jelly roll" if summary["can"].get("is_jelly_roll") else "can"


def outer_diameter(summary: dict[str, Any]) -> tuple[float | None, float | None]:
    """The outer diameter in mm and its uncertainty, as the can was measured, else as the cell was found."""
    measured, can = summary.get("quantities", {}).get("can_outer_diameter_mm"), summary["can"]
    if measured and measured["value"] is not None:
        return measured["value"], measured["uncertainty"]
    return can["outer_diameter_mm"], can["u_outer_diameter_mm"]


def told_lines(summary: dict[str, Any]) -> list[str]:
    """The result in a few lines for people: the overhang, else every quantity; and the verdict, where there is one."""
    quantities = [quantity_line(name, **one) for name, one in summary.get("quantities", {}).items()]
    verdict = summary.get("verdict")
    lines = [headline(summary)] if "overhang" in summary else quantities
    return [*lines, verdict["text"]] if verdict and is_judged(verdict) else lines


def is_judged(verdict: dict[str, Any]) -> bool:
    """Whether a verdict says more than that nobody asked for one."""
    return bool(verdict["outcome"] != "not judged")


def quantity_line(name: str, value: float | None, uncertainty: float | None, units: str) -> str:
    """A quantity in one line: ``can_wall_mean_um: 251 ± 3 µm``."""
    return f"{name}: {rounded(value, uncertainty)} {units}".rstrip()


def rounded(value: float | None, uncertainty: float | None) -> str:
    """A value with its uncertainty, to the second digit of the uncertainty (JCGM 100:2008, 7.2.6); a dash for none."""
    if value is None or not np.isfinite(value):
        return "–"
    if not uncertainty or not np.isfinite(uncertainty):
        text = f"{value:,.0f}" if value == round(value) or abs(value) >= _LARGE else f"{value:.4g}"
        return text.replace("-", "−")
    is_count = value == round(value) and uncertainty == round(uncertainty)
    digits = 0 if is_count else min(6, int(1 - np.floor(np.log10(uncertainty))))
    value, uncertainty, digits = round(value, digits), round(uncertainty, digits), max(0, digits)
    return f"{value:,.{digits}f} ± {uncertainty:,.{digits}f}".replace("-", "−")


def plus_minus(uncertainty: float | None, digits: int) -> str:
    """`` ± u`` for the end of a number, nothing where there is no uncertainty."""
    return "" if uncertainty is None else f" ± {uncertainty:.{digits}f}"
