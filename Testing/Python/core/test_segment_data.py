"""Frames become pixels, images have levels: exact where voxels meet voxels, honest elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.segment import Frame, Image, Levels
from batterycell.segment.data.grid import Grid, sample_grey, sample_labels
from batterycell.segment.data.levels import measure_levels, measure_quantiles
from batterycell.segment.data.sampling import Sampling, frame_grid, sample_frame
from batterycell.volume import Volume
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

SHAPE = (12, 40, 50)
SIZE_UM = (60.0, 30.0, 30.0)
PLAIN = Sampling()


def made_volume(array: NDArray[Any] | None = None) -> Volume:
    grey = np.random.default_rng(1).integers(0, 60000, SHAPE, np.uint16) if array is None else array
    return Volume.from_stack(grey, SIZE_UM, "made", "cell")


def made_image(array: NDArray[Any] | None = None) -> Image:
    return Image("cell", (made_volume(array),))


def ramp(direction: tuple[float, float, float]) -> Volume:
    """Grey values that rise along a direction, in mm: linear interpolation must meet them exactly."""
    volume = made_volume(np.zeros(SHAPE, np.float32))
    k, j, i = np.indices(SHAPE)
    ras = volume.to_ras(np.stack([i, j, k], -1))
    return replace(volume, array=(ras @ np.array(direction)).astype(np.float32))


def cut(image: Image, frame: Frame, labels: Volume | None = None, how: Sampling = PLAIN) -> Any:
    return sample_frame(image, labels, frame, (Levels(0, 1),) * len(image.channels), how)


def turned_frame(volume: Volume, angles_deg: tuple[float, float, float], size_mm: tuple[float, float, float]) -> Frame:
    axes = Rotation.from_euler("xyz", angles_deg, degrees=True).as_matrix()
    centre = volume.to_ras((np.array(SHAPE[::-1]) - 1) / 2)
    x, y, z = centre.tolist()
    return Frame("oblique", "cell", (x, y, z), tuple(tuple(row) for row in axes.tolist()), size_mm)


def test_a_frame_along_the_voxels_is_a_plain_crop() -> None:
    image = made_image()
    labels = replace(image.grid, array=(image.grid.array % 4).astype(np.uint8))
    sample = cut(image, Frame.of_voxels("f", "cell", image.grid, (3, 10, 20), (6, 31, 43)), labels)
    assert np.array_equal(sample.image[0], image.grid.array[3:6, 10:31, 20:43])
    assert np.array_equal(sample.labels, labels.array[3:6, 10:31, 20:43])
    assert sample.image.dtype == np.uint16
    assert sample.voxel_size_um == pytest.approx(SIZE_UM)


@pytest.mark.parametrize("shift", [0.0, 0.2, -0.4])
def test_a_frame_drawn_between_voxels_snaps_to_the_nearest(shift: float) -> None:
    image = made_image()
    frame = Frame.of_voxels("f", "cell", image.grid, (3, 10, 20), (4, 31, 43))
    moved = replace(frame, centre_mm=tuple(np.array(frame.centre_mm) + shift * image.grid.ijk_to_ras[:3, 0]))
    assert np.array_equal(cut(image, moved).image[0], image.grid.array[3:4, 10:31, 20:43])


def test_a_coronal_frame_shows_slices_as_rows() -> None:
    image = made_image()
    along_i, along_j, along_k = (image.grid.ijk_to_ras[:3, n] / image.grid.spacing_mm[n] for n in range(3))
    axes = np.stack([along_i, -along_k, along_j], 1)
    x, y, z = image.grid.to_ras([24.5, 7, 5.5]).tolist()
    frame = Frame("coronal", "cell", (x, y, z), tuple(map(tuple, axes.tolist())), (1.5, 0.72, 0.03))
    sample = cut(image, frame)
    assert np.array_equal(sample.image[0, 0], image.grid.array[::-1, 7, :])
    assert sample.voxel_size_um == pytest.approx((30.0, 60.0, 30.0))


def test_slices_of_context_repeat_where_the_image_ends() -> None:
    image = made_image()
    sample = cut(image, Frame.of_slice("f", "cell", image.grid, 0), how=Sampling(margin=2))
    assert np.array_equal(sample.image[0], image.grid.array[[0, 0, 0, 1, 2]])
    assert sample.labels.shape == (1, *SHAPE[1:])


def test_beyond_the_image_grey_goes_on_and_labels_are_unknown() -> None:
    image = made_image()
    labels = replace(image.grid, array=np.full(SHAPE, 2, np.uint8))
    sample = cut(image, Frame.of_voxels("f", "cell", image.grid, (0, -3, -2), (1, 10, 12)), labels)
    assert sample.labels[0, :3].max() == sample.labels[0, :, :2].max() == 0
    assert (sample.labels[0, 3:, 2:] == 2).all()
    assert np.array_equal(sample.image[0, 0, :3, 2:], np.repeat(image.grid.array[:1, 0, :12], 3, 0))


def test_a_frame_outside_the_image_is_refused() -> None:
    image = made_image()
    frame = Frame.of_voxels("far", "cell", image.grid, (0, 100, 0), (1, 120, 10))
    with pytest.raises(InputError, match="far lies outside the image cell"):
        cut(image, frame)


@pytest.mark.parametrize("direction", [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.3, -0.5, 0.8)])
def test_an_oblique_frame_interpolates_linearly(direction: tuple[float, float, float]) -> None:
    volume = ramp(direction)
    frame = turned_frame(volume, (20, 30, 40), (0.3, 0.3, 0.03))
    sample = cut(Image("cell", (volume,)), frame)
    grid = frame_grid(frame, volume, PLAIN)
    k, j, i = np.indices(grid.shape)
    places = np.stack([i, j, k, np.ones_like(i)], -1) @ grid.ijk_to_ras.T
    assert sample.image.dtype == np.float32
    assert sample.image[0] == pytest.approx(places[..., :3] @ np.array(direction), abs=1e-4)


def test_an_oblique_frame_takes_the_nearest_label() -> None:
    labels = np.ones(SHAPE, np.uint8)
    labels[:, :, 25:] = 3
    image = made_image()
    sample = cut(image, turned_frame(image.grid, (0, 0, 30), (0.6, 0.6, 0.03)), replace(image.grid, array=labels))
    assert set(np.unique(sample.labels)) == {1, 3}


def test_a_coarser_frame_is_the_mean_of_the_voxels_it_covers() -> None:
    image = made_image()
    frame = Frame.of_slice("f", "cell", image.grid, 5)
    sample = cut(image, frame, how=Sampling((0.0, 60.0, 60.0)))
    means = image.grid.array[5].reshape(20, 2, 25, 2).mean((1, 3))
    assert sample.image[0, 0] == pytest.approx(means, rel=1e-4)
    assert sample.voxel_size_um == pytest.approx((60.0, 60.0, 60.0))


def test_a_rectangle_stays_one_slice_at_any_voxel_size() -> None:
    image = made_image()
    sample = cut(image, Frame.of_slice("f", "cell", image.grid, 5), how=Sampling((15.0, 15.0, 15.0), margin=1))
    assert sample.labels.shape == (1, 80, 100)
    assert sample.image.shape == (1, 3, 80, 100)


def test_labels_may_lie_on_a_grid_of_their_own() -> None:
    image = made_image()
    whole = np.random.default_rng(2).integers(0, 4, SHAPE).astype(np.uint8)
    grid = replace(image.grid, array=whole)
    cropped = replace(grid, array=whole[2:9, 5:30, 4:44].copy(), ijk_to_ras=grid.ijk_to_ras.copy())
    cropped.ijk_to_ras[:3, 3] = grid.to_ras([4, 5, 2])
    sample = cut(image, Frame.of_voxels("f", "cell", image.grid, (0, 0, 0), SHAPE), cropped)
    inside = np.zeros(SHAPE, bool)
    inside[2:9, 5:30, 4:44] = True
    assert np.array_equal(sample.labels, np.where(inside, whole, 0))


def test_each_channel_is_cut_out_alike() -> None:
    first, second = made_volume(), replace(made_volume(), array=np.arange(np.prod(SHAPE)).reshape(SHAPE))
    image = Image("cell", (first, second), ("se", "bse"))
    sample = cut(image, Frame.of_voxels("f", "cell", first, (1, 2, 3), (2, 20, 30)))
    assert np.array_equal(sample.image[1], second.array[1:2, 2:20, 3:30])


def test_unpainted_pixels_of_a_full_frame_are_background() -> None:
    image = made_image()
    labels = np.zeros(SHAPE, np.uint8)
    labels[4, :10] = 2
    frame = replace(Frame.of_voxels("f", "cell", image.grid, (4, -5, 0), (5, 20, 50)), full=True)
    sample = cut(image, frame, replace(image.grid, array=labels), Sampling(background=1))
    assert (sample.labels[0, :5] == 0).all()  # beyond the image
    assert (sample.labels[0, 5:15] == 2).all()
    assert (sample.labels[0, 15:] == 1).all()


def test_a_full_frame_without_background_says_how_many_pixels_lack_a_label() -> None:
    image = made_image()
    labels = np.full(SHAPE, 1, np.uint8)
    labels[4, 0, :7] = 0
    frame = replace(Frame.of_slice("f", "cell", image.grid, 4), full=True)
    with pytest.raises(InputError, match="7 pixels of the fully labelled frame f on cell"):
        cut(image, frame, replace(image.grid, array=labels))
    assert cut(image, frame.with_role("monitoring")).labels.max() == 0


def test_a_grid_is_resized_about_its_centre() -> None:
    grid = Grid.of(made_volume())
    other = grid.resized((30.0, 45.0, 60.0))
    assert other.shape == (24, 27, 25)
    assert other.voxel_size_um == pytest.approx((30.0, 45.0, 60.0))
    centres = [one.ijk_to_ras @ [*((np.array(one.shape[::-1]) - 1) / 2), 1] for one in (grid, other)]
    assert centres[0] == pytest.approx(centres[1])


def test_a_flipped_grid_takes_voxels_exactly() -> None:
    volume = made_volume()
    flip = np.diag([-1.0, 1.0, -1.0, 1.0])
    flip[:3, 3] = [SHAPE[2] - 1, 0, SHAPE[0] - 1]
    grid = Grid(SHAPE, volume.ijk_to_ras @ flip)
    assert np.array_equal(sample_grey(volume, grid), volume.array[::-1, :, ::-1])
    assert np.array_equal(sample_labels(replace(volume, array=volume.array % 5), grid), volume.array[::-1, :, ::-1] % 5)


def test_levels_are_percentiles_of_the_whole_image() -> None:
    array = np.linspace(0, 1000, 120 * 100 * 100, dtype=np.float32).reshape(120, 100, 100)
    levels = measure_levels(made_volume(array))
    assert (levels.low, levels.high) == pytest.approx((10.0, 990.0), abs=0.1)
    assert measure_levels(made_volume(array)) == levels


def test_levels_see_every_column_of_a_wide_image() -> None:
    array = np.zeros((4, 1000, 1000), np.uint8)
    array[:, :, 3::10] = 200  # a tenth, which a step of 4 from column 0 never meets
    assert measure_levels(made_volume(array)).high == 200.0


def test_levels_of_a_constant_or_nearly_constant_image_are_usable() -> None:
    constant = np.full(SHAPE, 7, np.uint8)
    assert np.abs(measure_levels(made_volume(constant)).apply(constant)).max() <= 1.0
    constant[3, 4, 5] = 90
    levels = measure_levels(made_volume(constant))
    assert (levels.low, levels.high) == (7.0, 90.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_no_number_are_refused_by_the_image_s_name(bad: float) -> None:
    array = np.zeros(SHAPE, np.float32)
    array[3, 4, 5:8] = bad
    with pytest.raises(InputError, match="image cell holds 3 pixels that are no number"):
        measure_levels(made_volume(array))


def test_quantiles_follow_levels() -> None:
    array = np.linspace(0, 100, int(np.prod(SHAPE))).reshape(SHAPE)
    found = measure_quantiles(made_volume(array), Levels(0.0, 100.0))
    assert found == pytest.approx((-0.9, -0.5, 0.0, 0.5, 0.9), abs=1e-2)
