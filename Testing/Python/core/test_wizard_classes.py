"""Classes of a segmentation project: segments of every image's labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.errors import InputError
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.wizard.classes import (
    add_class,
    all_labels,
    class_ids,
    classes_of,
    ensure_labels,
    labels_of,
    move_class,
    paint_of,
    recolor_class,
    remove_class,
    rename_class,
    set_classes,
    sync_classes,
    use_preset,
)
from batterycell.mrml.wizard.labels import read_labels
from batterycell.mrml.wizard.layers import image_matrix
from batterycell.mrml.wizard.segments import look_of, segment_ids
from batterycell.segment import PRESETS, SegmentClass
from wizard_scenes import PRESET, SHAPE, STACK, add_image, block, brush, turned

NAMES = ["background", "cathode", "anode overhang"]


def names(scene: Any) -> list[str]:
    return [one.name for one in classes_of(scene)]


def shown(labels_node: Any) -> list[str]:
    return [look_of(labels_node, one)[0] for one in segment_ids(labels_node)]


@pytest.fixture
def pair(scene: Any) -> tuple[Any, Any]:
    """The labels of two images."""
    return labels_of(add_image(scene, "one")), labels_of(add_image(scene, "two"))


def test_a_preset_gives_names_colours_and_order(scene: Any) -> None:
    use_preset(scene, PRESET)
    assert classes_of(scene) == PRESETS[PRESET]


def test_a_new_scene_has_no_classes(scene: Any) -> None:
    assert classes_of(scene) == ()
    assert not sync_classes(scene)


def test_the_labels_of_every_image_have_the_same_segments(scene: Any, pair: tuple[Any, Any]) -> None:
    assert [shown(node) for node in pair] == [NAMES, NAMES]
    assert segment_ids(pair[0]) == segment_ids(pair[1]) == class_ids(scene)


def test_labels_belong_to_their_volume_and_are_made_once(scene: Any) -> None:
    node = add_image(scene)
    assert volume_node_of(labels_of(node)) is node
    assert ensure_labels(node) is labels_of(node)
    assert len(all_labels(scene)) == 1


@pytest.mark.parametrize("matrix", [STACK, turned()])
def test_labels_have_the_geometry_of_their_volume(scene: Any, matrix: np.ndarray) -> None:
    import slicer

    labels = labels_of(add_image(scene, matrix=matrix))
    text = labels.GetSegmentation().GetConversionParameter("Reference image geometry")
    image = slicer.vtkOrientedImageData()
    assert slicer.vtkSegmentationConverter.DeserializeImageGeometry(text, image, False)
    assert image.GetExtent() == block((0, 0, 0), SHAPE).extent
    assert np.allclose(image_matrix(image), matrix)


def test_a_new_class_is_a_segment_everywhere_in_a_colour_that_is_not_used(scene: Any, pair: tuple[Any, Any]) -> None:
    assert add_class(scene) == "class 1"
    assert [shown(node) for node in pair] == [[*NAMES, "class 1"]] * 2
    assert len({one.color for one in classes_of(scene)}) == 4


def test_renaming_and_recolouring_reach_all_images_and_keep_the_paint(scene: Any, pair: tuple[Any, Any]) -> None:
    brush(pair[0], class_ids(scene)[1], block((0, 0, 0), (1, 2, 3)))
    rename_class(scene, "cathode", "particles ＆ more")
    recolor_class(scene, "particles ＆ more", "#00ff00")
    assert look_of(pair[1], class_ids(scene)[1]) == ("particles ＆ more", "#00FF00")
    assert paint_of(scene, "particles ＆ more") == {"one": 6}


@pytest.mark.parametrize("name", ["", "  ", "Cathode", "anode  overhang"])
def test_a_name_must_be_there_and_new(scene: Any, pair: tuple[Any, Any], name: str) -> None:
    with pytest.raises(InputError, match=r"name|called"):
        rename_class(scene, "background", name)
    assert names(scene) == NAMES


def test_moving_a_class_takes_its_paint_along(scene: Any, pair: tuple[Any, Any]) -> None:
    brush(pair[0], class_ids(scene)[2], block((0, 0, 0), (1, 1, 5)))
    move_class(scene, "anode overhang", 0)
    assert names(scene) == ["anode overhang", "background", "cathode"] == shown(pair[1])
    assert np.bincount(read_labels(pair[0]).array.ravel(), minlength=4).tolist()[1:] == [5, 0, 0]


def test_a_painted_class_is_only_removed_when_that_is_confirmed(scene: Any, pair: tuple[Any, Any]) -> None:
    brush(pair[1], class_ids(scene)[1], block((0, 0, 0), (1, 2, 2)))
    with pytest.raises(InputError, match="4 pixels in two") as error:
        remove_class(scene, "cathode")
    assert error.value.code == "class-painted"
    assert names(scene) == NAMES
    remove_class(scene, "cathode", lose_paint=True)
    assert [shown(node) for node in pair] == [["background", "anode overhang"]] * 2


def test_another_preset_keeps_the_paint_of_classes_of_the_same_name(scene: Any, pair: tuple[Any, Any]) -> None:
    brush(pair[0], class_ids(scene)[1], block((0, 0, 0), (1, 2, 2)))
    set_classes(scene, [SegmentClass("binder", "#111111"), SegmentClass("Cathode", "#222222")])
    assert names(scene) == ["binder", "Cathode"]
    assert paint_of(scene, "cathode") == {"one": 4}


def test_what_is_renamed_recoloured_or_added_by_hand_reaches_all_images(scene: Any, pair: tuple[Any, Any]) -> None:
    segmentation = pair[1].GetSegmentation()
    segmentation.GetSegment(class_ids(scene)[0]).SetName("gas")
    segmentation.GetSegment(class_ids(scene)[1]).SetColor(0.0, 0.0, 1.0)
    segmentation.AddEmptySegment("", "crack", (1.0, 0.0, 0.0))
    assert sync_classes(scene)
    assert names(scene) == ["gas", "cathode", "anode overhang", "crack"] == shown(pair[0]) == shown(pair[1])
    assert classes_of(scene)[1].color == "#0000FF"
    assert not sync_classes(scene)


def test_a_class_removed_by_hand_goes_everywhere_unless_it_is_painted_elsewhere(
    scene: Any, pair: tuple[Any, Any]
) -> None:
    brush(pair[0], class_ids(scene)[1], block((0, 0, 0), (1, 2, 2)))
    for segment_id in class_ids(scene)[1:]:
        pair[1].GetSegmentation().RemoveSegment(segment_id)
    assert sync_classes(scene)
    assert names(scene) == ["background", "cathode"] == shown(pair[0]) == shown(pair[1])
    assert paint_of(scene, "cathode") == {"one": 4}


def test_moving_a_segment_by_hand_moves_the_class(scene: Any, pair: tuple[Any, Any]) -> None:
    pair[0].GetSegmentation().SetSegmentIndex(class_ids(scene)[2], 0)
    assert sync_classes(scene)
    assert names(scene) == ["anode overhang", "background", "cathode"] == shown(pair[1])


def test_two_classes_named_alike_by_hand_get_names_of_their_own(scene: Any, pair: tuple[Any, Any]) -> None:
    pair[0].GetSegmentation().GetSegment(class_ids(scene)[1]).SetName("background")
    assert sync_classes(scene)
    assert names(scene) == ["background", "background (2)", "anode overhang"] == shown(pair[0])


def test_classes_and_labels_come_back_with_a_saved_scene(scene: Any, pair: tuple[Any, Any], tmp_path: Path) -> None:
    rename_class(scene, "background", "Luft & „Gas“")
    brush(pair[0], class_ids(scene)[1], block((3, 4, 5), (1, 2, 3)))
    before, painted = classes_of(scene), read_labels(pair[0]).array
    mrml.save_scene(scene, tmp_path / "project.mrb")
    loaded = mrml.new_scene()
    try:
        mrml.load_scene(loaded, tmp_path / "project.mrb")
        assert classes_of(loaded) == before
        assert not sync_classes(loaded)
        assert (read_labels(all_labels(loaded)[0]).array == painted).all()
        assert add_class(loaded) == "class 1"
    finally:
        mrml.close_scene(loaded)


def test_a_closed_scene_leaves_no_project_behind(scene: Any, pair: tuple[Any, Any]) -> None:
    scene.Clear(False)
    assert classes_of(scene) == ()
    assert all_labels(scene) == []
