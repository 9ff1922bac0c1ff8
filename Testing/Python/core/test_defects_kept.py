"""Marked defects come back: from CSV, from undo, from saved scenes and markups files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.annotate.defects_csv import read_defects, write_defects
from batterycell.annotate.winding_numbers import winding_numbers
from batterycell.errors import InputError
from batterycell.mrml.cell import attached
from batterycell.mrml.defect_classes import (
    add_defect_class,
    defect_classes,
    defect_list,
    defect_lists,
    rename_defect_class,
)
from batterycell.mrml.defect_import import add_defects
from batterycell.mrml.defects import (
    add_defect,
    defects_of,
    defects_table,
    remove_defect,
    set_defect_class,
    set_note,
)
from batterycell.mrml.undo import redo, remember, undo
from batterycell.volume import Volume
from made_defects import MATRIX, ODD_NAMES, assert_same, at, some_defects, turn, turned
from made_result import made_result


@pytest.fixture
def volume(scene: Any) -> Any:
    """A volume whose axes are tilted and sheared."""
    return mrml.add_volume(scene, Volume(np.zeros((30, 50, 40), np.uint8), MATRIX, "test", "cell"), "cell")


def test_the_csv_brings_all_back_into_an_empty_cell(scene: Any, volume: Any, tmp_path: Path) -> None:
    some_defects(volume)
    add_defect_class(volume, ODD_NAMES[0])
    add_defect(volume, ODD_NAMES[0], at(3, 3, 3), "critical", ODD_NAMES[1])
    before = defects_table(volume)
    write_defects(before, tmp_path / "a.csv")
    for node in defect_lists(volume):
        scene.RemoveNode(node)
    table, _ = read_defects(tmp_path / "a.csv")
    assert add_defects(volume, table) == ["4 added."]
    assert_same(defects_table(volume), before)


def test_importing_what_is_there_adds_nothing_and_updates_what_was_edited(volume: Any) -> None:
    some_defects(volume)
    table = defects_table(volume)
    table.data["note"] = np.array(["edited", "", "new"])
    table.data["class"] = np.array(["weld", "tear", "fold"])
    assert add_defects(volume, table) == ["3 updated."]
    assert [(d.id, d.defect_class, d.note) for d in defects_of(volume)] == [
        ("D1", "weld", "edited"),
        ("D2", "tear", ""),
        ("D3", "fold", "new"),
    ]


def test_a_table_that_says_less_leaves_class_severity_and_note_as_they_are(volume: Any) -> None:
    some_defects(volume)
    before = defects_of(volume)
    table = defects_table(volume)
    for name in ("class", "severity", "note"):
        table.data[name] = np.array(["", "", ""])
    assert add_defects(volume, table) == ["3 updated."]
    assert defects_of(volume) == before
    table.data["id"], table.data["k"] = np.array(["", "", ""]), table["k"] - 2
    add_defects(volume, table)
    added = defects_of(volume)[3]
    assert (added.id, added.defect_class, added.severity, added.note) == ("D4", "other", "minor", "")


def test_a_number_that_is_taken_by_another_place_is_changed_and_said(volume: Any) -> None:
    some_defects(volume)
    table = defects_table(volume)
    table.data["k"] = table["k"] - 2
    notes = add_defects(volume, table)
    assert notes[:2] == ["3 added.", "Numbers that were taken: D1 is now D4, D2 is now D5, D3 is now D6."]
    assert len(defects_of(volume)) == 6


def test_voxels_count_where_the_cell_was_turned_after_the_table_was_made(scene: Any, volume: Any) -> None:
    some_defects(volume)
    before = defects_table(volume)
    for node in defect_lists(volume):
        scene.RemoveNode(node)
    turn(volume, turned())
    notes = add_defects(volume, before)
    assert notes[0] == "3 added."
    assert "I, J, K count" in notes[1]
    for name in "ijk":
        np.testing.assert_allclose(defects_table(volume)[name], before[name], atol=1e-9)


def test_places_without_voxels_are_taken_as_the_views_show_them(volume: Any) -> None:
    turn(volume, turned())
    some = turned()[:3, :3] @ at(5, 6, 7) + turned()[:3, 3]
    table = _only_xyz(some[None])
    assert add_defects(volume, table) == ["1 added."]
    np.testing.assert_allclose(defects_of(volume)[0].ijk, [5, 6, 7], atol=1e-9)


def test_a_place_outside_is_kept_and_said_but_not_where_all_are(volume: Any) -> None:
    notes = add_defects(volume, _only_xyz(np.array([at(1, 1, 1), at(400, 1, 1)])))
    assert notes == ["2 added.", "Outside the volume, but kept: row 2."]
    with pytest.raises(InputError, match="None of the places") as caught:
        add_defects(volume, _only_xyz(at(400, 1, 1)[None]))
    assert "another cell" in caught.value.hint
    assert len(defects_of(volume)) == 2


@pytest.mark.parametrize(("factor", "words"), [(1000, "µm in columns of millimetres"), (0.001, "millimetres in colu")])
def test_units_that_were_mixed_up_are_recognised(volume: Any, factor: float, words: str) -> None:
    with pytest.raises(InputError) as caught:
        add_defects(volume, _only_xyz(at(5, 6, 7)[None] * factor))
    assert words in caught.value.hint
    assert defects_of(volume) == []


def test_undo_takes_back_every_edit_and_redo_makes_it_again(scene: Any, volume: Any) -> None:
    some_defects(volume)
    before = defects_table(volume)
    edits = [
        lambda: add_defect(volume, "weld", at(2, 2, 2)),
        lambda: remove_defect(volume, "D1"),
        lambda: set_defect_class(volume, "D1", "weld"),
        lambda: set_note(volume, "D1", "other"),
        lambda: add_defects(volume, _only_xyz(at(5, 6, 7)[None])),
        lambda: rename_defect_class(volume, "fold", "crease"),
        lambda: (add_defect_class(volume, "rust"), add_defect(volume, "rust", at(2, 2, 2))),
    ]
    for edit in edits:
        remember(scene)
        edit()
        after = defects_table(volume)
        assert undo(scene)
        assert_same(defects_table(volume), before)
        assert redo(scene)
        assert_same(defects_table(volume), after)
        assert undo(scene)


def test_a_saved_scene_brings_back_every_class_and_defect(volume: Any, tmp_path: Path) -> None:
    scene = volume.GetScene()
    for name in ODD_NAMES:
        add_defect_class(volume, name)
        add_defect(volume, name, at(1, 2, 3), "major", name)
    some_defects(volume)
    turn(volume, turned())
    before = defects_table(volume)
    mrml.save_scene(scene, tmp_path / "scene.mrb")
    loaded = mrml.new_scene()
    try:
        mrml.load_scene(loaded, tmp_path / "scene.mrb")
        again = next(n for n in _nodes(loaded, "vtkMRMLScalarVolumeNode") if attached(n, "defects"))
        assert defect_classes(again) == defect_classes(volume)
        assert_same(defects_table(again), before)
    finally:
        mrml.close_scene(loaded)


def test_one_list_as_a_markups_file_keeps_severity_note_and_number(scene: Any, volume: Any, tmp_path: Path) -> None:
    some_defects(volume)
    folds = defect_list(volume, "fold")
    storage = scene.AddNewNodeByClass("vtkMRMLMarkupsJsonStorageNode")
    storage.SetFileName(str(tmp_path / "fold.mrk.json"))
    assert storage.WriteData(folds)
    back = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode")
    assert storage.ReadData(back)
    for n in range(2):
        assert back.GetNthControlPointLabel(n) == folds.GetNthControlPointLabel(n)
        assert back.GetNthControlPointDescription(n) == folds.GetNthControlPointDescription(n)
        np.testing.assert_allclose(back.GetNthControlPointPosition(n), folds.GetNthControlPointPosition(n), atol=1e-9)


def test_a_thousand_defects_are_imported_in_seconds(volume: Any) -> None:
    import time

    places = np.random.default_rng(0).uniform(0, 29, (1000, 3))
    start = time.perf_counter()
    add_defects(volume, _only_xyz(np.array([at(*place) for place in places])))
    table = defects_table(volume)
    assert time.perf_counter() - start < 5
    assert len(set(table["id"].tolist())) == 1000


def _only_xyz(places: np.ndarray) -> Any:
    from batterycell.annotate.defect_columns import DEFECT_COLUMNS, DEFECT_DTYPES
    from batterycell.tables import Table

    n = len(places)
    data = {c.name: np.array([""] * n) if c.name in DEFECT_DTYPES else np.full(n, np.nan) for c in DEFECT_COLUMNS}
    data |= {f"{axis}_mm": values for axis, values in zip("xyz", places.T, strict=True)}
    data |= {"class": np.array(["fold"] * n), "severity": np.array(["minor"] * n)}
    return Table(DEFECT_COLUMNS, data)


def _nodes(scene: Any, kind: str) -> list[Any]:
    found = scene.GetNodesByClass(kind)
    found.UnRegister(None)
    return [found.GetItemAsObject(n) for n in range(found.GetNumberOfItems())]


def test_far_from_every_measured_angle_no_winding_is_guessed() -> None:
    made = made_result()
    frame, table = made.cell.frame, made.overhang.where(made.overhang["angle_deg"] == 0)
    ends = np.column_stack([table[f"cathode_{axis}_mm"] for axis in "ras"])
    radius = np.nanmedian(frame.to_cylindrical(ends)[1])
    near, far = winding_numbers(table, frame, frame.from_cylindrical([10.0, 100.0], radius, 0.0))
    assert near >= 1 and np.isnan(far)
