"""The page of a lot: its verdicts, the statistics of every quantity, and a chart of those that matter."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import batterycell
from batterycell.pictures.lot_chart import LotChart, lot_chart
from batterycell.pictures.save import save_figure
from batterycell.tables import Table
from batterycell.tolerance import Limit, Tolerances

from .page import data_url, page_colors, template

_KINDS = {"pass": "clear", "fail": "alarm", "cannot tell": "unclear", "not judged": "unclear"}
_MOST_CHARTS = 16
_MOST_CELLS = 400
# Charted where nothing is limited or odd.
_USUAL = (
    "overhang_top_min_um", "overhang_bottom_min_um", "overhang_min_um", "overhang_mean_um", "can_outer_diameter_mm",
    "can_wall_min_um", "can_dent_depth_um", "winding_count", "winding_pitch_um", "core_buckling_um", "inclusion_count",
)  # fmt: skip


class Charted(Protocol):
    """One quantity over the cells, as `batterycell.lot.statistics.Series`."""

    @property
    def name(self) -> str:
        """Machine name."""

    @property
    def title(self) -> str:
        """Name for people."""

    @property
    def units(self) -> str:
        """Its units."""

    @property
    def values(self) -> NDArray[np.float64]:
        """One a cell."""

    @property
    def uncertainty(self) -> NDArray[np.float64]:
        """Half widths of the 95 % intervals."""

    @property
    def limit(self) -> Limit:
        """What is allowed."""

    @property
    def odd(self) -> NDArray[np.bool_]:
        """Cells that lie far from the others."""


@dataclass(frozen=True)
class LotPage:
    """What the page shows.

    Args:
        name: Of the lot.
        table: A row a cell.
        statistics: A row a quantity.
        series: Every quantity over the cells.
        tolerances: What the cells were judged by.
    """

    name: str
    table: Table
    statistics: Table
    series: Sequence[Charted]
    tolerances: Tolerances | None


def write_lot_report(page: LotPage, path: Path) -> None:
    """Write the page of a lot, with its charts inside.

    Args:
        page: What it shows.
        path: The file.
    """
    text = template("lot.html.jinja").render(
        page=page,
        date=datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        version=batterycell.__version__,
        colors=page_colors(),
        verdict=verdict(page),
        cells=[_cell(page, row) for row in range(min(len(page.table), _MOST_CELLS))],
        statistics=[_statistics(page.statistics, row) for row in range(len(page.statistics))],
        charts=_charts(page),
        limited=page.tolerances is not None,
    )
    path.write_text(text, encoding="utf-8")


def verdict(page: LotPage) -> dict[str, str]:
    """The lot in one sentence; ``kind`` is "clear", "unclear" or "alarm"."""
    outcomes = page.table["verdict"].tolist()
    failed = int((page.table["status"] == "failed").sum())
    counts = {name: outcomes.count(name) for name in ("pass", "cannot tell", "fail")}
    words = [f"{count} {name}" for name, count in counts.items() if count]
    if page.tolerances is None:
        words = [f"{counts['fail']} with negative overhang"]
    words += [f"{failed} not measured"] if failed else []
    kind = "alarm" if counts["fail"] else "unclear" if failed or counts["pass"] < len(outcomes) else "clear"
    count = len(outcomes)
    return {"kind": kind, "text": f"{count} cell{'s' if count != 1 else ''}: {', '.join(words) or 'none measured'}."}


def _cell(page: LotPage, row: int) -> dict[str, Any]:
    one = {name: page.table[name][row].item() for name in page.table.data}
    outcome = one["verdict"] or "not measured"
    titles = {series.name: series.title for series in page.series}
    odd = ", ".join(titles[name] for name in one["odd"].split("; ") if name)
    # The badge says already what the verdict's text begins with.
    told = one["verdict_why"].removeprefix(f"{outcome.capitalize()}: ")
    why = " ".join(part for part in (told, one["message"]) if part)
    return {**one, "outcome": outcome, "kind": _KINDS.get(outcome, "unclear"), "odd": odd, "why": why}


def _statistics(table: Table, row: int) -> dict[str, Any]:
    one = {name: table[name][row].item() for name in table.data}
    digits = _digits(one["sd"], one["mean"])
    numbers = {name: _number(one[name], digits) for name in ("mean", "sd", "min", "median", "max")}
    limits = {name: "" if np.isnan(one[name]) else f"{one[name]:g}" for name in ("lower", "upper")}
    return {**one, **numbers, **limits, "cp": _index(one, "cp"), "cpk": _index(one, "cpk")}


def _index(one: dict[str, Any], name: str) -> str:
    if np.isnan(one[name]):
        return ""
    return f"{one[name]:.2f} ({one[f'{name}_low']:.2f} to {one[f'{name}_high']:.2f})".replace("-", "−")


def _digits(sd: float, mean: float) -> int:
    """Decimals that show two digits of the spread from cell to cell."""
    size = sd if np.isfinite(sd) and sd > 0 else abs(mean) / 1000
    return int(np.clip(1 - np.floor(np.log10(size)), 0, 6)) if np.isfinite(size) and size > 0 else 0


def _number(value: float, digits: int) -> str:
    return "–" if np.isnan(value) else f"{value:,.{digits}f}".replace("-", "−")


def _charts(page: LotPage) -> list[dict[str, str]]:
    cells = page.table["cell"].tolist()
    chosen = [one for one in page.series if _matters(one)] or [one for one in page.series if one.name in _USUAL]
    with tempfile.TemporaryDirectory() as folder:
        return [_chart(one, cells, Path(folder) / "chart.png") for one in chosen[:_MOST_CHARTS]]


def _matters(one: Charted) -> bool:
    return bool(np.isfinite(one.limit.lower) or np.isfinite(one.limit.upper) or one.odd.any() or one.name in _USUAL)


def _chart(one: Charted, cells: list[str], path: Path) -> dict[str, str]:
    limit = one.limit
    chart = LotChart(
        one.title, one.units, cells, one.values, one.uncertainty, (limit.lower, limit.upper), limit.nominal, one.odd
    )
    save_figure(lot_chart(chart), path)
    return {"title": one.title, "name": one.name, "image": data_url(path)}
