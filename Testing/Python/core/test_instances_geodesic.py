"""Arc length of instances: along arcs, around cracks, and straight through what is compact."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.instances.bodies import geodesic
from batterycell.instances.measures import measure
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_bodies import arc, bodies, draw, length_of_arc, pack
from instances_values import noise_regions

CUBIC = (1.0, 1.0, 1.0)


def measured(labels: np.ndarray, voxel_um: tuple[float, float, float] = CUBIC, dimension: int = 3) -> Table:
    source, companions = SlabSource.of_array(labels), Companions(dimension=dimension)
    return measure_instances(source, int(labels.max()), voxel_um, ["arc", "feret_max"], companions)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("voxel_um", [CUBIC, (1.0, 1.0, 0.5)])
@pytest.mark.parametrize(("radius", "width", "gap"), [(20, 4, 40), (40, 6, 90), (30, 14, 60)])
def test_an_arc_is_as_long_as_the_taut_line_along_it(
    radius: float, width: float, gap: float, voxel_um: tuple[float, float, float], dimension: int
) -> None:
    length = measured(arc(radius, width, gap, voxel_um).astype(np.uint32), voxel_um, dimension)["arc_um"][0]
    assert 0 < length - length_of_arc(radius, width, gap) < max(4.0, 0.02 * length)


def test_straight_objects_are_as_long_as_their_feret_diameter() -> None:
    rng = np.random.default_rng(9)
    table = measured(pack([draw(body, (2.0, 1.0, 1.0), 3, rng) for body in bodies(8.0)]), (2.0, 1.0, 1.0))
    assert (table["arc_um"] == table["feret_max_um"]).all()


def test_nothing_is_shorter_than_its_feret_diameter() -> None:
    table = measured(noise_regions((24, 30, 30)), (3.0, 2.0, 1.5))
    assert (table["arc_um"] >= table["feret_max_um"]).all()
    assert (table["arc_um"] > 1.1 * table["feret_max_um"]).any()


@pytest.mark.parametrize("row", [7, 8])
def test_a_slit_of_one_voxel_is_gone_around(row: int) -> None:
    labels = np.zeros((1, 16, 41), np.uint32)
    labels[0, :, :] = 1
    labels[0, row, :40] = 0
    assert measured(labels)["arc_um"][0] == pytest.approx(80, abs=9)


def test_batches_and_slabs_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = noise_regions((16, 30, 40))
    whole = measured(labels)["arc_um"]
    monkeypatch.setattr(measure, "SLAB_VOXELS", 30 * 40)
    monkeypatch.setattr(geodesic, "_ROOM", 1000)
    assert measured(labels)["arc_um"] == pytest.approx(whole, rel=1e-9)


def test_a_voxel_and_a_missing_label() -> None:
    labels = np.zeros((3, 3, 3), np.uint32)
    labels[1, 1, 1] = 2
    assert np.array_equal(measured(labels)["arc_um"], [np.nan, 1], equal_nan=True)
