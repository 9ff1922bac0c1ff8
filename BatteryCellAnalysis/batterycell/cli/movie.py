"""``batterycell movie``: X-ray movies of electrode particles, from frames to lithium maps and the law behind them."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import ModuleType
from typing import Any

from batterycell.progress import Progress

from . import movie_chemistry, movie_invert, movie_kinetics
from .options import Subparsers, add_group

# Each adds its words by ``add_kinds(kinds)``, and runs by ``run(args, progress)``.
_MODULES: dict[str, ModuleType] = {
    "prepare": movie_chemistry,
    "chemistry": movie_chemistry,
    "kinetics": movie_kinetics,
    "invert": movie_invert,
}


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    kinds = add_group(subparsers, "movie", "Read X-ray movies of particles pixel by pixel.", movie_chemistry.EXAMPLE)
    for module in dict.fromkeys(_MODULES.values()):
        module.add_kinds(kinds)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Do what was asked for, write its folder; return its summary."""
    found: dict[str, Any] = _MODULES[args.kind].run(args, progress)
    return found


def describe(result: dict[str, Any]) -> str:
    """The quantities as a table, and where everything is."""
    from batterycell.told import rounded

    from .display import text_table

    titles = _titles(Path(result["folder"]) / "quantities.csv")
    found = result["quantities"].items()
    rows = [(titles.get(name, name), rounded(one["value"], one["uncertainty"]), one["units"]) for name, one in found]
    return "\n".join([text_table(("quantity", "value ± 95 %", "unit"), rows), f"Folder: {result['folder']}"])


def _titles(path: Path) -> dict[str, str]:
    """What quantities are called for people."""
    from batterycell.measured import QUANTITY_COLUMNS
    from batterycell.tables import read_csv

    table = read_csv(path, QUANTITY_COLUMNS, dict.fromkeys(("quantity", "title", "units", "description"), str))
    return dict(zip(table["quantity"].tolist(), table["title"].tolist(), strict=True))
