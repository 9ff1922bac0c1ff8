"""Measures of instances beside what is true of spheres, rods and tilted bodies."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.measures.size import grid_variance
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from numpy.typing import NDArray

VOXEL_UM = (3.0, 2.0, 1.5)


def solid(inside: NDArray[np.bool_], dimension: int = 3, ijk_to_ras: NDArray[np.float64] | None = None) -> Table:
    labels = SlabSource.of_array(inside.astype(np.uint8))
    return measure_instances(labels, 1, VOXEL_UM, companions=Companions(dimension, ijk_to_ras))


def places(shape: tuple[int, int, int]) -> NDArray[np.float64]:
    """x, y, z in µm of the voxels' centres from the volume's middle, shape (3, k, j, i)."""
    z, y, x = ((np.arange(n) - (n - 1) / 2) * step for n, step in zip(shape, VOXEL_UM, strict=True))
    return np.stack(np.broadcast_arrays(x, y[:, None], z[:, None, None]))


def tilted(x: float, y: float, z: float) -> NDArray[np.float64]:
    """Three unit vectors at right angles, the first along (x, y, z)."""
    vectors, _ = np.linalg.qr(np.array([[x, y, z], [0, 1, 0], [0, 0, 1]], float).T)
    return vectors.T * np.sign(vectors[0, 0])


def test_the_axes_of_a_tilted_ellipsoid_are_its_own() -> None:
    frame, axes = tilted(2, 1, 1), np.array([120.0, 80.0, 60.0])
    table = solid(
        (((frame @ places((60, 80, 100)).reshape(3, -1)) / (axes[:, None] / 2)) ** 2).sum(0).reshape(60, 80, 100) <= 1
    )
    found = [table[f"{name}_axis_um"][0] for name in ("major", "middle", "minor")]
    assert found == pytest.approx(axes, rel=0.005)
    assert table["aspect_ratio"][0] == pytest.approx(2, rel=0.005)
    assert table["volume_um3"][0] == pytest.approx(np.pi / 6 * axes.prod(), rel=0.005)


def test_a_tilted_rod_points_where_it_points_in_the_world() -> None:
    frame = tilted(1, 2, 3)
    along, *across = np.einsum("ab,b...->a...", frame, places((60, 60, 60)))
    matrix = np.diag([-0.0015, -0.002, 0.003, 1])
    table = solid((np.abs(along) < 60) & (np.hypot(*across) < 12), 3, matrix)
    direction = np.array([table[f"axis_{axis}"][0] for axis in "ras"])
    assert direction == pytest.approx(np.array([-1, -1, 1]) * frame[0] * np.sign(frame[0, 2]), abs=0.01)


@pytest.mark.parametrize("angle", [-60, 0, 35, 90])
def test_the_angle_of_a_bar_is_counted_as_one_sees_it(angle: float) -> None:
    x, y, _ = places((1, 90, 120))
    turn = np.radians(angle)
    along, across = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    table = solid((np.abs(along) < 50) & (np.abs(across) < 8), 2)
    assert (table["orientation_deg"][0] - angle + 90) % 180 - 90 == pytest.approx(0, abs=0.5)
    assert -90 < table["orientation_deg"][0] <= 90


def test_a_box_is_where_it_was_put() -> None:
    inside = np.zeros((9, 10, 11), bool)
    inside[1:4, 2:6, 3:9] = True
    table = solid(inside)
    ends = [table[f"{axis}_{end}"][0] for axis in "ijk" for end in ("min", "max")]
    assert ends == [3, 8, 2, 5, 1, 3]
    assert [table[f"box_{axis}_um"][0] for axis in "ijk"] == [9, 8, 9]
    assert [table[axis][0] for axis in "ijk"] == [5.5, 3.5, 2]
    assert [table[f"{axis}_mm"][0] for axis in "ras"] == pytest.approx([-0.00825, -0.007, 0.006])
    assert table["on_border"][0] == 0


def test_what_reaches_the_last_row_is_on_the_border() -> None:
    inside = np.zeros((5, 6, 7), bool)
    inside[2, 5, 3] = True
    assert solid(inside)["on_border"][0] == 1


def test_the_border_of_a_slice_is_not_that_of_the_stack() -> None:
    inside = np.zeros((5, 6, 7), bool)
    inside[0, 2, 3] = True
    assert solid(inside, 2)["on_border"][0] == 0


def test_one_voxel_has_no_length_and_no_direction() -> None:
    inside = np.zeros((5, 6, 7), bool)
    inside[2, 2, 3] = True
    table = solid(inside)
    assert table["major_axis_um"][0] == 0
    assert np.isnan([table["aspect_ratio"][0], table["axis_r"][0]]).all()


@pytest.mark.parametrize("dimension", [2, 3])
def test_the_interval_of_a_diameter_holds_it_in_95_of_100_cases(dimension: int) -> None:
    rng, hits = np.random.default_rng(dimension), 0
    shape = (1 if dimension == 2 else 12, 18, 23)
    around = places(shape)
    for wanted in rng.uniform(18, 30, 400):
        away = around - (rng.uniform(-0.5, 0.5, 3) * VOXEL_UM[::-1])[:, None, None, None]
        away[2] *= dimension == 3
        table = solid((away**2).sum(0) <= (wanted / 2) ** 2, dimension)
        hits += abs(table["equivalent_diameter_um"][0] - wanted) <= table["u_equivalent_diameter_um"][0]
    assert 0.92 <= hits / 400 <= 0.98


def test_the_variance_of_counting_is_that_of_the_books_for_squares_and_cubes() -> None:
    assert grid_variance((2.0, 2.0)) == pytest.approx(0.0728 * 2**3, rel=0.01)
    assert grid_variance((2.0, 2.0, 2.0)) == pytest.approx(0.0667 * 2**4, rel=0.01)
