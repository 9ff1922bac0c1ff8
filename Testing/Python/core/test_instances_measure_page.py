"""The page of measures says what the registry holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from batterycell.instances.measures.registry import MEASURES
from batterycell.instances.measures.registry_page import _example, measures_page

PAGE = Path(__file__).parents[3] / "docs" / "measures.md"
UNITS = {"_um": "µm", "_um2": "µm²", "_um3": "µm³", "_mm": "mm", "_deg": "deg"}


def test_the_page_is_the_registry() -> None:
    hint = "write it anew: python -m batterycell.instances.measures.registry_page docs/measures.md"
    assert PAGE.read_text(encoding="utf-8") == measures_page(), hint


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("dimension", [2, 3])
def test_every_measure_is_documented(name: str, dimension: int) -> None:
    measure = MEASURES[name]
    assert measure.name == name and measure.title
    assert measure.formula.endswith(".") and measure.source.endswith(".")
    for column in measure.columns(_example(dimension)):
        unit = next((unit for end, unit in UNITS.items() if column.name.endswith(end)), "")
        assert column.units == unit, column.name
        assert column.title and column.description.endswith(".")


@pytest.mark.parametrize("dimension", [2, 3])
def test_no_two_measures_have_a_column_of_one_name(dimension: int) -> None:
    names = [column.name for measure in MEASURES.values() for column in measure.columns(_example(dimension))]
    assert len(names) == len(set(names))
