"""``batterycell compare``: results of label volumes side by side."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

from batterycell.output import result_folder
from batterycell.progress import Progress

from .options import Subparsers, add_output_options, add_verb

_WRITES = """writes into DIR:
  comparison.csv   one row a quantity and sample: value, interval, and whether it differs from the first sample
  compare.png, report.html, summary.json, provenance.json"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    example = "batterycell compare electrode_new electrode_cycled --out cycling"
    summary = "Hold results of instances or microstructure side by side."
    parser = add_verb(subparsers, "compare", summary, example, _WRITES)
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULT", help="result folders, the reference first")
    add_output_options(parser, default="compare in the current folder")


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Compare, and write the folder; return its summary.

    Raises:
        UsageError: if there is one result only.
    """
    from batterycell.export.compare import compare_folders

    out = args.out or Path("compare")
    with result_folder(out, args.overwrite) as folder:
        _stage, summary = compare_folders(args.results, folder, shlex.join(["batterycell", *args.words]), progress)
    for note in summary["notes"]:
        print(f"batterycell: {note}", file=sys.stderr)
    return {**summary, "folder": str(out)}


def describe(result: dict[str, Any]) -> str:
    """One line a quantity, and where everything is."""
    from batterycell.told import rounded

    from .display import text_table

    names = [one["name"] for one in result["samples"]]
    rows = [
        (name, *("–" if one is None else rounded(*one) for one in found))
        for name, found in result["quantities"].items()
    ]
    return "\n".join([text_table(("quantity", *names), rows), f"Folder: {result['folder']}"])
