"""What the section "Objects" says: its result in a line, and why a button cannot be pressed."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from batterycell.measured import Quantity, Stage
from batterycell.microstructure import compare
from batterycell.recipe import ObjectsRecipe
from desktop_ring import lib


def stages(counts: dict[str, int], broken: float | None = None) -> list[Stage]:
    """Stages with objects of some classes."""
    found = []
    for name, count in counts.items():
        start = f"instances_{name.lower()}"
        found.append(Quantity(f"{start}_count", f"{name}: objects", count, 0.0, "", "Told."))
        found.append(Quantity(f"{start}_border_count", f"{name}: objects on the border", 1, 0.0, "", "Told."))
        found.append(Quantity(f"{start}_diameter_d50_um", f"{name}: D50 by number", 3.21, 0.1, "µm", "Told."))
    share = [] if broken is None else [Quantity("microstructure_broken_percent", "Broken", broken, 3.0, "%", "Told.")]
    return [Stage("instances", "Objects", tuple(found)), Stage("fragmentation", "Fragmentation", tuple(share))]


@pytest.mark.parametrize(
    ("counts", "broken", "line", "title"),
    [
        ({"NMC": 1204}, None, "NMC: 1,204 objects, D50 3.21 ± 0.10 µm", "1,204 objects, D50 3.21 ± 0.10 µm"),
        (
            {"NMC": 1204},
            18.2,
            "NMC: 1,204 objects, D50 3.21 ± 0.10 µm, 18 ± 3 % broken",
            "1,204 objects, D50 3.21 ± 0.10 µm, 18 ± 3 % broken",
        ),
        ({"NMC": 1}, None, "NMC: 1 object, D50 3.21 ± 0.10 µm", "1 object, D50 3.21 ± 0.10 µm"),
        (
            {"NMC": 4, "Pore": 2},
            None,
            "NMC: 4 objects, D50 3.21 ± 0.10 µm; Pore: 2 objects, D50 3.21 ± 0.10 µm",
            "6 objects of 2 classes",
        ),
        ({}, None, "", ""),
    ],
)
def test_the_result_in_one_line(counts: dict[str, int], broken: float | None, line: str, title: str) -> None:
    lines = lib("Sections.ResultLines")
    assert lines.objectsLine(stages(counts, broken)) == line
    assert lines.objectsLine(stages(counts, broken), isShort=True) == title


@pytest.mark.parametrize(
    ("reason", "arguments", "word"),
    [
        ("MeasureObjects", ("The voxel size is not known.",), "voxel size"),
        ("UseObjects", (False,), "No objects"),
        ("EditObjects", (1, 2, True), "two objects"),
        ("EditObjects", (0, 1, True), "Select an object"),
        ("EditObjects", (2, 2, False), "are gone"),
        ("SplitObject", (2, True), "one object only"),
        ("UndoObjects", (False, True), "Nothing was edited"),
    ],
)
def test_what_cannot_run_says_why(reason: str, arguments: tuple[Any, ...], word: str) -> None:
    readiness = lib("Sections.Readiness")
    why = getattr(readiness, f"whyNot{reason}")
    assert word in why(readiness.Situation(), *arguments)


@pytest.mark.parametrize(
    ("reason", "arguments"),
    [
        ("MeasureObjects", ("",)),
        ("UseObjects", (True,)),
        ("EditObjects", (2, 2, True)),
        ("SplitObject", (1, True)),
        ("UndoObjects", (True, True)),
    ],
)
def test_nothing_runs_while_a_worker_does(reason: str, arguments: tuple[Any, ...]) -> None:
    readiness = lib("Sections.Readiness")
    why = getattr(readiness, f"whyNot{reason}")
    assert why(readiness.Situation(), *arguments) == ""
    assert "Wait" in why(readiness.Situation(isBusy=True), *arguments)


def test_every_word_for_neighbours_is_one_of_the_recipe() -> None:
    source = Path(lib("Signal").__file__).with_name("Parameters.py").read_text(encoding="utf-8")
    found = re.search(r"^NEIGHBOURS = (.+)$", source, re.MULTILINE)
    assert found
    words = ast.literal_eval(found[1])
    assert len(words) == 3
    for one in words.values():
        for dimension, connectivity in one.items():
            ObjectsRecipe(dimension=dimension, connectivity=connectivity)


def test_a_comparison_is_listed_with_what_differs_and_no_machine_names() -> None:
    first, second = stages({"NMC": 4}), stages({"NMC": 9})
    table = lib("Sections.ResultLines").comparisonRows(compare({"new": first, "cycled": second}).tables["comparison"])
    assert [column.name for column in table.columns][:3] == ["title", "sample", "differs"]
    assert "quantity" not in table.data and len(table) == 6
