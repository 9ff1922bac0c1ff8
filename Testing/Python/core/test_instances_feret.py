"""Feret diameters of instances: on shapes of known size, against all directions, and as scikit-image finds them."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.instances.measures import measure
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_bodies import bodies, draw, figures, pack
from instances_values import noise_regions

VOXEL_UM = (3.0, 2.0, 1.5)


def measured(labels: np.ndarray, voxel_um: tuple[float, float, float] = VOXEL_UM, dimension: int = 3) -> Table:
    source, companions = SlabSource.of_array(labels), Companions(dimension=dimension)
    return measure_instances(source, int(labels.max()), voxel_um, ["feret_max", "feret_min"], companions)


def face_middles(labels: np.ndarray, n: int, dimension: int) -> np.ndarray:
    """Outermost middles of voxels' faces, in 2D of pixels' sides, in µm, shape (p, d)."""
    from scipy.spatial import ConvexHull

    axes, voxels = np.eye(dimension), np.argwhere(labels == n)[:, 3 - dimension :]
    points = (voxels[:, None] + np.concatenate([axes, -axes]) / 2).reshape(-1, dimension) * VOXEL_UM[3 - dimension :]
    return points[ConvexHull(points).vertices]


@pytest.mark.parametrize("dimension", [2, 3])
def test_intervals_hold_the_truth_of_most_shapes(dimension: int) -> None:
    rng, held = np.random.default_rng(5), []
    for body in bodies(10.0) if dimension == 3 else figures(15.0):
        table = measured(pack([draw(body, VOXEL_UM, dimension, rng) for _ in range(3)]), VOXEL_UM, dimension)
        for name in ("feret_max_um", "feret_min_um"):
            held += list(np.abs(table[name] - body.truth[name]) <= table[f"u_{name}"])
    assert np.mean(held) >= 0.9


@pytest.mark.parametrize("dimension", [2, 3])
def test_no_direction_is_longer_than_the_greatest_or_shorter_than_the_least(dimension: int) -> None:
    labels = noise_regions((1 if dimension == 2 else 14, 30, 30), dimension)
    table = measured(labels, VOXEL_UM, dimension)
    directions = np.random.default_rng(6).normal(size=(dimension, 4000))
    directions /= np.linalg.norm(directions, axis=0)
    for n, greatest, least in zip(table["n"], table["feret_max_um"], table["feret_min_um"], strict=True):
        points = face_middles(labels, n, dimension)
        widths = np.ptp(points @ directions, axis=0)
        assert widths.max() <= greatest * (1 + 1e-6) and widths.min() >= least * (1 - 1e-6)
        assert greatest == pytest.approx(np.linalg.norm(points[:, None] - points, axis=2).max())
        assert widths.min() == pytest.approx(least, rel=0.15 if dimension == 3 else 1e-2)


def test_greatest_diameters_are_those_of_scikit_images_surfaces() -> None:
    from scipy.spatial.distance import pdist
    from skimage.measure import marching_cubes

    rng = np.random.default_rng(7)
    labels = pack([draw(body, VOXEL_UM, 3, rng) for body in bodies(8.0)])
    surfaces = [marching_cubes(labels == n, 0.5, spacing=VOXEL_UM)[0] for n in range(1, labels.max() + 1)]
    assert measured(labels)["feret_max_um"] == pytest.approx([pdist(points).max() for points in surfaces], rel=1e-5)


def test_the_least_width_of_a_tetrahedron_is_between_two_edges() -> None:
    # Edges of 20·√2 on the diagonals of a cube: opposite edges are 20 apart, a corner and a facet 23.
    k, j, i = np.indices((21, 21, 21))
    inside = (k + j + i >= 20) & (k - j - i + 20 >= 0) & (j - k - i + 20 >= 0) & (i - k - j + 20 >= 0)
    least = measured(inside.astype(np.uint32), (1.0, 1.0, 1.0))["feret_min_um"][0]
    assert least == pytest.approx(21)


def test_thin_objects_have_the_width_of_a_voxel() -> None:
    labels = np.zeros((5, 9, 9), np.uint32)
    labels[1, :, 0], labels[3, 1:8, 1:8] = 1, 2
    table = measured(labels, (1.0, 1.0, 1.0))
    assert table["feret_max_um"] == pytest.approx([9, np.hypot(7, 6)])
    assert table["feret_min_um"] == pytest.approx([np.sqrt(0.5), 1])


def test_slabs_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = noise_regions((20, 30, 40))
    whole = measured(labels)
    monkeypatch.setattr(measure, "SLAB_VOXELS", 30 * 40)
    slabs = measured(labels)
    assert all(np.array_equal(whole[name], slabs[name], equal_nan=True) for name in whole.data)


def test_without_objects_there_are_no_rows() -> None:
    assert len(measured(np.zeros((3, 4, 5), np.uint32))) == 0
