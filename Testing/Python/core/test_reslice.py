"""Planes to look along: across a winding, and longitudinal about the axis, as matrices and as images."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.interpolation import interpolate
from batterycell.progress import Progress
from batterycell.reslice import (
    CylinderSampler,
    cut_all_around,
    cut_half_plane,
    longitudinal_extent,
    longitudinal_plane,
    plane_across_winding,
    voxel_sizes,
)
from batterycell.reslice.trilinear import trilinear
from batterycell.volume import Volume
from look_cells import CELLS, POSES, found, phantom, traced, true_windings
from scipy import ndimage


def is_rigid(matrix: np.ndarray) -> bool:
    axes = matrix[:3, :3]
    return bool(np.allclose(axes.T @ axes, np.eye(3)) and np.linalg.det(axes) > 0.999)


def normals_off_deg(name: str) -> np.ndarray:
    """Angle between the planes' outward direction and the winding's true normal, at points of the roll's body."""
    cell, height = found(name), float(traced(name).heights_mm[0])
    turns, ras = true_windings(name, height)
    running = np.gradient(ras, axis=0)
    chosen = np.flatnonzero((turns > 0.5) & (turns < turns.max() - 0.5) & (np.gradient(turns) < 0.01))[::53]
    off = []
    for n in chosen:
        outward = plane_across_winding(phantom(name).volume, cell, ras[n])[:3, 0]
        along = running[n] / np.linalg.norm(running[n])
        off.append(np.degrees(np.arcsin(abs(outward @ along))))
    return np.array(off)


@pytest.mark.parametrize("name", CELLS)
def test_the_plane_cuts_the_winding_squarely(name: str) -> None:
    off = normals_off_deg(name)
    assert len(off) > 15
    assert np.median(off) < 1.0 and np.percentile(off, 90) < 3.0


def test_a_radial_plane_would_not_cut_a_dented_winding_squarely() -> None:
    cell, height = found("dented"), float(traced("dented").heights_mm[0])
    turns, ras = true_windings("dented", height)
    running = np.gradient(ras, axis=0)[turns < 1]
    outward = ras[turns < 1] - cell.frame.from_cylindrical(0, 0, height)
    cosine = (running * outward).sum(1) / np.linalg.norm(running, axis=1) / np.linalg.norm(outward, axis=1)
    assert np.degrees(np.arcsin(np.abs(cosine))).max() > 8


@pytest.mark.parametrize("name", POSES)
def test_the_plane_holds_the_point_and_the_axis_direction(name: str) -> None:
    cell = found(name)
    point = cell.frame.from_cylindrical(77.0, 0.6 * cell.can.outer_radius_mm, 0.1)
    plane = plane_across_winding(phantom(name).volume, cell, point)
    assert is_rigid(plane)
    assert np.allclose(plane[:3, 3], point)
    assert plane[:3, 1] @ cell.frame.up == pytest.approx(1.0)


@pytest.mark.parametrize("angle", [10.0, 45.0, 80.0])
def test_the_border_of_the_volume_is_not_taken_for_a_sheet(angle: float) -> None:
    volume, cell = phantom("plain").volume, found("plain")
    point = cell.frame.from_cylindrical(angle, 0.6 * cell.can.outer_radius_mm, 0.0)
    column = round(float(volume.to_ijk(point)[0])) + 3
    cropped = Volume(np.ascontiguousarray(volume.array[:, :, :column]), volume.ijk_to_ras, "test")
    cut, whole = (plane_across_winding(one, cell, point)[:3, 0] for one in (cropped, volume))
    assert np.degrees(np.arccos(np.clip(cut @ whole, -1, 1))) < 5


def test_where_there_are_no_sheets_the_plane_is_radial() -> None:
    cell = found("plain")
    volume = phantom("plain").volume
    blank = Volume(np.full_like(volume.array, 7), volume.ijk_to_ras, "test")
    point = cell.frame.from_cylindrical(33.0, 2.0, 0.0)
    outward = plane_across_winding(blank, cell, point)[:3, 0]
    assert outward @ cell.frame.from_cylindrical(33.0, 1.0, 0.0) == pytest.approx(
        1.0 + outward @ cell.frame.origin, abs=1e-6
    )


def test_on_the_axis_itself_there_is_a_plane_too() -> None:
    cell = found("plain")
    assert is_rigid(plane_across_winding(phantom("plain").volume, cell, cell.frame.from_cylindrical(0, 0, 0.0)))


