"""The overhang of every winding at every angle, as a map."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.overhang.columns import FLAGS
from batterycell.result import negative, readable
from batterycell.tables import Table

from .save import new_figure
from .sentence import finding

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH_PX, _ROW_PX, _LEGEND_PX = 1600, 460, 110
_FEW = 12
_COLORS = "viridis"
_EDGE = "#7A828C"
_OUTLINE_PT = 0.6  # about a negative value
# How what carries no overhang looks, by flag. Every flag must differ in more than its colour.
_UNREAD: dict[str, dict[str, Any]] = {
    "negative-unclear": {"facecolor": palette.ALARM, "hatch": "xxxx", "edgecolor": "black"},
    "no-anode": {"facecolor": "#EBEDF0", "hatch": "", "edgecolor": _EDGE},
    "cathode-unclear": {"facecolor": "#C9CED6", "hatch": "////", "edgecolor": _EDGE},
    "anode-unclear": {"facecolor": "#C9CED6", "hatch": "....", "edgecolor": _EDGE},
    "outside-volume": {"facecolor": "#8E96A1", "hatch": "", "edgecolor": _EDGE},
}
_NEGATIVE: dict[str, Any] = {"facecolor": palette.ALARM, "edgecolor": "black"}


def overhang_map(overhang: Table) -> Figure:
    """Heat maps of the overhang over angle and winding, for each end of the cell and each face of the cathode.

    Negative values are filled in the alarm colour; what could not be read shows why.

    Args:
        overhang: The overhang table.

    Returns:
        A figure 1600 px wide.
    """
    seen = readable(overhang) | negative(overhang)
    ends = [end for end in ("top", "bottom") if (seen & (overhang["end"] == end)).any()]
    figure = new_figure(_WIDTH_PX, _ROW_PX * max(len(ends), 1) + _LEGEND_PX)
    if not ends:
        figure.text(0.5, 0.5, "No overhang could be read.", ha="center", va="center", fontsize=12, color=palette.INK)
        return figure
    grid, norm = _grid(figure, len(ends)), _norm(overhang)
    for (row, end), (column, side) in product(enumerate(ends), enumerate(("outer", "inner"))):
        part = overhang.where((overhang["end"] == end) & (overhang["side"] == side))
        _draw_map(figure.add_subplot(grid[row, column]), part, norm, f"{end.capitalize()} end, {side} anode")
    _draw_colour_bar(figure, figure.add_subplot(grid[:, 2]), norm)
    _draw_legend(figure, overhang)
    return figure


def _grid(figure: Any, rows: int) -> Any:
    from matplotlib.gridspec import GridSpec

    edge = _LEGEND_PX / figure.bbox.height
    return GridSpec(
        rows, 3, figure, width_ratios=(1, 1, 0.025), left=0.05, right=0.94, wspace=0.11,
        bottom=edge + 0.07, top=1 - 0.32 * edge, hspace=0.32,
    )  # fmt: skip


def _norm(overhang: Table) -> Any:
    from matplotlib.colors import Normalize

    values = overhang["overhang_um"][readable(overhang)]
    positive = values[values >= 0]
    low, high = np.percentile(positive, (1, 99)) if positive.size else (0.0, 1.0)
    return Normalize(float(low), float(max(high, low + 1.0)))


def _draw_map(axes: Any, part: Table, norm: Any, name: str) -> None:
    import matplotlib

    values, good, bad = part["overhang_um"], readable(part), negative(part)
    step = _angle_step(part["angle_deg"])
    boxes = _boxes(part["angle_deg"], part["winding"], step)
    colors = matplotlib.colormaps[_COLORS](norm(values))
    _add_boxes(axes, boxes[good & ~bad], facecolor=colors[good & ~bad])
    # A lone value shows by its outline; where many stand side by side, their outlines would hide their colour.
    _add_boxes(axes, boxes[good & bad], linewidths=2 * _OUTLINE_PT, **_NEGATIVE)
    for flag, look in _present(part):
        _add_boxes(axes, boxes[part["flag"] == flag], **look)
    _add_boxes(axes, boxes[good & bad], facecolor=_NEGATIVE["facecolor"])
    _label(axes, part, step)
    axes.set_title(f"{name}: {finding(part)}", loc="left", fontsize=8, color=palette.INK)


def _angle_step(angles: NDArray[np.float64]) -> float:
    different = np.unique(angles)
    return float(np.median(np.diff(different))) if len(different) > 1 else 360.0


def _boxes(angles: NDArray[np.float64], windings: NDArray[np.int64], step: float) -> NDArray[np.float64]:
    """Corners of the cells, shape (rows, 4, 2)."""
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * (step, 1.0)
    return np.asarray(np.column_stack([angles, windings])[:, None, :] + corners)


def _add_boxes(axes: Any, boxes: NDArray[np.float64], **look: Any) -> None:
    from matplotlib.collections import PolyCollection

    if len(boxes):
        axes.add_collection(PolyCollection(list(boxes), **{"linewidths": 0.0, "antialiaseds": False, **look}))


def _present(part: Table) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((flag, look) for flag, look in _UNREAD.items() if (part["flag"] == flag).any())


def _label(axes: Any, part: Table, step: float) -> None:
    axes.set_xlim(-step / 2, 360 - step / 2)
    axes.set_ylim(part["winding"].max() + 0.5, 0.5)
    axes.set_xticks(range(0, 360, 45))
    last = int(part["winding"].max())
    axes.set_yticks(range(1, last + 1) if last <= _FEW else [1, *range(5, last + 1, 5)])
    axes.set_xlabel("angle (°, from +i towards +j)", fontsize=8.5, color=palette.INK)
    if axes.get_subplotspec().is_first_col():
        axes.set_ylabel("winding (1 = outermost)", fontsize=8.5, color=palette.INK)
    axes.tick_params(labelsize=8)
    axes.set_facecolor("white")


def _draw_colour_bar(figure: Any, axes: Any, norm: Any) -> None:
    from matplotlib.cm import ScalarMappable

    bar = figure.colorbar(ScalarMappable(norm, _COLORS), cax=axes, extend="both")
    bar.set_label("overhang (µm)", fontsize=8.5, color=palette.INK)
    bar.ax.tick_params(labelsize=8)


def _draw_legend(figure: Any, overhang: Table) -> None:
    from matplotlib.patches import Patch

    looks = [("negative", _NEGATIVE), *_present(overhang)]
    patches = [
        Patch(**look, label=f"{flag} ({(overhang['flag'] == flag).sum()}) – {FLAGS[flag]}") for flag, look in looks
    ]
    figure.legend(
        handles=patches, loc="lower left", bbox_to_anchor=(0.04, 0.0), ncols=2, fontsize=7, frameon=False,
        handlelength=2.2, handleheight=1.2,
    )  # fmt: skip
