"""Euler numbers of instances: as scikit-image finds them, and on shapes with tunnels and hollows."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.instances.measures import measure
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_values import noise_regions


def measured(labels: np.ndarray, dimension: int = 3) -> Table:
    source, companions = SlabSource.of_array(labels), Companions(dimension=dimension)
    return measure_instances(source, int(labels.max()), (3.0, 2.0, 1.5), ["euler", "euler_6"], companions)


@pytest.mark.parametrize("dimension", [2, 3])
def test_euler_numbers_are_those_of_scikit_image(dimension: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from skimage.measure import euler_number

    labels = noise_regions((1 if dimension == 2 else 24, 40, 40), dimension)
    monkeypatch.setattr(measure, "SLAB_VOXELS", 3 * 40 * 40)
    table = measured(labels, dimension)
    assert len(table) > 3
    for column, order in (("euler_number", dimension), ("euler_number_6", 1)):
        expected = [euler_number((labels == n) if dimension == 3 else (labels[0] == n), order) for n in table["n"]]
        assert table[column].tolist() == expected


def test_a_ring_has_a_tunnel_and_a_shell_a_hollow() -> None:
    labels = np.zeros((5, 12, 6), np.uint32)
    labels[1:4, 1:4, 1:4], labels[1:4, 6:9, 1:4] = 1, 2
    labels[1:4, 2, 2] = 0
    labels[2, 7, 2] = 0
    assert measured(labels)["euler_number"].tolist() == [0, 2]


def test_voxels_that_share_a_corner_are_one_part_or_two() -> None:
    labels = np.zeros((2, 2, 2), np.uint32)
    labels[0, 0, 0] = labels[1, 1, 1] = 1
    table = measured(labels)
    assert (table["euler_number"][0], table["euler_number_6"][0]) == (1, 2)


def test_neighbouring_instances_do_not_join() -> None:
    labels = np.arange(1, 28, dtype=np.uint32).reshape(3, 3, 3)
    assert (measured(labels)["euler_number"] == 1).all()
