"""Stages in a scene: kept exactly, moved with their cell, and gone when they no longer hold."""

from __future__ import annotations

import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.measured import Stage
from batterycell.mrml import bundle
from batterycell.mrml.bundle import write_bundle
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.settle import STAGE_HEAD, STAGE_PART
from batterycell.progress import Progress
from batterycell.result import CellResult, PouchResult
from batterycell.tolerance import Limit, Tolerances
from made_result import made_overhang, made_result
from made_stages import CAN, QUANTITIES, assert_same_stages, made_map, made_stages

TOLERANCES = Tolerances((Limit("can_outer_diameter_mm", 6.9, 7.1, 7.0, "critical"),), "drawing 7", "limits.toml")


@pytest.fixture
def measured(made: CellResult) -> CellResult:
    """A measured cell with stages and tolerances."""
    return replace(made, stages=made_stages(made.cell.frame), tolerances=TOLERANCES)


@pytest.fixture
def node(scene: Any, measured: CellResult) -> Any:
    """The volume of the cell in a scene, with its result."""
    volume = mrml.add_volume(scene, measured.volume, "made cell")
    mrml.add_result(volume, measured)
    return volume


def test_a_result_comes_back_with_the_stages_exactly(node: Any, measured: CellResult) -> None:
    again = mrml.result_of(node)
    assert again is not None and again.tolerances == TOLERANCES and again.recipe == measured.recipe
    assert_same_stages(again.stages, measured.stages)


def test_a_saved_scene_gives_the_stages_exactly(node: Any, measured: CellResult, tmp_path: Path) -> None:
    write_bundle(node.GetScene(), tmp_path / "scene.mrb", Progress())
    again = mrml.new_scene()
    try:
        mrml.load_scene(again, tmp_path / "scene.mrb")
        volume = again.GetFirstNodeByName("made cell")
        assert_same_stages(mrml.stages_of(volume), measured.stages)
        assert mrml.tolerances_of(volume) == TOLERANCES
    finally:
        mrml.close_scene(again)


def test_large_volumes_lie_in_the_bundle_as_they_are_and_small_ones_packed(
    node: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit, kind in ((10**9, zipfile.ZIP_DEFLATED), (1000, zipfile.ZIP_STORED)):
        monkeypatch.setattr(bundle, "_PACKED_BYTES", limit)
        write_bundle(node.GetScene(), tmp_path / "scene.mrb", Progress())
        with zipfile.ZipFile(tmp_path / "scene.mrb") as packed:
            (volume,) = (entry for entry in packed.infolist() if entry.filename.endswith(".nrrd"))
            assert volume.compress_type == kind and packed.testzip() is None


def test_every_table_of_a_stage_belongs_to_the_cell_and_names_itself(node: Any) -> None:
    found = mrml.stage_nodes(node, CAN)
    assert list(found) == ["quantities", "can_grooves", "can_nothing", "can_dent_um"]
    assert all(volume_node_of(table) is node and "can" in table.GetName() for table in found.values())
    assert found["can_dent_um"].GetNumberOfColumns() == 7


def test_the_verdict_lies_in_the_scene_but_is_no_measured_stage(node: Any) -> None:
    assert "verdict" in mrml.stage_nodes(node, "verdict")
    assert [stage.name for stage in mrml.stages_of(node)] == ["can", "winding"]


def test_a_stage_measured_again_takes_the_place_of_the_older_one(node: Any, measured: CellResult) -> None:
    before = len(nodes_of(node.GetScene(), "vtkMRMLTableNode"))
    changed = replace(measured.stages[0], quantities=QUANTITIES[:1])
    mrml.add_stages(node, [changed])
    assert len(nodes_of(node.GetScene(), "vtkMRMLTableNode")) == before
    assert_same_stages(mrml.stages_of(node), (changed, measured.stages[1]))


def test_clearing_the_result_clears_the_stages(node: Any) -> None:
    mrml.remove_result(node)
    assert mrml.stages_of(node) == ()
    assert not mrml.attached(node, STAGE_HEAD) and not mrml.attached(node, STAGE_PART)


def test_places_follow_a_cell_that_is_turned_and_hardened(node: Any, measured: CellResult) -> None:
    before = mrml.volume_of(node)
    mrml.set_upright(node, measured.cell)
    mrml.harden_orientation(node)
    after, found = mrml.volume_of(node), mrml.stages_of(node)
    assert not np.allclose(before.ijk_to_ras, after.ijk_to_ras)
    places = after.to_ras(before.to_ijk(measured.stages[0].maps[0].places))
    np.testing.assert_allclose(found[0].maps[0].places, places, atol=1e-9)
    grooves = np.column_stack([measured.stages[0].tables["can_grooves"][f"{axis}_mm"] for axis in "ras"])
    moved = np.column_stack([found[0].tables["can_grooves"][f"{axis}_mm"] for axis in "ras"])
    np.testing.assert_allclose(moved[0], after.to_ras(before.to_ijk(grooves[0])), atol=1e-9)


def test_stages_do_not_hold_for_another_voxel_size(node: Any) -> None:
    node.SetSpacing(0.2, 0.2, 0.2)
    assert mrml.stages_of(node) == ()


def test_a_pouch_cell_is_kept_without_an_overhang_table(scene: Any, made: CellResult) -> None:
    stage = Stage("pouch", "Pouch", QUANTITIES[2:3], maps=(made_map(made.cell.frame),))
    volume = mrml.add_volume(scene, made.volume, "pouch")
    mrml.add_result(volume, PouchResult(made.volume, made.recipe, (stage,)))
    assert mrml.result_of(volume) is None and mrml.overhang_node(volume) is None
    assert mrml.recipe_of(volume) == made.recipe
    assert_same_stages(mrml.stages_of(volume), (stage,))


def test_tolerances_that_another_program_spoiled_are_none(node: Any) -> None:
    node.SetAttribute("BatteryCell.Tolerances", '{"limits": {"a": 3}}')
    assert mrml.tolerances_of(node) is None


def test_ends_at_360_angles_become_points_that_views_can_bear(scene: Any, made: CellResult) -> None:
    overhang = made_overhang(made.volume, made.cell.frame, 1440, 1)
    cathodes, anodes = mrml.add_ends(scene, overhang)
    assert 500 < cathodes.GetNumberOfControlPoints() <= anodes.GetNumberOfControlPoints() <= 6000


def test_large_tables_and_maps_go_in_and_out_quickly(scene: Any, made: CellResult) -> None:
    overhang = made_overhang(made.volume, made.cell.frame, 1200, 1)
    wide = Stage("can", "Can", maps=(made_map(made.cell.frame, 200, 360),))
    volume = mrml.add_volume(scene, made.volume, "cell")
    start = time.perf_counter()
    mrml.add_result(volume, replace(made_result(), overhang=overhang, stages=(wide,)))
    assert mrml.result_of(volume) is not None
    assert time.perf_counter() - start < 10.0
