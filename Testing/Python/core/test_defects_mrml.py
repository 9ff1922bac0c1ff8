"""Marked defects as points of a scene: one list a class, and places that follow the cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.annotate.defects import CLASSES
from batterycell.errors import InputError
from batterycell.mrml.cell import set_cell
from batterycell.mrml.defect_classes import (
    add_defect_class,
    defect_classes,
    defect_list,
    defect_lists,
    remove_defect_class,
    rename_defect_class,
)
from batterycell.mrml.defects import (
    add_defect,
    adopt_points,
    defects_of,
    defects_table,
    find_defect,
    remove_defect,
    set_defect_class,
    set_note,
    set_severity,
)
from batterycell.mrml.settle import settle
from batterycell.mrml.unrolled import add_unrolled, to_unrolled
from batterycell.mrml.windings import set_windings
from batterycell.reslice import unroll_around
from batterycell.volume import Volume
from batterycell.winding import Windings
from made_defects import MATRIX, ODD_NAMES, at, some_defects, turn, turned
from made_result import made_result


@pytest.fixture
def volume(scene: Any) -> Any:
    """A volume whose axes are tilted and sheared."""
    return mrml.add_volume(scene, Volume(np.zeros((30, 50, 40), np.uint8), MATRIX, "test", "cell"), "cell")


def test_a_class_is_a_point_list_and_a_point_says_number_severity_and_note(volume: Any) -> None:
    some_defects(volume)
    assert [node.GetName() for node in defect_lists(volume)] == list(CLASSES)
    folds = defect_list(volume, "fold")
    assert [folds.GetNthControlPointLabel(n) for n in range(2)] == ["D1", "D3"]
    assert folds.GetNthControlPointDescription(0) == 'major: a "fold", wide\nsecond line'
    assert folds.GetNthControlPointDescription(1) == "minor: Ränder 裂纹"
    assert defect_list(volume, "tear").GetNthControlPointDescription(0) == "critical"


def test_the_table_gives_the_place_in_voxels_millimetres_and_micrometres(volume: Any) -> None:
    some_defects(volume)
    table = defects_table(volume)
    np.testing.assert_allclose(np.column_stack([table[n] for n in "ijk"])[0], [1.25, 2, 3], atol=1e-9)
    np.testing.assert_allclose([table[f"{n}_mm"][0] for n in "xyz"], at(1.25, 2, 3))
    np.testing.assert_allclose([table[f"{n}_um"][0] for n in "xyz"], at(1.25, 2, 3) * 1000)
    assert table["id"].tolist() == ["D1", "D2", "D3"]
    assert np.isnan(table["angle_deg"]).all()


def test_a_turned_cell_takes_its_defects_along_and_voxels_stay(volume: Any) -> None:
    some_defects(volume)
    before = defects_table(volume)
    turn(volume, turned())
    after = defects_table(volume)
    for name in "ijk":
        np.testing.assert_allclose(after[name], before[name], atol=1e-9)
    world = turned()[:3, :3] @ at(1.25, 2, 3) + turned()[:3, 3]
    np.testing.assert_allclose([after[f"{n}_mm"][0] for n in "xyz"], world)
    volume.HardenTransform()


def test_a_click_in_a_turned_cell_marks_what_is_under_it(volume: Any) -> None:
    turn(volume, turned())
    add_defect(volume, "dent", turned()[:3, :3] @ at(5, 6, 7) + turned()[:3, 3])
    np.testing.assert_allclose(defects_of(volume)[0].ijk, [5, 6, 7], atol=1e-9)


def test_a_place_outside_the_volume_is_refused_and_nothing_is_added(volume: Any) -> None:
    for place in (at(-0.6, 0, 0), at(0, 0, 29.6), [np.nan, 0, 0]):
        with pytest.raises(InputError, match="outside the volume"):
            add_defect(volume, "fold", place)
    assert defects_of(volume) == []
    add_defect(volume, "fold", at(-0.5, 49.5, 29.5))


def test_a_class_or_severity_that_is_not_known_is_refused(volume: Any) -> None:
    with pytest.raises(InputError, match="no class “rust”"):
        add_defect(volume, "rust", at(1, 1, 1))
    with pytest.raises(InputError, match="“awful”"):
        add_defect(volume, "fold", at(1, 1, 1), "awful")
    assert defects_of(volume) == []


def test_a_volume_of_colours_is_refused(scene: Any) -> None:
    from vtkmodules.vtkCommonDataModel import vtkImageData

    image = vtkImageData()
    image.SetDimensions(3, 3, 3)
    image.AllocateScalars(3, 3)
    node = scene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "colours")
    node.SetAndObserveImageData(image)
    with pytest.raises(InputError, match="3 values a voxel"):
        add_defect(node, "fold", [0, 0, 0])


def test_changing_the_class_keeps_number_place_severity_and_note(volume: Any) -> None:
    some_defects(volume)
    before = defects_of(volume)[0]
    set_defect_class(volume, "D1", "tear")
    after = defects_of(volume)[0]
    assert replace(after, defect_class="fold", world=before.world, ijk=before.ijk, ras=before.ras) == before
    np.testing.assert_allclose(after.ijk, before.ijk, atol=1e-12)
    assert defect_list(volume, "fold").GetNumberOfControlPoints() == 1


def test_severity_and_note_are_changed_one_without_the_other(volume: Any) -> None:
    some_defects(volume)
    set_severity(volume, "D1", "critical")
    set_note(volume, "D2", "a, b")
    first, second, _ = defects_of(volume)
    assert (first.severity, first.note) == ("critical", 'a "fold", wide\nsecond line')
    assert (second.severity, second.note) == ("critical", "a, b")


def test_numbers_stay_when_another_defect_is_removed(volume: Any) -> None:
    some_defects(volume)
    remove_defect(volume, "D2")
    assert [defect.id for defect in defects_of(volume)] == ["D1", "D3"]
    assert add_defect(volume, "weld", at(2, 2, 2)) == "D4"


def test_a_defect_whose_list_was_deleted_is_one_sentence(scene: Any, volume: Any) -> None:
    some_defects(volume)
    scene.RemoveNode(defect_list(volume, "tear"))
    for act in (remove_defect, lambda v, d: set_severity(v, d, "minor")):
        with pytest.raises(InputError, match="no defect D2"):
            act(volume, "D2")
    assert [defect.id for defect in defects_of(volume)] == ["D1", "D3"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_classes_of_any_name_can_be_added_renamed_and_removed(volume: Any, name: str) -> None:
    add_defect_class(volume, name)
    add_defect(volume, name, at(1, 2, 3))
    rename_defect_class(volume, "weld", f"{name} 2")
    assert defect_classes(volume) == [*(f"{name} 2" if c == "weld" else c for c in CLASSES), name]
    with pytest.raises(InputError, match="holds 1 defect"):
        remove_defect_class(volume, name)
    set_defect_class(volume, "D1", f"{name} 2")
    remove_defect_class(volume, name)
    assert name not in defect_classes(volume)


def test_two_classes_cannot_have_the_same_name(volume: Any) -> None:
    for name, words in (("Fold ", "already"), ("  ", "needs a name")):
        with pytest.raises(InputError, match=words):
            add_defect_class(volume, name)
        with pytest.raises(InputError, match=words):
            rename_defect_class(volume, "tear", name)
    rename_defect_class(volume, "tear", "Tear")
    assert "Tear" in defect_classes(volume)


def test_one_class_always_stays(volume: Any) -> None:
    for name in CLASSES[1:]:
        remove_defect_class(volume, name)
    with pytest.raises(InputError, match="must stay"):
        remove_defect_class(volume, CLASSES[0])


def test_two_cells_in_one_scene_have_lists_of_their_own(scene: Any, volume: Any) -> None:
    other = mrml.add_volume(scene, Volume(np.zeros((9, 9, 9), np.uint8), np.eye(4), "test"), "other")
    some_defects(volume)
    assert add_defect(other, "fold", [1, 1, 1]) == "D1"
    assert defect_classes(other) == list(CLASSES)
    assert len(defects_of(volume)) == 3


def test_a_point_placed_with_slicers_own_tools_becomes_a_defect(volume: Any) -> None:
    some_defects(volume)
    tears = defect_list(volume, "tear")
    tears.AddControlPointWorld(at(4, 5, 6).tolist(), "D1")
    tears.AddControlPointWorld(at(5, 5, 6).tolist(), "")
    tears.SetNthControlPointDescription(2, "seen twice")
    assert adopt_points(volume, "major", "by place mode") == ["D4", "D5"]
    by_number = {defect.id: defect for defect in defects_of(volume)}
    assert (by_number["D4"].severity, by_number["D4"].note) == ("major", "by place mode")
    assert (by_number["D5"].severity, by_number["D5"].note) == ("major", "seen twice")
    assert adopt_points(volume) == []


def test_a_number_that_is_too_large_for_slicer_is_a_name(volume: Any) -> None:
    some_defects(volume)
    defect_list(volume, "fold").SetNthControlPointLabel(0, "D99999999999")
    assert adopt_points(volume) == []
    assert add_defect(volume, "weld", at(2, 2, 2)) == "D4"


def test_slicers_place_mode_goes_on_with_the_next_number(volume: Any) -> None:
    some_defects(volume)
    adopt_points(volume)
    welds = defect_list(volume, "weld")
    welds.AddControlPointWorld(at(4, 5, 6).tolist())
    assert welds.GetNthControlPointLabel(0) == "D4"


def test_a_point_in_preview_is_no_defect(volume: Any) -> None:
    some_defects(volume)
    folds = defect_list(volume, "fold")
    folds.SetNthControlPointPositionWorld(folds.AddControlPoint([0, 0, 0]), [0, 0, 0])
    folds.UnsetNthControlPointPosition(2)
    assert [defect.id for defect in defects_of(volume)] == ["D1", "D2", "D3"]


def test_angle_and_height_are_filled_where_the_cell_is_known(scene: Any) -> None:
    result = made_result()
    volume = mrml.add_volume(scene, result.volume, "cell")
    set_cell(volume, result.cell)
    add_defect(volume, "fold", result.cell.frame.from_cylindrical(30.0, 2.0, 0.7))
    table = defects_table(volume)
    assert (table["angle_deg"][0], table["height_um"][0]) == pytest.approx((30.0, 700.0))


def test_a_click_in_the_unrolled_picture_marks_the_place_in_the_cell(scene: Any) -> None:
    result = made_result()
    volume = mrml.add_volume(scene, result.volume, "cell")
    turn(volume, turned())
    unrolled = add_unrolled(volume, unroll_around(result.volume, result.cell, 2.5))
    place = turned()[:3, :3] @ result.cell.frame.from_cylindrical(40.0, 2.4, 0.3) + turned()[:3, 3]
    add_defect(volume, "fold", to_unrolled(unrolled, place))
    np.testing.assert_allclose(defects_of(volume)[0].world, place, atol=1e-6)
    defect_list(volume, "tear").AddControlPointWorld(to_unrolled(unrolled, place).tolist(), "")
    adopt_points(volume)
    np.testing.assert_allclose(defects_of(volume)[1].world, place, atol=1e-6)
    with pytest.raises(InputError, match="outside"):
        add_defect(volume, "fold", [0.0, 0.0, 1500.0])


def test_a_corrected_voxel_size_and_a_hardened_transform_leave_defects_at_their_voxels(volume: Any) -> None:
    some_defects(volume)
    settle(volume)
    before = defects_table(volume)
    volume.SetSpacing(*(2.5 * size for size in volume.GetSpacing()))
    settle(volume)
    turn(volume, turned())
    settle(volume)
    volume.HardenTransform()
    settle(volume)
    for name in "ijk":
        np.testing.assert_allclose(defects_table(volume)[name], before[name], atol=1e-7)


def test_the_winding_comes_from_the_measured_ends_and_rather_from_traced_windings(scene: Any) -> None:
    result = made_result()
    volume = mrml.add_volume(scene, result.volume, "cell")
    mrml.add_result(volume, result)
    frame = result.cell.frame
    for angle, radius in ((30.0, 3.3 - 0.5 * 2 + 0.1), (29.0, 3.3 - 0.5 * 4 - 0.2), (10.0, 3.6)):
        add_defect(volume, "fold", frame.from_cylindrical(angle, radius, 0.2))
    assert defects_table(volume)["winding"].tolist() == ["2", "4", ""]
    radii = np.repeat(np.linspace(2.6, 0.6, 4 * 12 + 1)[None], 2, axis=0)
    set_windings(volume, Windings(frame, 1, 0.0, 12, 0.5, np.array([-1.0, 1.0]), radii))
    assert defects_table(volume)["winding"].tolist() == ["1", "4", ""]


def test_a_missing_defect_is_found_nowhere(volume: Any) -> None:
    with pytest.raises(InputError, match="no defect D9"):
        find_defect(volume, "D9")
