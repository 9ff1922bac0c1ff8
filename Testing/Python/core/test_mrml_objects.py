"""Objects in a scene: label volume, colours, table, histogram; found again after it was saved; labels on their way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml, palette
from batterycell.errors import InputError
from batterycell.instances.histogram import NUMBER, VOLUME, histogram, numbers_of
from batterycell.measured import Stage
from batterycell.mrml.bundle import write_bundle
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.object_colors import ROLE as COLORS
from batterycell.mrml.object_colors import ensure_colors, highlight, object_colors
from batterycell.mrml.object_labels import check_image, classes_in, count_labels, labels_grid, write_labels
from batterycell.mrml.object_place import object_at, place_in_object
from batterycell.mrml.object_plot import CHART, SERIES, TABLE, choice_of, is_series_of, show_histogram
from batterycell.mrml.object_view import magnify_labels
from batterycell.mrml.objects import (
    add_objects,
    all_objects,
    note_of,
    objects_of,
    objects_table,
    remove_objects,
    settle_objects,
    source_of,
)
from batterycell.mrml.volumes import to_vtk_matrix
from batterycell.mrml.wizard.class_segments import labels_of
from batterycell.mrml.wizard.classes import class_ids
from batterycell.progress import Progress
from batterycell.volume import Volume
from made_objects import CLASSES, made_labels, made_objects
from wizard_scenes import add_image, block, brush, turned


@pytest.fixture
def source(scene: Any) -> Any:
    """A label volume in a scene."""
    return mrml.add_volume(scene, made_labels(), "electrode")


@pytest.fixture
def objects(source: Any) -> Any:
    """Its objects."""
    return add_objects(source, made_objects(), [{"kind": "merge", "ids": [1, 2]}])


def world_of(node: Any, k: int, j: int, i: int) -> list[float]:
    """A voxel's place as the views show it."""
    world = [0.0, 0.0, 0.0]
    node.TransformPointToWorld(mrml.volume_from_node(node).to_ras([i, j, k]).tolist(), world)
    return world


def assert_same(found: Any, truth: Any) -> None:
    assert found.columns == truth.columns
    for column in truth.columns:
        # A scene's file knows places to fifteen digits.
        compare = np.testing.assert_allclose if column.units == "mm" else np.testing.assert_array_equal
        compare(found[column.name], truth[column.name])


def test_objects_are_a_label_volume_and_a_table_never_segments(objects: Any, source: Any) -> None:
    truth = made_objects()
    assert nodes_of(objects.GetScene(), "vtkMRMLSegmentationNode") == []
    assert objects.IsA("vtkMRMLLabelMapVolumeNode")
    assert mrml.volume_from_node(objects).array.dtype == np.uint32
    np.testing.assert_array_equal(mrml.volume_from_node(objects).array, truth.instances.array)  # type: ignore[union-attr]
    assert_same(objects_table(objects), truth.table)
    assert objects_of(source) is objects_of(objects) is objects
    assert source_of(objects) is source
    note = note_of(objects)
    assert (note.recipe, note.classes, note.log, note.count) == (truth.recipe, CLASSES, truth.log, 3)
    assert note.edits == ({"kind": "merge", "ids": [1, 2]},)


def test_measuring_again_replaces_objects_and_keeps_other_stages(objects: Any, source: Any) -> None:
    less = made_objects()
    table = less.table
    assert table is not None
    stage = Stage("instances", "Objects", (), {"instances": table.where(np.array([True, True, False]))})
    again = add_objects(source, replace(less, stages=(stage,)))
    assert again is objects and all_objects(source.GetScene()) == [objects]
    assert len(objects_table(objects) or ()) == 2
    assert {one.name for one in mrml.stages_of(objects)} == {"instances", "microstructure"}
    assert objects.GetDisplayNode().GetColorNode().GetNumberOfColors() == 3


def test_a_place_knows_its_object_and_an_object_a_place_inside(objects: Any) -> None:
    table = objects_table(objects)
    assert table is not None
    assert object_at(objects, world_of(objects, 2, 4, 4)) == 1
    assert object_at(objects, world_of(objects, 0, 0, 0)) == 0
    assert object_at(objects, [1e3, 0, 0]) == 0
    for number in (1, 2, 3):
        place = place_in_object(objects, table, number)
        world = [0.0, 0.0, 0.0]
        objects.TransformPointToWorld(place, world)
        assert object_at(objects, world) == number, "also of an L, whose centroid lies outside"


def test_objects_stay_on_their_labels_wherever_these_go(objects: Any, source: Any) -> None:
    scene, before = source.GetScene(), world_of(source, 2, 4, 4)
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(to_vtk_matrix(turned()))
    source.SetAndObserveTransformNodeID(transform.GetID())
    settle_objects(objects)
    after = world_of(source, 2, 4, 4)
    assert not np.allclose(before, after)
    assert object_at(objects, after) == 1
    world = [0.0, 0.0, 0.0]
    table = objects_table(objects)
    assert table is not None
    objects.TransformPointToWorld(place_in_object(objects, table, 2), world)
    assert object_at(objects, world) == 2


