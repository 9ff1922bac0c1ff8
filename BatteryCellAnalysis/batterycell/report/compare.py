"""The page of a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batterycell.measured import Stage
from batterycell.tables import Table
from batterycell.told import rounded

from .page import data_url, page_colors, template


@dataclass(frozen=True)
class Row:
    """A quantity in every sample.

    Args:
        title: Name for people.
        name: Machine name.
        units: Of its values.
        cells: Of each sample its value, and "yes", "no", "unknown" or "": whether it differs from the first.
    """

    title: str
    name: str
    units: str
    cells: list[tuple[str, str]]


def write_compare_report(
    stage: Stage, names: Sequence[str], provenance: dict[str, Any], charts: Sequence[tuple[Path, str]], folder: Path
) -> None:
    """Write ``report.html``.

    Args:
        stage: What came of the comparison, with the table ``comparison``.
        names: Of the samples.
        provenance: As it was written.
        charts: Picture and caption of each.
        folder: Where to.
    """
    page = template("compare.html.jinja").render(
        provenance=provenance,
        colors=page_colors(),
        names=names,
        charts=[(data_url(path), caption) for path, caption in charts],
        stage=stage,
        rows=list(_rows(stage.tables["comparison"], names)),
        files=provenance["inputs"],
    )
    (folder / "report.html").write_text(page, encoding="utf-8")


def _rows(table: Table, names: Sequence[str]) -> Iterator[Row]:
    for quantity in dict.fromkeys(table["quantity"].tolist()):
        own = table.where(table["quantity"] == quantity)
        found = {
            sample: (rounded(value, half), differs)
            for sample, value, half, differs in zip(
                *(own[name].tolist() for name in ("sample", "value", "uncertainty", "differs")), strict=True
            )
        }
        cells = [found.get(name, ("–", "")) for name in names]
        yield Row(str(own["title"][0]), quantity, str(own["units"][0]), cells)
