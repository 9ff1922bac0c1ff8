"""Convex hulls of instances and their solidity."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.instances.bodies import hull_points
from batterycell.instances.measures import measure
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_bodies import bodies, draw, figures, pack
from instances_values import noise_regions

VOXEL_UM = (3.0, 2.0, 1.5)


def measured(labels: np.ndarray, dimension: int = 3) -> Table:
    source, companions = SlabSource.of_array(labels), Companions(dimension=dimension)
    return measure_instances(source, int(labels.max()), VOXEL_UM, ["convex_hull", "solidity", "voxels"], companions)


@pytest.mark.parametrize("dimension", [2, 3])
def test_every_convex_shape_has_solidity_1(dimension: int) -> None:
    rng, shapes = np.random.default_rng(4), bodies(9.0) if dimension == 3 else figures(15.0)
    table = measured(pack([draw(body, VOXEL_UM, dimension, rng) for body in shapes]), dimension)
    assert table["solidity"].tolist() == [1] * len(shapes)


def test_areas_are_those_of_scikit_images_hull_of_pixel_middles() -> None:
    from skimage.morphology import convex_hull_image

    labels = noise_regions((1, 80, 90), 2)
    table = measured(labels, 2)
    places = {n: np.argwhere(labels[0] == n) for n in table["n"]}
    wide = [n for n, place in places.items() if np.linalg.matrix_rank(place - place[0]) == 2]
    expected = [convex_hull_image(labels[0] == n, offset_coordinates=False).sum() * 3.0 for n in wide]
    assert len(wide) > 5
    assert table["convex_area_um2"][np.array(wide) - 1] == pytest.approx(expected)


def test_volumes_are_those_of_all_voxels_within_the_facets(monkeypatch: pytest.MonkeyPatch) -> None:
    from scipy.spatial import ConvexHull

    labels = noise_regions((16, 24, 24))
    monkeypatch.setattr(measure, "SLAB_VOXELS", 2 * 24 * 24)
    monkeypatch.setattr(hull_points, "_MANY", 200)
    table = measured(labels)
    for n in table["n"][table["voxels"] > 20]:
        voxels = np.argwhere(labels == n)
        facets = ConvexHull(voxels).equations
        box = np.argwhere(np.ones(np.ptp(voxels, axis=0) + 1)) + voxels.min(axis=0)
        inside = (box @ facets[:, :3].T + facets[:, 3] <= 1e-9).all(axis=1).sum()
        assert table["convex_volume_um3"][n - 1] == pytest.approx(inside * 9.0)


def test_a_voxel_a_line_and_a_plate_are_their_own_hulls() -> None:
    labels = np.zeros((6, 6, 6), np.uint32)
    labels[0, 0, 0], labels[2, :, 0], labels[4, 1:4, 1:5] = 1, 2, 3
    labels[range(2, 5), range(2, 5), range(1, 4)] = 5
    table = measured(labels)
    assert table["solidity"][[0, 1, 2, 4]].tolist() == [1, 1, 1, 1]
    assert np.isnan(table["solidity"][3])


def test_a_gap_in_a_line_or_a_slanting_plate_is_no_part_of_the_object() -> None:
    labels = np.zeros((5, 5, 5), np.uint32)
    labels[0, 0, [0, 3]] = 1
    for k, j, i in ((2, 0, 0), (2, 2, 0), (4, 0, 2), (4, 2, 2)):  # the plane k = i + 2, its middle voxels missing
        labels[k, j, i] = 2
    table = measured(labels)
    assert table["convex_volume_um3"].tolist() == [4 * 9.0, 9 * 9.0]


def test_an_l_of_three_bars_lacks_half() -> None:
    labels = np.zeros((1, 9, 9), np.uint32)
    labels[0, :, 0] = labels[0, 8, :] = 1
    assert measured(labels, 2)["solidity"][0] == 17 / 45