def test_what_is_selected_stands_out_and_nothing_is_forgotten(objects: Any) -> None:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    colors = objects.GetDisplayNode().GetColorNode().GetLookupTable()
    highlight(objects, [2, 99, -1])
    seen = vtk_to_numpy(colors.GetTable())
    assert seen[2].tolist() == [*palette.to_bytes(palette.OVERHANG), 255]
    assert seen[1, 3] < 255 and seen[0, 3] == 0
    highlight(objects, [])
    np.testing.assert_array_equal(vtk_to_numpy(colors.GetTable()), object_colors(3))


def test_a_hundred_thousand_objects_get_colours_at_once(objects: Any) -> None:
    import time

    start = time.perf_counter()
    node = ensure_colors(objects, 100_000)
    highlight(objects, range(1, 50_000))
    assert time.perf_counter() - start < 0.2
    assert node.GetNumberOfColors() == 100_001
    assert not node.GetSaveWithScene(), "its names would hold the window: it is made anew"
    near = object_colors(1000)[1:, :3].astype(int)
    assert (np.abs(np.diff(near, axis=0)).sum(axis=1) > 60).all(), "numbers in a row look alike"


@pytest.mark.parametrize("known", [True, False])
def test_a_saved_scene_gives_the_objects_exactly(objects: Any, known: bool, tmp_path: Path) -> None:
    table = objects_table(objects)
    show_histogram(objects, histogram(table, "voxels"))  # type: ignore[arg-type]
    if not known:
        for node in mrml.attached(objects, COLORS):
            node.SetSaveWithScene(False)
    write_bundle(objects.GetScene(), tmp_path / "scene.mrb", Progress())
    again = mrml.new_scene()
    try:
        mrml.load_scene(again, tmp_path / "scene.mrb")
        (found,) = all_objects(again)
        settle_objects(found)
        assert_same(objects_table(found), table)
        assert (note_of(found), choice_of(found)) == (note_of(objects), ("voxels", NUMBER))
        assert source_of(found).GetName() == "electrode"
        assert found.GetDisplayNode().GetColorNode().GetNumberOfColors() == 4
        np.testing.assert_array_equal(mrml.volume_from_node(found).array, mrml.volume_from_node(objects).array)
    finally:
        mrml.close_scene(again)


def test_removing_objects_leaves_the_labels_alone(objects: Any, source: Any) -> None:
    scene, table = source.GetScene(), objects_table(objects)
    show_histogram(objects, histogram(table, "voxels"))  # type: ignore[arg-type]
    remove_objects(objects)
    kinds = ("vtkMRMLLabelMapVolumeNode", "vtkMRMLTableNode", "vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode")
    assert [node.GetName() for kind in kinds for node in nodes_of(scene, kind)] == []
    assert source.GetScene() is scene


def test_a_result_without_objects_is_kept_too(source: Any) -> None:
    result = made_objects()
    node = add_objects(source, replace(result, instances=None, stages=result.stages[1:]))
    assert objects_table(node) is None and object_at(node, [0, 0, 0]) == 0
    assert [stage.name for stage in mrml.stages_of(node)] == ["microstructure"]


def test_a_histogram_counts_every_object_once_and_its_bars_lead_back(objects: Any) -> None:
    table = objects_table(objects)
    assert table is not None
    assert "voxels" in [column.name for column in numbers_of(table)]
    found = histogram(table, "voxels")
    assert found.heights.sum() == 3
    rows = [row for n in range(len(found.heights)) for row in found.rows(table, np.array([n])).tolist()]
    assert sorted(rows) == [0, 1, 2]
    assert histogram(table, "voxels", VOLUME).heights.sum() == pytest.approx(100)
    chart = show_histogram(objects, found)
    assert is_series_of(objects, chart.GetNthPlotSeriesNodeID(0))
    assert show_histogram(objects, histogram(table, "voxels", VOLUME)) is chart
    assert [len(mrml.attached(objects, role)) for role in (TABLE, SERIES, CHART)] == [1, 1, 1]


@pytest.mark.parametrize("values", [[], [np.nan], [3.0], [3.0, 3.0], [0.0, 1.0, np.nan, -2.0], [1e-3, 1.0, 1e4]])
def test_any_values_make_a_histogram(objects: Any, values: list[float]) -> None:
    table = objects_table(objects)
    assert table is not None
    column = table.columns[1]
    found = histogram(type(table)((column,), {column.name: np.array(values)}), column.name)
    assert found.heights.sum() == np.isfinite(values).sum()
    assert (np.diff(found.edges) > 0).all()


def counted(node: Any) -> Any:
    *_, last = count_labels(node)
    assert last is not None
    return last


