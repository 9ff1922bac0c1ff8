"""Draw the close-up of one end of the jelly roll."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.reslice import HalfPlane
from batterycell.volume import UM_PER_MM

from .close_up import CloseUp
from .sentence import finding

_CAPTION_PX = 19
_WALL_MM = 0.8
_SCALE_BAR_MM = 0.5


def draw_close_up(axes: Any, shown: CloseUp, plane: HalfPlane, px_per_mm: float) -> None:
    """Draw a half-plane and the ends found in it.

    Args:
        axes: Matplotlib axes of the right shape.
        shown: What to draw.
        plane: The grey values under it.
        px_per_mm: Pixels of the figure per mm.
    """
    _draw_plane(axes, shown, plane)
    _draw_overhangs(axes, shown)
    _draw_ends(axes, shown)
    _draw_captions(axes, shown, px_per_mm)
    _draw_windings(axes, shown)
    _draw_words(axes, shown, plane.angle_deg)
    _draw_scale_bar(axes, shown, px_per_mm)


def _draw_plane(axes: Any, shown: CloseUp, plane: HalfPlane) -> None:
    from matplotlib.colors import Normalize

    norm = Normalize(*_window(shown, plane), clip=True)
    x, y = plane.radii, plane.heights
    across, along = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2
    box = (x[0] - across, x[-1] + across, y[0] - along, y[-1] + along)
    axes.imshow(plane.image, cmap="gray", norm=norm, extent=box, origin="lower", interpolation="nearest")
    axes.set(xlim=shown.radii, ylim=shown.heights, aspect="auto", facecolor=palette.BACKGROUND)


def _window(shown: CloseUp, plane: HalfPlane) -> tuple[float, float]:
    """Darkest and brightest grey value of the jelly roll, where the can does not glare."""
    inside = plane.radii < shown.can_radius - _WALL_MM
    roll = plane.image[np.ix_((plane.heights - shown.roll_edge) * shown.outward < 0, inside)]
    values = [part[np.isfinite(part)] for part in (plane.image, roll)]
    if not all(part.size for part in values):
        return 0.0, 1.0
    low, high = float(np.percentile(values[0], 1)), float(np.percentile(values[1], 99.5))
    return low, max(low + 1.1 * (high - low), low + 1e-6)


def _draw_overhangs(axes: Any, shown: CloseUp) -> None:
    from matplotlib.collections import LineCollection

    for rows, color, width in (
        (shown.read & ~shown.negative, palette.OVERHANG, 1.4),
        (shown.read & shown.negative, palette.ALARM, 2.8),
    ):
        axes.add_collection(LineCollection(list(shown.lines[rows]), colors=color, linewidths=width, zorder=3))


def _draw_ends(axes: Any, shown: CloseUp) -> None:
    edge = {"edgecolors": "black", "linewidths": 0.4, "zorder": 4}
    anodes, cathodes = (np.unique(ends[shown.read], axis=0) for ends in (shown.anodes, shown.cathodes))
    axes.scatter(*cathodes.T, s=17, color=palette.CATHODE, marker="o", label="cathode end", **edge)
    tip = "^" if shown.outward > 0 else "v"
    axes.scatter(*anodes.T, s=17, color=palette.ANODE, marker=tip, label="anode end", **edge)
    axes.plot([], [], color=palette.OVERHANG, lw=2.5, label="overhang, µm")
    if (shown.read & shown.negative).any():
        axes.plot([], [], color=palette.ALARM, lw=3, label="negative")
    unread = ~shown.read & (shown.rows["flag"] != "no-anode")
    _draw_unread(axes, shown, unread & shown.negative, palette.ALARM, "negative, end unclear")
    _draw_unread(axes, shown, unread & ~shown.negative, "white", "not readable")


def _draw_unread(axes: Any, shown: CloseUp, rows: NDArray[np.bool_], color: str, name: str) -> None:
    """Where something should have been read and was not: at the end that was found."""
    places = np.where(np.isfinite(shown.cathodes), shown.cathodes, shown.anodes)[rows]
    places = places[np.isfinite(places).all(axis=1)]
    if len(places):
        axes.scatter(*places.T, s=34, color=color, marker="x", lw=1.8, zorder=5, label=name)


def _draw_captions(axes: Any, shown: CloseUp, px_per_mm: float) -> None:
    values, lines = shown.rows["overhang_um"], shown.lines
    rows = np.flatnonzero(shown.read)
    taken: list[float] = []
    for row in rows[np.lexsort([lines[rows, 0, 0], ~shown.negative[rows]])]:
        radius = lines[row, 0, 0]
        if all(abs(radius - other) * px_per_mm >= _CAPTION_PX for other in taken):
            taken.append(radius)
            reach = np.max(lines[row, :, 1] * shown.outward) * shown.outward
            _caption(axes, shown, (radius, reach), values[row])


def _caption(axes: Any, shown: CloseUp, place: tuple[float, float], value: float) -> None:
    axes.annotate(
        f"{value:.0f}".replace("-", "−"), place, xytext=(0, 6 * shown.outward), textcoords="offset points",
        rotation=90, ha="center", va="bottom" if shown.outward > 0 else "top", fontsize=6.6,
        color=palette.ALARM if value < 0 else palette.OVERHANG, zorder=6, path_effects=_outline(),
    )  # fmt: skip


def _draw_windings(axes: Any, shown: CloseUp) -> None:
    found = np.isfinite(shown.cathodes).all(axis=1)
    for winding in np.unique(shown.rows["winding"][found]):
        place = shown.cathodes[found & (shown.rows["winding"] == winding)][0]
        axes.annotate(
            str(winding), place, xytext=(0, -7 * shown.outward), textcoords="offset points", fontsize=6.6, ha="center",
            va="top" if shown.outward > 0 else "bottom", color=palette.CATHODE, zorder=6, path_effects=_outline(),
        )  # fmt: skip


def _outline() -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=1.6, foreground="black")]


def _draw_words(axes: Any, shown: CloseUp, angle_deg: float) -> None:
    name = f"{shown.end.capitalize()} end" if shown.end else "Plane"
    axes.set_title(f"{name} at {angle_deg:g}°", loc="left", fontsize=12, weight="bold", color=palette.INK, pad=21)
    axes.text(0, 1.0, finding(shown.rows), transform=axes.transAxes, fontsize=8.5, va="bottom", color=palette.INK)
    numbers = " · orange numbers: winding, 1 is the outermost" if shown.end else ""
    axes.set_xlabel(f"radius (mm){numbers}", fontsize=8.5, color=palette.INK)
    axes.set_ylabel("height (mm)", fontsize=8.5, color=palette.INK)
    axes.locator_params(axis="y", nbins=6, steps=(1, 2, 5, 10))
    axes.tick_params(labelsize=8)
    if shown.end:
        axes.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=6, fontsize=8, framealpha=1.0, edgecolor="none",
            facecolor="#3A4048", labelcolor="white", borderaxespad=0.5, handlelength=1.4, columnspacing=1.4,
        )  # fmt: skip


def _draw_scale_bar(axes: Any, shown: CloseUp, px_per_mm: float) -> None:
    """Under the picture, where it hides nothing."""
    from matplotlib.transforms import blended_transform_factory

    down = 58 / (px_per_mm * (shown.heights[1] - shown.heights[0]))
    right = shown.radii[1]
    where = blended_transform_factory(axes.transData, axes.transAxes)
    axes.plot(
        [right - _SCALE_BAR_MM, right], [-down, -down], color=palette.INK, lw=3.5, solid_capstyle="butt",
        clip_on=False, transform=where, scalex=False, scaley=False,
    )  # fmt: skip
    axes.annotate(
        f"{_SCALE_BAR_MM * UM_PER_MM:.0f} µm", (right - _SCALE_BAR_MM / 2, -down), xycoords=where, xytext=(0, -4),
        textcoords="offset points", ha="center", va="top", fontsize=8, color=palette.INK, annotation_clip=False,
    )  # fmt: skip
