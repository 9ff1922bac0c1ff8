"""Defects marked in a real cell lie in the windings in which its overhangs were measured."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell import mrml
from batterycell.mrml.defects import add_defect, defects_table
from batterycell.mrml.windings import set_windings
from batterycell.pipeline import analyze
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from made_cells import real_cell
from real_cell import DATA


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="the real cell's data is not here (BATTERYCELL_DATA)")
def test_marks_below_the_cathodes_ends_carry_their_winding_and_angle() -> None:
    volume, _, traced = real_cell()
    result = analyze(volume, AnalyzeRecipe(angles=8, stages=("overhang",)), Progress())
    ends = np.column_stack([result.overhang[f"cathode_{axis}_mm"] for axis in "ras"])
    rows = np.flatnonzero(np.isfinite(ends).all(axis=1))[::5]
    scene = mrml.new_scene()
    try:
        node = mrml.add_volume(scene, result.volume, "cell")
        mrml.add_result(node, result)
        for row in rows:
            add_defect(node, "fold", ends[row] - result.cell.frame.up)
        for windings in (None, traced):
            set_windings(node, windings)
            table = defects_table(node)
            assert table["winding"].astype(int).tolist() == result.overhang["winding"][rows].tolist()
            apart = (table["angle_deg"] - result.overhang["angle_deg"][rows] + 180) % 360 - 180
            np.testing.assert_allclose(apart, 0, atol=1e-6)
    finally:
        mrml.close_scene(scene)
