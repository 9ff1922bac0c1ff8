"""The folder of an evaluation: tables, pictures, the page, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from batterycell.progress import Progress
from batterycell.provenance import Sources, describe_files, input_files
from batterycell.segment.evaluate import EvaluateSettings, Evaluation, Pair, evaluate_pairs, worst_slices, write_tables

from .evaluation import write_evaluation_report

_EVALUATED, _TABLES = 0.8, 0.85


def evaluate_to_folder(
    pairs: Sequence[Pair], settings: EvaluateSettings, folder: Path, command: str, progress: Progress
) -> Evaluation:
    """Evaluate predictions and write everything that is known of it.

    Writes ``dice.csv``, ``confusion.csv``, ``evaluation.json``, ``report.html``, ``provenance.json``, and pictures of
    the worst slices where images are at hand.

    Args:
        pairs: Predictions and truths.
        settings: What is measured.
        folder: Where to; it exists.
        command: What made it, as it can be typed again.
        progress: Told how far it is.

    Raises:
        InputError: if a file cannot be read, or two do not belong together.
    """
    evaluation = evaluate_pairs(pairs, settings, progress.part(0.0, _EVALUATED))
    write_tables(evaluation, folder)
    paths = [path for pair in pairs for path in (pair.prediction, pair.truth, pair.image) if path is not None]
    sources = Sources([file for path in paths for file in input_files(path)], command)
    provenance = describe_files(_recipe(settings), sources, progress.part(_EVALUATED, _TABLES))
    text = json.dumps(provenance, indent=2, ensure_ascii=False) + "\n"
    (folder / "provenance.json").write_text(text, encoding="utf-8")
    progress.report(_TABLES, "drawing the worst slices")
    write_evaluation_report(evaluation, worst_slices(evaluation, pairs), provenance, folder)
    return evaluation


def _recipe(settings: EvaluateSettings) -> dict[str, Any]:
    stated = settings.reading.classes
    names = [one.name for one in stated.classes] if stated else []
    return {"full": settings.reading.full, "tolerance_px": settings.tolerance_px, "classes": names}
