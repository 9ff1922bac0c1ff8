"""Measures of instances: values, as many as there are, in one pass."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError, UsageError
from batterycell.instances.measures import measure
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.measures.registry import COMMON, MEASURES
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from instances_values import grey_of, noise_regions

VOXEL_UM = (3.0, 2.0, 1.5)


def two_boxes() -> SlabSource:
    """A box of 2 × 3 × 4 voxels, label 1, and one voxel, label 3."""
    labels = np.zeros((5, 6, 7), np.uint32)
    labels[1:3, 2:5, 3:7] = 1
    labels[4, 0, 0] = 3
    return SlabSource.of_array(labels)


def test_one_row_an_instance_gaps_included() -> None:
    table = measure_instances(two_boxes(), 3, VOXEL_UM, ["voxels", "volume"])
    assert table["n"].tolist() == [1, 2, 3]
    assert table["voxels"].tolist() == [24, 0, 1]
    assert table["volume_um3"].tolist() == [24 * 9, 0, 9]


def test_in_two_dimensions_the_area_is_measured() -> None:
    labels = np.zeros((2, 4, 5), np.uint32)
    labels[0, 1:3, 1:4], labels[1, 0, 0] = 1, 3
    table = measure_instances(SlabSource.of_array(labels), 3, VOXEL_UM, ["volume"], Companions(dimension=2))
    assert table["area_um2"].tolist() == [6 * 3, 0, 3]
    assert table["slice"].tolist() == [0, -1, 1]


def test_an_object_of_several_slices_cannot_be_measured_in_two_dimensions() -> None:
    with pytest.raises(InputError, match="Object 1 lies in several slices"):
        measure_instances(two_boxes(), 3, VOXEL_UM, ["volume"], Companions(dimension=2))


def test_an_unknown_measure_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no measure weight.*voxels"):
        measure_instances(two_boxes(), 3, VOXEL_UM, ["weight"])


def test_more_labels_than_instances_are_told() -> None:
    with pytest.raises(InputError, match="label 3 among 2"):
        measure_instances(two_boxes(), 2, VOXEL_UM, ["voxels"])


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_labels_that_are_no_numbers_of_instances_are_told(dtype: type) -> None:
    with pytest.raises(InputError, match=r"whole numbers, these are float32|label -1 among 3"):
        measure_instances(SlabSource.of_array(np.full((2, 3, 4), -1, dtype)), 3, VOXEL_UM, ["volume"])


def test_an_image_of_another_grid_is_told() -> None:
    image = SlabSource.of_array(np.zeros((5, 6, 8)))
    with pytest.raises(InputError, match=r"grey has 5 × 6 × 8 voxels .* have 5 × 6 × 7"):
        measure_instances(two_boxes(), 3, VOXEL_UM, companions=Companions(images={"grey": image}))


def test_nothing_at_all_gives_an_empty_table() -> None:
    table = measure_instances(SlabSource.of_array(np.zeros((3, 4, 5), np.uint32)), 0, VOXEL_UM)
    assert len(table) == 0
    assert len(table.columns) > 20


def test_a_label_that_does_not_occur_has_no_values() -> None:
    image = SlabSource.of_array(np.ones((5, 6, 7), np.float32))
    table = measure_instances(two_boxes(), 3, VOXEL_UM, companions=Companions(images={"grey": image}))
    numbers = [column.name for column in table.columns if table[column.name].dtype.kind == "f"]
    assert [name for name in numbers if not np.isnan(table[name][1])] == ["volume_um3"]


def test_slabs_of_any_depth_give_the_same_to_the_last_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = noise_regions((23, 30, 40))
    classes = SlabSource.of_array((labels > 0).astype(np.uint8))
    along = Companions(
        classes=np.ones(int(labels.max()) + 1, int),
        class_names={1: "solid"},
        class_labels=classes,
        images={"grey": SlabSource.of_array(grey_of(labels))},
    )
    tables = []
    for voxels in (1, 7 * 30 * 40, 1 << 24):
        monkeypatch.setattr(measure, "SLAB_VOXELS", voxels)
        tables.append(measure_instances(SlabSource.of_array(labels), int(labels.max()), VOXEL_UM, COMMON, along))
    for column in tables[0].columns:
        for other in tables[1:]:
            assert np.array_equal(tables[0][column.name], other[column.name], equal_nan=True), column.name


def test_the_class_of_an_instance_stands_beside_it() -> None:
    table = measure_instances(two_boxes(), 3, VOXEL_UM, ["voxels"], Companions(classes=np.array([0, 2, 0, 1])))
    assert table["class"].tolist() == [2, 0, 1]


def test_measures_come_in_the_order_in_which_they_were_asked_for_and_once() -> None:
    table = measure_instances(two_boxes(), 3, VOXEL_UM, ["volume", "voxels", "volume"])
    assert [column.name for column in table.columns] == ["n", "volume_um3", "voxels"]


def test_measuring_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        measure_instances(two_boxes(), 3, VOXEL_UM, progress=Progress(is_cancelled=lambda: True))


def test_the_common_measures_are_measures() -> None:
    assert set(COMMON) < set(MEASURES)


def test_images_of_any_name_have_columns_of_their_own() -> None:
    image = SlabSource.of_array(np.ones((5, 6, 7), np.float32))
    along = Companions(images=dict.fromkeys(["k", "BSE 5 kV", "bse_5 kv"], image))
    table = measure_instances(two_boxes(), 3, VOXEL_UM, companions=along)
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    assert {"k_2_mean", "bse_5_kv_mean", "bse_5_kv_2_mean"} < set(names)
