"""The page of a measured label volume."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from batterycell.result import ObjectsResult

from .page import data_url, page_colors, template
from .stages import sections

_MOST_FILES, _MOST_LOG = 400, 200


def write_objects_report(
    result: ObjectsResult,
    summary: dict[str, Any],
    provenance: dict[str, Any],
    drawn: Sequence[tuple[Path, str]],
    folder: Path,
) -> None:
    """Write ``report.html`` into a result folder that holds its pictures.

    Args:
        result: What was measured.
        summary: Of `export.objects.summarize_objects`.
        provenance: As it was written.
        drawn: Picture and caption of each, in order.
        folder: Where to write.
    """
    maps = {path.stem: data_url(path) for path in _maps(result, folder)}
    page = template("objects.html.jinja").render(
        summary=summary,
        provenance=provenance,
        colors=page_colors(),
        classes=result.labels.classes,
        pictures=[(data_url(path), caption) for path, caption in drawn],
        sections=sections(result.stages, maps),
        label_notes=result.labels.notes,
        log=result.log[:_MOST_LOG],
        log_count=len(result.log),
        files=provenance["inputs"][:_MOST_FILES],
    )
    (folder / "report.html").write_text(page, encoding="utf-8")


def _maps(result: ObjectsResult, folder: Path) -> list[Path]:
    names = [one.name for stage in result.stages for one in stage.maps]
    return [folder / f"{name}.png" for name in names if (folder / f"{name}.png").is_file()]