@pytest.mark.parametrize("point", [[999.0, 0.0, 0.0], [np.nan, 0.0, 0.0], [[0.0, 0.0, 0.0]]])
def test_points_outside_the_volume_are_refused(point: list[float]) -> None:
    with pytest.raises(InputError, match="volume"):
        plane_across_winding(phantom("plain").volume, found("plain"), point)


@pytest.mark.parametrize("name", POSES)
@pytest.mark.parametrize("angle", [0.0, 123.4, -90.0, 720.5])
def test_the_longitudinal_plane_stands_on_its_half(name: str, angle: float) -> None:
    cell = found(name)
    plane, (width, height) = longitudinal_plane(cell, angle), longitudinal_extent(cell)
    assert is_rigid(plane)
    corners = plane @ np.array([[-width / 2, height / 2, 0, 1], [width / 2, -height / 2, 0, 1]]).T
    angles, radii, heights = cell.frame.to_cylindrical(corners[:3].T)
    assert radii == pytest.approx([0.0, cell.can.outer_radius_mm], abs=1e-6)
    assert heights == pytest.approx(cell.heights_mm[::-1])
    assert (angles[1] - angle + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", POSES)
def test_a_half_plane_shows_what_lies_in_its_place(name: str) -> None:
    volume, cell = phantom(name).volume, found(name)
    image = cut_half_plane(volume, cell, 210.0)
    _, j, i = np.indices(image.array.shape)[:, 0]
    grey = interpolate(volume, volume.to_ijk(image.to_ras(np.stack([i, j, 0 * i], axis=-1))))
    known = np.isfinite(grey)
    assert known.mean() > 0.8
    assert np.abs(image.array[0][known] - grey[known]).max() <= 0.51
    assert image.spacing_mm[:2] == pytest.approx(voxel_sizes(volume, cell.frame)[::-1])
    angles, radii, heights = cell.frame.to_cylindrical(image.to_ras([[0, 0, 0], [image.array.shape[2] - 1, 9, 0]]))
    assert np.all(np.diff(radii) > 0) and np.diff(heights) < 0
    assert angles == pytest.approx([210.0, 210.0])


@pytest.mark.parametrize("name", ["plain", "flipped"])
def test_all_around_is_every_half_plane(name: str) -> None:
    volume, cell = phantom(name).volume, found(name)
    stack = cut_all_around(volume, cell, 24)
    assert stack.array.shape[0] == 24
    for n in (0, 5, 23):
        assert np.array_equal(stack.array[n], cut_half_plane(volume, cell, 15.0 * n).array[0])
    assert stack.spacing_mm[2] * 24 == pytest.approx(2 * np.pi * cell.can.outer_radius_mm)


def test_cutting_all_around_stops_when_asked_to() -> None:
    with pytest.raises(Cancelled):
        cut_all_around(phantom("plain").volume, found("plain"), 10, progress=Progress(is_cancelled=lambda: True))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32", "float32", "float64"])
@pytest.mark.parametrize("shape", [(7, 8, 9), (1, 8, 9), (5, 1, 1)])
def test_interpolation_is_that_of_scipy(dtype: str, shape: tuple[int, int, int]) -> None:
    random = np.random.default_rng(3)
    array = random.integers(0, 120, shape).astype(dtype)
    kji = random.uniform(-2, 11, (3, 4, 9000)).astype(np.float32)
    peer = ndimage.map_coordinates(array, kji, np.float64, order=1, mode="nearest")
    tolerance = 0.5001 if np.dtype(dtype).kind in "iu" else 1e-3
    assert np.abs(trilinear(array, kji, dtype) - peer).max() < tolerance


def test_whole_numbers_are_rounded_not_cut() -> None:
    cell = found("plain")
    ramp = np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None, None], (8, 60, 60))
    volume = Volume(ramp, np.diag([0.1, 0.1, 0.1, 1.0]), "test")
    frame = type(cell.frame)(volume.to_ras([30, 30, 0]), *np.eye(3)[[2, 0, 1]])
    values = CylinderSampler(volume, frame)([0.0], [[1.0]], 0.26, np.uint8)
    assert values.tolist() == [[3]]
    assert CylinderSampler(volume, frame, 9)([0.0], [[50.0]], 0.26, np.uint8).tolist() == [[9]]


@pytest.mark.parametrize("radius", [0.0, -1.0, 99.0, np.nan])
def test_half_planes_all_around_are_true_at_a_radius_in_the_can_only(radius: float) -> None:
    with pytest.raises(InputError, match="does not lie in the can"):
        cut_all_around(phantom("plain").volume, found("plain"), 4, radius)
