"""What a model found, in the scene: predictions, previews, uncertainty, disagreement, curves, rounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml, palette
from batterycell.errors import InputError
from batterycell.mrml.cell import attached, role_of
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.tables import table_from_node
from batterycell.mrml.transforms import turn_cell
from batterycell.mrml.wizard.classes import class_ids, classes_of, labels_of
from batterycell.mrml.wizard.curves import remove_training, show_training
from batterycell.mrml.wizard.frames import add_frame, frame_nodes, remove_frame
from batterycell.mrml.wizard.labels import read_codes, read_labels
from batterycell.mrml.wizard.project import scene_dataset
from batterycell.mrml.wizard.project_tables import EVALUATION, project_table, put_table
from batterycell.mrml.wizard.region import Region
from batterycell.mrml.wizard.results import (
    DISAGREEMENT,
    PREVIEW,
    UNCERTAINTY,
    add_prediction,
    add_uncertainty,
    predictions_of,
    remove_results,
    show_disagreement,
    show_preview,
)
from batterycell.mrml.wizard.rounds import Round, add_round, rounds_of
from batterycell.mrml.wizard.segments import look_of, segment_ids
from batterycell.mrml.wizard.training_previews import show_training_previews
from batterycell.segment import PRESETS, Frame, SegmentClass, TrainSettings
from batterycell.segment.data import write_dataset
from batterycell.segment.train.history import make_history
from batterycell.segment.train.validate import preview_names
from batterycell.tables import Column, Table
from batterycell.volume import Volume
from wizard_scenes import PRESET, add_image, block, brush, turned

CLASSES = PRESETS[PRESET]


@pytest.fixture
def image(scene: Any) -> Any:
    return add_image(scene, matrix=turned())


def predicted(image: Any, region: Region | None = None) -> Volume:
    whole = mrml.volume_of(image)
    part = (region or Region.of(whole)).crop(whole)
    codes = np.random.default_rng(0).integers(0, 4, part.array.shape).astype(np.uint8)
    return Volume(codes, part.ijk_to_ras, "made", "predicted")


def test_a_prediction_is_a_segmentation_of_the_models_classes_beside_the_labels(scene: Any, image: Any) -> None:
    brush(labels_of(image), class_ids(scene)[0], block((3, 0, 0), (1, 5, 5)))
    painted, labels = read_labels(labels_of(image)).array, predicted(image)
    node = add_prediction(image, labels, CLASSES, "cell 1.0")
    assert (read_labels(node).array == labels.array).all()
    assert [look_of(node, one) for one in segment_ids(node)] == [(one.name, one.color) for one in CLASSES]
    assert role_of(node) == "prediction"
    assert (read_labels(labels_of(image)).array == painted).all()


def test_predictions_do_not_replace_each_other(image: Any) -> None:
    nodes = [add_prediction(image, predicted(image), CLASSES, "m") for _ in range(2)]
    assert predictions_of(image) == nodes
    assert len({node.GetName() for node in nodes}) == 2


def test_a_prediction_of_other_classes_than_the_projects_keeps_its_own(scene: Any, image: Any) -> None:
    classes = [SegmentClass("pore", "#111111"), SegmentClass("solid", "#222222")]
    labels = predicted(image)
    node = add_prediction(image, Volume(np.minimum(labels.array, 2), labels.ijk_to_ras, "made"), classes)
    assert [look_of(node, one)[0] for one in segment_ids(node)] == ["pore", "solid"]
    assert read_labels(node).array.max() == 2


def test_a_prediction_of_a_region_lies_in_its_place(image: Any) -> None:
    region = block((2, 5, 6), (3, 4, 5))
    node = add_prediction(image, predicted(image, region), CLASSES)
    assert (read_codes(node, region) == predicted(image, region).array).all()
    assert np.count_nonzero(read_labels(node).array) == np.count_nonzero(predicted(image, region).array)


def test_a_prediction_without_any_label_is_empty(image: Any) -> None:
    labels = predicted(image)
    node = add_prediction(image, Volume(np.zeros_like(labels.array), labels.ijk_to_ras, "made"), CLASSES)
    assert not read_labels(node).array.any()


@pytest.mark.parametrize("shift", [0.5, 100.0])
def test_a_prediction_that_lies_elsewhere_is_refused(image: Any, shift: float) -> None:
    labels = predicted(image)
    matrix = labels.ijk_to_ras.copy()
    matrix[:3, 3] += matrix[:3, 0] * shift
    if shift < 1:
        matrix[:3, 0] *= 1.1
    with pytest.raises(InputError, match="does not lie on the pixels"):
        add_prediction(image, Volume(labels.array, matrix, "made"), CLASSES)
    assert predictions_of(image) == []


def test_what_a_model_found_turns_with_the_cell(image: Any) -> None:
    nodes = [add_prediction(image, predicted(image), CLASSES)]
    nodes.append(add_uncertainty(image, predicted(image)))
    turn_cell(image, "R", 20.0)
    assert all(node.GetParentTransformNode() is image.GetParentTransformNode() for node in nodes)


def test_a_prediction_comes_back_with_a_saved_scene(scene: Any, image: Any, tmp_path: Path) -> None:
    labels = predicted(image)
    add_prediction(image, labels, CLASSES, "m")
    mrml.save_scene(scene, tmp_path / "project.mrb")
    loaded = mrml.new_scene()
    try:
        mrml.load_scene(loaded, tmp_path / "project.mrb")
        (volume,) = nodes_of(loaded, "vtkMRMLScalarVolumeNode")
        (node,) = predictions_of(volume)
        assert (read_labels(node).array == labels.array).all()
    finally:
        mrml.close_scene(loaded)


def test_uncertainty_is_one_map_in_colours_that_lets_the_image_show_where_the_model_is_sure(image: Any) -> None:
    for _ in range(2):
        node = add_uncertainty(image, predicted(image))
    assert attached(image, UNCERTAINTY) == [node]
    display = node.GetDisplayNode()
    assert (display.GetWindowLevelMin(), display.GetWindowLevelMax()) == (0.0, 100.0)
    assert display.GetApplyThreshold()
    assert "Grey" not in display.GetColorNodeID()


def test_a_preview_is_refreshed_in_place_and_others_stay(scene: Any, image: Any) -> None:
    here, there = block((2, 0, 0), (1, 20, 24)), block((7, 0, 0), (1, 20, 24))
    node = show_preview(image, CLASSES, np.full(here.shape, 1, np.uint8), here)
    show_preview(image, CLASSES, np.full(there.shape, 2, np.uint8), there)
    assert show_preview(image, CLASSES, np.full(here.shape, 3, np.uint8), here) is node
    codes = read_labels(node).array
    assert (codes[2] == 3).all()
    assert (codes[7] == 2).all()
    assert np.count_nonzero(codes) == 2 * 20 * 24
    assert not read_labels(labels_of(image)).array.any()
    remove_results(image, PREVIEW)
    assert attached(image, PREVIEW) == []


def test_previews_of_other_classes_replace_those_before(image: Any) -> None:
    here = block((2, 0, 0), (1, 20, 24))
    show_preview(image, CLASSES, np.full(here.shape, 3, np.uint8), here)
    other = (SegmentClass("pore", "#111111"), *CLASSES[1:])
    node = show_preview(image, other, np.full(here.shape, 1, np.uint8), here)
    assert attached(image, PREVIEW) == [node]
    assert look_of(node, segment_ids(node)[0]) == ("pore", "#111111")


def test_disagreement_is_marked_where_paint_and_prediction_differ(image: Any) -> None:
    region = block((2, 0, 0), (1, 2, 3))
    painted = np.array([[[1, 1, 0], [2, 2, 3]]], np.uint8)
    found = np.array([[[1, 2, 2], [2, 0, 1]]], np.uint8)
    assert show_disagreement(image, painted, found, region) == 2
    (node,) = attached(image, DISAGREEMENT)
    assert read_codes(node, region).tolist() == [[[0, 1, 0], [0, 0, 1]]]
    assert show_disagreement(image, painted, painted, region) == 0
    assert not read_codes(node, region).any()


def history(epochs: int) -> Table:
    rows = [[n + 1, 1 / (n + 1), 1e-3, n, None if n % 2 else 0.5, 0.4, 0.5, 0.6] for n in range(epochs)]
    return make_history(rows, CLASSES)


def curves_of(chart: Any) -> list[tuple[str, str]]:
    curves = [chart.GetNthPlotSeriesNode(index) for index in range(chart.GetNumberOfPlotSeriesNodes())]
    return [(curve.GetName(), curve.GetYColumnName()) for curve in curves]


def test_curves_show_the_loss_and_the_dice_of_each_class_in_its_colour(scene: Any) -> None:
    loss, dice = show_training(scene, history(3), CLASSES)
    assert curves_of(loss) == [("Loss", "loss")]
    assert curves_of(dice) == [
        ("mean", "mean_dice"),
        ("background", "dice_background"),
        ("cathode", "dice_cathode"),
        ("anode overhang", "dice_anode_overhang"),
    ]
    assert dice.GetNthPlotSeriesNode(2).GetColor() == pytest.approx(palette.to_rgb(CLASSES[1].color))


def test_an_epoch_refreshes_the_curves_in_place(scene: Any) -> None:
    charts = show_training(scene, history(1), CLASSES)
    count = scene.GetNumberOfNodes()
    assert show_training(scene, history(4), CLASSES) == charts
    assert scene.GetNumberOfNodes() == count
    table = charts[0].GetNthPlotSeriesNode(0).GetTableNode()
    assert table_from_node(table)["epoch"].tolist() == [1, 2, 3, 4]
    assert np.isnan(table_from_node(table)["mean_dice"]).tolist() == [False, True, False, True]


def test_a_training_of_other_classes_has_other_curves_and_leaves_none_behind(scene: Any) -> None:
    count = scene.GetNumberOfNodes()
    show_training(scene, history(2), CLASSES)
    classes = (*CLASSES, SegmentClass("tab", "#123456"))
    _, dice = show_training(scene, make_history([[1, 1.0, 1e-3, 2, 0.5, 0.4, 0.5, 0.6, 0.7]], classes), classes)
    assert len(curves_of(dice)) == 5
    remove_training(scene)
    assert scene.GetNumberOfNodes() == count


def test_classes_renamed_to_colours_of_their_own_recolour_the_curves(scene: Any) -> None:
    show_training(scene, history(2), CLASSES)
    other = tuple(SegmentClass(one.name, "#0000FF") for one in CLASSES)
    _, dice = show_training(scene, history(3), other)
    assert dice.GetNthPlotSeriesNode(1).GetColor() == (0.0, 0.0, 1.0)


def test_rounds_are_kept_with_the_scene_and_shown_as_a_table(scene: Any, tmp_path: Path) -> None:
    add_round(scene, Round(3, 1200, 1.5, {"cathode": 0.9, "pore": 0.7}, "m 0.1"))
    node = add_round(scene, Round(4, 2000, 2.5, {"cathode": 0.95}, "m 0.2", "m 0.1"))
    table = table_from_node(node)
    assert table["round"].tolist() == [1, 2]
    assert table["mean_dice"].tolist() == pytest.approx([0.8, 0.95])
    assert table["parent"].tolist() == ["", "m 0.1"]
    assert table["dice_pore"].tolist()[0] == 0.7
    mrml.save_scene(scene, tmp_path / "project.mrb")
    loaded = mrml.new_scene()
    try:
        mrml.load_scene(loaded, tmp_path / "project.mrb")
        assert rounds_of(loaded) == rounds_of(scene)
        add_round(loaded, Round(5, 1, 1.0))
        assert len(project_table(loaded, "rounds") or []) == 3
    finally:
        mrml.close_scene(loaded)


def test_an_evaluation_is_one_table_node_that_is_refreshed(scene: Any) -> None:
    columns = (Column("image", "Image", "", "The image."), Column("dice", "Dice", "", "The Dice."))
    tables = [Table(columns, {"image": np.array(["a"] * n), "dice": np.full(n, 0.5)}) for n in (1, 3)]
    nodes = [put_table(scene, EVALUATION, table, "Evaluation") for table in tables]
    assert nodes[0] is nodes[1]
    assert project_table(scene, EVALUATION)["image"].tolist() == ["a", "a", "a"]


def test_the_projects_classes_are_not_touched_by_predictions(scene: Any, image: Any) -> None:
    add_prediction(image, predicted(image), [SegmentClass("x", "#111111"), SegmentClass("y", "#222222"), CLASSES[0]])
    assert classes_of(scene) == CLASSES


def test_previews_of_a_training_show_where_their_frames_lie_and_changed_frames_are_passed_over(
    scene: Any, image: Any, tmp_path: Path
) -> None:
    volume = mrml.volume_of(image)
    for name, k in (("a b", 2), ("c", 7)):
        add_frame(image, Frame.of_slice(name, "cell", volume, k).with_role("monitoring"))
    dataset = scene_dataset(scene, TrainSettings())
    write_dataset(dataset, tmp_path / "dataset")
    (tmp_path / "previews").mkdir()
    for sample, name in zip(dataset.samples, preview_names([one.name for one in dataset.samples]), strict=True):
        np.save(tmp_path / "previews" / name, np.full(sample.labels.shape, 2, np.uint8))
    remove_frame(frame_nodes(scene)[1])
    add_frame(image, Frame.of_voxels("c", "cell", volume, (7, 0, 0), (8, 5, 5)).with_role("monitoring"))
    assert show_training_previews(scene, tmp_path) == 1
    (node,) = attached(image, PREVIEW)
    codes = read_labels(node).array
    assert (codes[2] == 2).all()
    assert np.count_nonzero(codes) == 20 * 24