def test_the_classes_of_a_label_volume_are_its_values(source: Any) -> None:
    counts = counted(source)
    assert [(one.value, one.stored, one.name) for one in classes_in(source, counts)] == [
        (1, 1, "class 1"),
        (2, 2, "class 2"),
    ]
    named = classes_in(source, counts, "0=binder,2=NMC")
    assert [(one.value, one.stored, one.name) for one in named] == [(1, 0, "binder"), (2, 2, "NMC")]
    assert next(count_labels(source)) is counts, "known the second time"
    mrml.volume_from_node(source).array[0, 0, 0] = 3
    source.GetImageData().GetPointData().GetScalars().Modified()
    assert len(classes_in(source, counted(source))) == 3


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (np.full((2, 3, 4), 0.5, np.float32), "labels-fractions"),
        (np.full((2, 3, 4), -1, np.int16), "labels-negative"),
        (np.full((2, 3, 4), 70_000, np.int32), "labels-range"),
        (np.zeros((2, 3, 4), np.uint8), "labels-empty"),
        (np.arange(3000, dtype=np.uint16).reshape(10, 15, 20), "labels-values"),
    ],
)
def test_what_holds_no_labels_is_one_line(scene: Any, array: Any, code: str) -> None:
    node = mrml.add_volume(scene, Volume(array, np.eye(4), "made", "grey"), "grey")
    with pytest.raises(InputError) as caught:
        classes_in(node, counted(node))
    assert caught.value.code == code


def test_an_image_must_lie_where_its_labels_lie(scene: Any, source: Any) -> None:
    labels = made_labels()
    check_image(source, mrml.add_volume(scene, labels, "image"))
    for volume, code in (
        (Volume(labels.array[1:], labels.ijk_to_ras, "made", "short"), "sizes-differ"),
        (Volume(labels.array, labels.ijk_to_ras @ np.diag([1, 1, 2.0, 1]), "made", "high"), "places-differ"),
    ):
        with pytest.raises(InputError) as caught:
            check_image(source, mrml.add_volume(scene, volume, volume.name))
        assert caught.value.code == code


@pytest.fixture
def painted(scene: Any) -> Iterator[Any]:
    """The labels of an image with two painted classes, one over the other, in two layers."""
    labels = labels_of(add_image(scene))
    first, second, *_ = class_ids(scene)
    brush(labels, first, block((2, 3, 4), (3, 4, 5)))
    brush(labels, second, block((4, 3, 4), (3, 4, 5)), overwrite=False)
    yield labels


def written(node: Any, tmp_path: Path) -> np.ndarray:
    assert list(write_labels(node, tmp_path / "labels.npy"))[-1] == 1.0
    return np.asarray(np.load(tmp_path / "labels.npy"))


def test_segments_are_written_with_their_places_in_order(painted: Any, tmp_path: Path) -> None:
    array = written(painted, tmp_path)
    truth = np.zeros(labels_grid(painted).array.shape)
    truth[2:5, 3:7, 4:9] = 1
    truth[4:7, 3:7, 4:9] = 2
    np.testing.assert_array_equal(array, truth)
    names = [one.name for one in classes_in(painted, counted(painted))]
    assert names == [painted.GetSegmentation().GetNthSegment(n).GetName() for n in range(len(names))]
    assert len(names) == painted.GetSegmentation().GetNumberOfSegments()


def test_a_segmentation_without_an_image_has_a_grid_of_its_own(painted: Any, tmp_path: Path) -> None:
    before, grid = written(painted, tmp_path), labels_grid(painted)
    painted.GetSegmentation().SetConversionParameter("Reference image geometry", "")
    painted.GetScene().RemoveNode(painted.GetNodeReference("BatteryCell.Volume"))
    alone = labels_grid(painted)
    after = written(painted, tmp_path)
    assert np.count_nonzero(after) == np.count_nonzero(before)
    for value in (1, 2):
        centres = []
        for volume, array in ((grid, before), (alone, after)):
            centres.append(volume.to_ras(np.argwhere(array == value)[:, ::-1]).mean(axis=0))
        np.testing.assert_allclose(*centres, atol=1e-9)


def test_fine_labels_are_shown_larger_with_their_image_and_their_objects(objects: Any, source: Any) -> None:
    image = mrml.add_volume(source.GetScene(), made_labels(), "image")
    before = world_of(source, 2, 4, 4)
    assert magnify_labels(source, image)
    settle_objects(objects)
    after = world_of(source, 2, 4, 4)
    np.testing.assert_allclose(after, np.multiply(before, 1000))
    np.testing.assert_allclose(world_of(image, 2, 4, 4), after)
    assert object_at(objects, after) == 1
    assert not magnify_labels(source, None), "they are so already"


def test_fine_segments_without_an_image_are_shown_larger_too(painted: Any) -> None:
    assert not magnify_labels(painted, None), "voxels of 20 µm are large enough"
    painted.GetScene().RemoveNode(painted.GetNodeReference("BatteryCell.Volume"))
    assert not magnify_labels(painted, None)


def test_notes_survive_a_scene_of_another_program(objects: Any) -> None:
    assert json.loads(objects.GetAttribute("BatteryCell.Objects"))["count"] == 3
    objects.RemoveAttribute("BatteryCell.Objects")
    assert note_of(objects).count == 0
