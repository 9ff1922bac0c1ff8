"""Contact of instances with classes, and of classes with each other."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.instances.measures import measure
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.outlines.contact import contact_between_classes
from batterycell.instances.outlines.contact_classes import ClassPlaces
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_bodies import bodies, draw, pack
from instances_values import noise_regions

VOXEL_UM = (3.0, 2.0, 1.5)
NAMES = {0: "pore", 1: "Active material", 2: "CBD"}


def measured(labels: np.ndarray, classes: np.ndarray, dimension: int = 3) -> Table:
    companions = Companions(dimension=dimension, class_names=NAMES, class_labels=SlabSource.of_array(classes))
    measures = ["contact", "surface"]
    return measure_instances(SlabSource.of_array(labels), int(labels.max()), VOXEL_UM, measures, companions)


def particles(dimension: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Active material in pores above and binder below."""
    labels = noise_regions((20, 30, 40), dimension)
    classes = np.where(labels > 0, 1, np.where(np.arange(20)[:, None, None] < 9, 0, 2)).astype(np.uint8)
    return labels, classes


def test_half_a_ball_in_binder_has_half_of_its_surface_there() -> None:
    labels = pack([draw(bodies(12.0)[0], (1.0, 1.0, 1.0), 3, np.random.default_rng(3))])
    middle = (np.arange(labels.shape[1]) < round(np.argwhere(labels)[:, 1].mean()))[None, :, None]
    table = measured(labels, np.where(labels > 0, 1, np.where(middle, 0, 2)).astype(np.uint8))
    assert table["contact_cbd_um2"][0] / table["surface_um2"][0] == pytest.approx(0.5, abs=0.05)
    assert table["contact_active_material_um2"][0] == 0


@pytest.mark.parametrize("dimension", [2, 3])
def test_contacts_add_up_to_the_surface_of_what_the_border_does_not_cut(dimension: int) -> None:
    labels, classes = particles(dimension)
    for axis in range(3 - dimension, 3):
        ends = np.moveaxis(labels, axis, 0)
        ends[0] = ends[-1] = 0
    table = measured(labels, classes, dimension)
    unit, surface = ("um2", "surface_um2") if dimension == 3 else ("um", "perimeter_um")
    total = sum(table[f"contact_{word}_{unit}"] for word in ("pore", "active_material", "cbd"))
    there = np.isfinite(table[surface])
    assert total[there] == pytest.approx(table[surface][there], rel=1e-12)


def test_what_lies_outside_is_no_class_even_if_class_0_has_a_name() -> None:
    labels = np.ones((4, 5, 6), np.uint32)
    assert measured(labels, labels.astype(np.uint8))["contact_pore_um2"].tolist() == [0]


def test_slabs_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measured(*particles())
    monkeypatch.setattr(measure, "SLAB_VOXELS", 30 * 40)
    slabs = measured(*particles())
    assert all((whole[name] == slabs[name]).all() for name in whole.data if name.startswith("contact"))


def test_contact_between_classes_is_the_sum_of_that_of_their_instances() -> None:
    labels, classes = particles()
    between = contact_between_classes(SlabSource.of_array(classes), VOXEL_UM, NAMES)
    table = measured(labels, classes)
    assert between[1, 2] == pytest.approx(table["contact_cbd_um2"].sum())
    assert between[1, 0] == pytest.approx(table["contact_pore_um2"].sum())
    assert (between == between.T).all() and not between.diagonal().any()


def test_without_classes_contact_is_told_to_need_them() -> None:
    labels = SlabSource.of_array(np.ones((2, 2, 2), np.uint32))
    with pytest.raises(InputError, match="label volume of the classes"):
        measure_instances(labels, 1, VOXEL_UM, ["contact"])


def test_names_of_classes_become_different_columns() -> None:
    assert ClassPlaces({1: "NMC 811", 2: "nmc-811", 3: "°"}).words == ("nmc_811", "nmc_811_2", "class_3")
