"""Every quantity that is measured can be limited, under the stage that measures it."""

from __future__ import annotations

import pytest
from batterycell.phantom import preset
from batterycell.pipeline import analyze
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from batterycell.tolerance.known import QUANTITIES, is_known, stage_of
from made_cells import made_cell


def test_no_name_stands_in_two_stages() -> None:
    names = [name for found in QUANTITIES.values() for name in found]
    assert len(names) == len(set(names))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["small", "pouch"])
def test_tolerances_know_every_quantity_of_a_measured_cell(kind: str) -> None:
    made = made_cell(*preset(kind), seed=1)
    found = analyze(made.volume, AnalyzeRecipe(angles=8, pictures=0), Progress()).stages
    names = {quantity.name: stage.name for stage in found for quantity in stage.quantities}
    assert [name for name in names if not is_known(name)] == []
    wrong = [name for name, stage in names.items() if stage_of(name) != stage and not name.startswith("overhang_")]
    assert wrong == []
