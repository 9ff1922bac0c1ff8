"""The page of a measured label volume."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.result import ObjectsResult
from batterycell.tables import Table
from batterycell.told import rounded

from .marks import Marks
from .page import data_url, page_colors, template
from .stages import Section, sections

_MOST_FILES, _MOST_LOG = 400, 200
_MOST_ROWS, _MOST_COLUMNS, _MOST_FACTS, _A_ROW = 20, 11, 6, 3
_FACTS = {
    "instances": tuple(
        map(re.compile, ("instances_.+(?<!border)_count", "instances_.+_d50_um", "instances_.+_per_mm[23]"))
    ),
    "microstructure": tuple(
        map(
            re.compile,
            (
                "microstructure_fraction_.+",
                "microstructure_.+_d50_volume_um",
                "microstructure_broken_percent",
                "microstructure_.+_tortuosity_.",
                "microstructure_.+_surface_per_own_um",
            ),
        )
    ),
}
_TABLES = (".csv", ".parquet")
_NOT_SHOWN = ("u_", "box_", "slice")
_PLACES = ("_min", "_max", "r_mm", "a_mm", "s_mm", "i", "j", "k")


def write_objects_report(
    result: ObjectsResult,
    summary: dict[str, Any],
    provenance: dict[str, Any],
    drawn: Sequence[tuple[Path, str, str]],
    folder: Path,
) -> None:
    """Write ``report.html`` into a result folder that holds its pictures.

    Args:
        result: What was measured.
        summary: Of `export.objects.summarize_objects`.
        provenance: As it was written.
        drawn: Picture, caption and stage of each, in order; the stage "" stands for the sample itself.
        folder: Where to write.
    """
    maps = {path.stem: data_url(path) for path in _maps(result, folder)}
    page = template("objects.html.jinja").render(
        summary=summary,
        provenance=provenance,
        colors=page_colors(),
        classes=result.labels.classes,
        pictures=[(data_url(path), caption, stage) for path, caption, stage in drawn],
        sections=_sections(result, maps, folder),
        facts=_facts(result),
        label_notes=result.labels.notes,
        log=result.log[:_MOST_LOG],
        log_count=len(result.log),
        files=provenance["inputs"][:_MOST_FILES],
    )
    (folder / "report.html").write_text(page, encoding="utf-8")


def _facts(result: ObjectsResult) -> list[tuple[str, str]]:
    """The few numbers everybody wants, as (value, meaning)."""
    known = [one for stage in result.stages for one in stage.quantities if np.isfinite(one.value)]
    wanted = [one for pattern in _FACTS[result.recipe.verb] for one in known if pattern.fullmatch(one.name)]
    count = min(_MOST_FACTS, len(wanted) // _A_ROW * _A_ROW) or len(wanted)
    return [(f"{rounded(one.value, one.uncertainty)} {one.units}".rstrip(), one.title) for one in wanted[:count]]


def _sections(result: ObjectsResult, maps: dict[str, str], folder: Path) -> dict[str, Section]:
    """The stages as sections; of the objects the largest, with the measures that people look at first."""
    found = sections(result.stages, maps)
    table = result.table
    if table is None or "instances" not in found or not len(table):
        return found
    return {**found, "instances": replace(found["instances"], tables=[_largest(table, folder)])}


def _largest(table: Table, folder: Path) -> Marks:
    file = next((path.name for path in folder.glob("instances.*") if path.suffix in _TABLES), "instances.csv")
    order = np.argsort(table["voxels"])[::-1] if "voxels" in table.data else np.arange(len(table))
    columns = [column for column in table.columns if not column.name.startswith(_NOT_SHOWN)]
    columns = [column for column in columns if not column.name.endswith(_PLACES)][:_MOST_COLUMNS]
    rows = [tuple(_text(table[column.name][row]) for column in columns) for row in order[:_MOST_ROWS].tolist()]
    heads = [f"{column.title}, {column.units}" if column.units else column.title for column in columns]
    numeric = [table[column.name].dtype.kind in "iuf" for column in columns]
    return Marks("The largest objects", file, heads, rows, numeric, len(table))


def _text(value: Any) -> str:
    if not isinstance(value, float | np.floating):
        return f"{value:,}" if isinstance(value, int | np.integer) else str(value)
    return f"{value:.4g}".replace("-", "−") if np.isfinite(value) else "–"


def _maps(result: ObjectsResult, folder: Path) -> list[Path]:
    names = [one.name for stage in result.stages for one in stage.maps]
    return [folder / f"{name}.png" for name in names if (folder / f"{name}.png").is_file()]
