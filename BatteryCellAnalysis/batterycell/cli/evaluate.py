"""``batterycell evaluate``: how well labels agree with a truth."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.output import check_free, result_folder
from batterycell.progress import Progress

from .options import Parser, add_output_options, add_verb

if TYPE_CHECKING:
    from batterycell.segment.data.class_files import StatedClasses

_WRITES = """files or folders: label volumes, segmentations (.seg.nrrd, matched by the names of their segments),
pictures; 0 is unknown and does not count, unless --full.

writes into DIR:
  dice.csv         Dice, IoU, precision and recall of each image and class, and their means
  confusion.csv    which class of the truth was taken for which
  report.html      one file to mail, with pictures of the worst images if --images
  evaluation.json, provenance.json"""


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell evaluate predicted labels --images images --tolerance 2 --out evaluation"
    parser = add_verb(subparsers, "evaluate", "Compare predicted labels with true ones.", example, _WRITES)
    parser.add_argument("prediction", type=Path, metavar="PRED", help="predicted labels, a file or a folder of files")
    truth = "true labels: a file, files of the same names, or a folder of the slices of PRED"
    parser.add_argument("truth", type=Path, metavar="TRUTH", help=truth)
    parser.add_argument("--images", type=Path, metavar="PATH", help="the images themselves, for pictures of the worst")
    parser.add_argument("--slices", action="store_true", help="each slice of a volume counts as an image of its own")
    parser.add_argument("--full", action="store_true", help="0 is background, or the first class, and counts")
    classes = "names of the values 1, 2 ... (e.g. pore,particle), or a classes.json (default: beside TRUTH)"
    parser.add_argument("--classes", metavar="NAMES", help=classes)
    tolerance = "also the Dice of what agrees within so many pixels (edges drawn a little beside)"
    parser.add_argument("--tolerance", type=float, default=0.0, metavar="PX", help=tolerance)
    add_output_options(parser, default="evaluation in the current folder")


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Evaluate, write, and return what was found."""
    from batterycell.report.evaluation_folder import evaluate_to_folder
    from batterycell.segment.evaluate import EvaluateSettings, Reading, dice_grid, find_pairs, summary

    out = args.out or Path("evaluation")
    check_free(out, args.overwrite)
    pairs = find_pairs(args.prediction, args.truth, args.images, args.slices)
    settings = EvaluateSettings(Reading(_classes(args), args.full), _tolerance(args.tolerance))
    with result_folder(out, args.overwrite) as folder:
        evaluation = evaluate_to_folder(pairs, settings, folder, shlex.join(["batterycell", *args.words]), progress)
    tables = {"dice": dice_grid(evaluation)}
    if args.tolerance:
        tables[f"dice within {args.tolerance:g} pixels"] = dice_grid(evaluation, "tolerant_dice")
    return {**summary(evaluation), "tables": tables, "report": str(out / "report.html")}


def describe(result: dict[str, Any]) -> str:
    """The tables, images as rows and classes as columns, and where the report is."""
    parts = [
        f"{title}\n{_table(rows)}" if title != "dice" else _table(rows) for title, rows in result["tables"].items()
    ]
    notes = ["\n".join(result["notes"])] if result["notes"] else []
    return "\n\n".join([*parts, *notes, f"Report: {result['report']}"])


def _table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )


def _tolerance(pixels: float) -> float:
    from batterycell.errors import UsageError

    if not 0 <= pixels <= 20:
        raise UsageError("tolerance", f"--tolerance cannot be {pixels:g}.", "Give 0 to 20 pixels, e.g. 2")
    return pixels


def _classes(args: argparse.Namespace) -> StatedClasses | None:
    """The classes that somebody states: by option, or in a classes.json beside the truth."""
    from batterycell.segment.data.class_files import CLASSES_FILE, StatedClasses, name_classes, read_classes

    if args.classes and args.classes.lower().endswith(".json"):
        return read_classes(Path(args.classes))
    if args.classes:
        return StatedClasses(name_classes(name.strip() for name in args.classes.split(",")), None)
    truth = args.truth if args.truth.is_dir() else args.truth.parent
    beside = (folder / CLASSES_FILE for folder in (truth, truth.resolve().parent))
    return next((read_classes(path) for path in beside if path.is_file()), None)
