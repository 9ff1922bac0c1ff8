"""An uncertain voxel size: what it does to every interval."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.measured import Quantity, Stage, with_scale_error
from batterycell.phantom import preset
from batterycell.pipeline import analyze
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import CellResult
from batterycell.summary import summarize
from made_cells import made_cell


def test_an_uncertain_voxel_size_widens_every_length_and_no_count() -> None:
    length = Quantity("can_wall_um", "Wall", 300.0, 4.0, "µm", "A length.")
    area = Quantity("sheet_area_mm2", "Area", 10.0, 0.0, "mm²", "An area.")
    count = Quantity("winding_count", "Windings", 20.0, 0.0, "", "A count.")
    unknown = Quantity("gap_um", "Gap", 100.0, float("nan"), "µm", "A length of unknown uncertainty.")
    stage = with_scale_error(Stage("can", "Can", (length, area, count, unknown)), 1.0)
    assert [one.uncertainty for one in stage.quantities[:3]] == pytest.approx([5.0, 0.2, 0.0])
    assert np.isnan(stage.quantities[3].uncertainty), "what is unknown stays so"


def test_the_voxel_size_s_uncertainty_reaches_every_interval_once() -> None:
    volume = made_cell(*preset("small"), seed=3).volume
    exact, scaled = (
        analyze(volume, AnalyzeRecipe(angles=12, stages=("overhang",), voxel_size_percent=percent), Progress())
        for percent in (0.0, 2.0)
    )
    assert isinstance(exact, CellResult) and isinstance(scaled, CellResult)
    value, before, after = (
        exact.overhang["overhang_um"],
        exact.overhang["uncertainty_um"],
        scaled.overhang["uncertainty_um"],
    )
    read = np.isfinite(value)
    np.testing.assert_allclose(after[read], np.hypot(before, 0.02 * value)[read])
    mean = {one.name: one for one in scaled.stages[0].quantities}["overhang_mean_um"]
    told = summarize(scaled)["overhang"]["all"]
    assert mean.uncertainty > 0.02 * mean.value
    assert told["u_mean_um"] == pytest.approx(mean.uncertainty, rel=0.02), "report and quantities say the same"
