"""Write the folder of a comparison: the table, the charts, the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import batterycell
from batterycell import pictures
from batterycell.errors import UsageError
from batterycell.measured import Quantity, Stage
from batterycell.microstructure import compare
from batterycell.pictures.compare_chart import compare_chart, distributions_chart
from batterycell.progress import Progress
from batterycell.provenance import Sources, describe_files
from batterycell.result import to_json
from batterycell.summary import stage_notes
from batterycell.tables import write_csv

from .objects_read import QUANTITIES_FILE, SampleResult, read_samples, unlike_notes
from .stages import SUMMARY_FILE, seal, write_json

CHART_FILE, DISTRIBUTIONS_FILE = "compare.png", "compare_distributions.png"
# What comes first in people's questions; the charts of others follow.
_FIRST = ("fraction", "d50", "surface", "tortuosity", "broken", "crack", "count")


def compare_folders(
    results: Sequence[Path], folder: Path, command: str, progress: Progress
) -> tuple[Stage, dict[str, Any]]:
    """Compare result folders, and write what came of it into an existing folder.

    Args:
        results: The result folders, the reference first.
        folder: Where to write.
        command: What made it, as it can be typed again.
        progress: Told how far it is.

    Returns:
        The stage of `microstructure.compare`, and the summary, as in ``summary.json``.

    Raises:
        UsageError: if there is one result only.
        InputError: if one is no result folder, or they have nothing in common.
    """
    if len(results) < 2:
        raise UsageError("compare", "One result cannot be compared.", "Give two result folders or more.")
    samples = read_samples(results)
    stage = compare({one.name: one.stages for one in samples})
    stage = replace(stage, notes=(*unlike_notes(samples), *stage.notes))
    return stage, write_compare_folder(samples, stage, folder, command, progress)


def write_compare_folder(
    samples: Sequence[SampleResult], stage: Stage, folder: Path, command: str, progress: Progress
) -> dict[str, Any]:
    """Write a comparison into an existing folder.

    Args:
        samples: What was compared.
        stage: What came of it.
        folder: Where to write.
        command: What made it, as it can be typed again.
        progress: Told how far it is.

    Returns:
        The summary, as in ``summary.json``.
    """
    from batterycell.report.compare import write_compare_report

    for name, table in stage.tables.items():
        write_csv(table, folder / f"{name}.csv")
    progress.report(0.2, "drawing the charts")
    names = [one.name for one in samples]
    charts = _draw(samples, stage, names, folder)
    summary = {
        "batterycell_version": batterycell.__version__,
        "samples": [{"name": one.name, "folder": str(one.folder)} for one in samples],
        "quantities": {
            name: [None if one is None else to_json([one.value, one.uncertainty]) for one in found]
            for name, found in side_by_side(samples).items()
        },
        "notes": stage_notes([stage]),
    }
    write_json(folder / SUMMARY_FILE, summary)
    sources = Sources([one.folder / QUANTITIES_FILE for one in samples], command)
    provenance = seal(describe_files({"verb": "compare"}, sources, progress.part(0.5, 0.8)), None, folder)
    write_compare_report(stage, names, provenance, charts, folder)
    progress.report(1.0, "done")
    return summary


def side_by_side(samples: Sequence[SampleResult]) -> dict[str, list[Quantity | None]]:
    """Every quantity that two samples know, in all of them; the most asked-for first."""
    known = [{one.name: one for one in sample.quantities} for sample in samples]
    names = list(dict.fromkeys(name for found in known for name in found))
    shared = [name for name in names if sum(_is_known(found.get(name)) for found in known) > 1]
    ordered = sorted(shared, key=_place)
    return {name: [found.get(name) for found in known] for name in ordered}


def _is_known(one: Quantity | None) -> bool:
    return one is not None and bool(np.isfinite(one.value))


def _draw(samples: Sequence[SampleResult], stage: Stage, names: Sequence[str], folder: Path) -> list[tuple[Path, str]]:
    """Draw the quantities, and the distributions on top of each other; returns files and captions."""
    found = side_by_side(samples)
    drawn = []
    if found:
        pictures.save_figure(compare_chart(names, found), folder / CHART_FILE)
        drawn.append((folder / CHART_FILE, "Quantities that at least two samples have, with their 95 % intervals."))
    overlays = distributions_chart(stage.tables, names)
    if overlays is not None:
        pictures.save_figure(overlays, folder / DISTRIBUTIONS_FILE)
        drawn.append((folder / DISTRIBUTIONS_FILE, "Distributions of all samples."))
    return drawn


def _place(name: str) -> int:
    return next((n for n, word in enumerate(_FIRST) if word in name), len(_FIRST))
