"""Perimeter and surface area of instances: on shapes of known size, and as scikit-image finds them."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.instances.measures import measure
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.outlines.contact import contact_between_classes
from batterycell.instances.outlines.weights import crossing_weights, plane_errors
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_bodies import bodies, draw, figures, pack
from instances_values import noise_regions
from scipy import ndimage

CUBIC = (1.0, 1.0, 1.0)


def measured(labels: np.ndarray, voxel_um: tuple[float, float, float], dimension: int = 3) -> Table:
    source, companions = SlabSource.of_array(labels), Companions(dimension=dimension)
    return measure_instances(source, int(labels.max()), voxel_um, ["surface", "sphericity"], companions)


@pytest.mark.parametrize("voxel_um", [CUBIC, (2.0, 1.0, 1.0), (0.5, 1.0, 1.5)])
def test_a_balls_surface_is_right_to_a_percent_whatever_the_voxels(voxel_um: tuple[float, float, float]) -> None:
    ball = bodies(12.0)[0]
    table = measured(pack([draw(ball, voxel_um, 3, np.random.default_rng(1))]), voxel_um)
    assert table["surface_um2"][0] == pytest.approx(4 * np.pi * 144, rel=0.01)
    assert table["sphericity"][0] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("voxel_um", [CUBIC, (2.0, 1.0, 2.0)])
def test_intervals_hold_the_truth_of_most_shapes(dimension: int, voxel_um: tuple[float, float, float]) -> None:
    rng, held = np.random.default_rng(2), []
    name = "surface_um2" if dimension == 3 else "perimeter_um"
    for body in bodies(8.0) if dimension == 3 else figures(12.0):
        pieces = [draw(body, voxel_um, dimension, rng) for _ in range(4)]
        table = measured(pack(pieces), voxel_um, dimension)
        held += list(np.abs(table[name] - body.truth[name]) <= table[f"u_{name}"])
    assert np.mean(held) >= 0.85


def test_a_sponge_has_the_surface_that_is_expected_of_it_within_the_interval() -> None:
    # Rice's formula: a level set at the mean of Gaussian noise smoothed by s has 2 / (π·√2·s) of surface a volume.
    noise = ndimage.gaussian_filter(np.random.default_rng(10).normal(size=(80, 80, 80)), 2.0, mode="wrap")
    sponge = SlabSource.of_array((noise > 0).astype(np.uint8))
    surface = contact_between_classes(sponge, CUBIC, {0: "pore", 1: "solid"})[0, 1]
    table = measured((noise > 0).astype(np.uint32), CUBIC)
    expected = 79**3 * 2 / (np.pi * np.sqrt(2) * 2.0)
    assert abs(surface / expected - 1) < table["u_surface_um2"][0] / table["surface_um2"][0] < 0.1


def test_planes_are_as_wrong_as_is_said() -> None:
    solid, flat = plane_errors(CUBIC), plane_errors(CUBIC, 2)
    assert (round(solid.min(), 2), round(solid.max(), 2)) == (-0.07, 0.02)
    assert (round(flat.min(), 2), round(flat.max(), 2)) == (-0.05, 0.03)
    assert abs(solid.mean()) < 1e-3 and abs(flat.mean()) < 1e-3


def test_weights_for_cubic_voxels_are_the_published_ones() -> None:
    # Lehmann and Legland 2012, table 1: shares of half the sphere for an axis, and a face's and a cube's diagonal.
    shares = crossing_weights(CUBIC)[[0, 2, 7]] * np.sqrt([1, 2, 3]) / 2
    assert shares == pytest.approx([0.0457779 * 2, 0.0369806 * 2, 0.0351956 * 2], rel=1e-5)


def test_perimeters_are_those_of_scikit_image() -> None:
    from skimage.measure import perimeter_crofton

    labels = noise_regions((1, 90, 80), 2)
    table = measured(labels, CUBIC, 2)
    expected = [perimeter_crofton(labels[0] == n, 4) for n in table["n"]]
    assert table["perimeter_um"] == pytest.approx(expected, rel=1e-7)


def test_an_object_at_the_border_is_closed_there() -> None:
    inside, outside = np.zeros((10, 11, 12), np.uint32), np.zeros((14, 15, 16), np.uint32)
    inside[:], outside[2:-2, 2:-2, 2:-2] = 1, 1
    assert measured(inside, CUBIC)["surface_um2"] == measured(outside, CUBIC)["surface_um2"]


def test_slabs_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = noise_regions((20, 30, 40))
    whole = measured(labels, (3.0, 2.0, 1.5))
    monkeypatch.setattr(measure, "SLAB_VOXELS", 2 * 30 * 40)
    assert (measured(labels, (3.0, 2.0, 1.5))["surface_um2"] == whole["surface_um2"]).all()


def test_a_label_without_voxels_has_no_surface_and_a_voxel_has_one() -> None:
    labels = np.zeros((3, 3, 3), np.uint32)
    labels[1, 1, 1] = 2
    table = measured(labels, CUBIC)
    assert np.isnan(table["surface_um2"][0]) and np.isnan(table["sphericity"][0])
    assert 3 < table["surface_um2"][1] < 6
