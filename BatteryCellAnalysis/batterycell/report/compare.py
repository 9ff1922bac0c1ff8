"""The page of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from batterycell.measured import Stage

from .page import data_url, page_colors, template
from .stages import sections


def write_compare_report(stage: Stage, names: Sequence[str], provenance: dict[str, Any], chart: Path) -> None:
    """Write ``report.html`` beside the charts.

    Args:
        stage: What came of the comparison.
        names: Of the samples.
        provenance: As it was written.
        chart: The charts.
    """
    page = template("compare.html.jinja").render(
        provenance=provenance,
        colors=page_colors(),
        names=names,
        chart=data_url(chart),
        stage=sections([stage], {})[stage.name],
        files=provenance["inputs"],
    )
    (chart.parent / "report.html").write_text(page, encoding="utf-8")
