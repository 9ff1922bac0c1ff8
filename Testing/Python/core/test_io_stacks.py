"""Folders of slices and TIFF stacks: what is written is what is loaded."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from batterycell.errors import Cancelled, InputError
from batterycell.io import LoadOptions, RawShape, load_volume
from batterycell.progress import Progress
from io_samples import GIVEN, SHAPE, VOXEL, grey, write_slices

TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_folder_of_tiff_slices_keeps_values_and_type(tmp_path: Path, dtype: str, order: str) -> None:
    array = grey(dtype)
    write_slices(tmp_path / "cell", array, byteorder=order)
    volume = load_volume(tmp_path / "cell", GIVEN)
    np.testing.assert_array_equal(volume.array, array)
    assert volume.array.dtype == np.dtype(dtype)
    assert volume.array.dtype.isnative
    assert volume.voxel_size_um == pytest.approx(VOXEL)
    assert (volume.name, volume.voxel_size_source) == ("cell", "--voxel-size")


@pytest.mark.parametrize("suffix", ["png", "bmp"])
def test_a_folder_of_pictures_keeps_values(tmp_path: Path, suffix: str) -> None:
    from PIL import Image

    array = grey("uint8")
    for index, image in enumerate(array):
        Image.fromarray(image).save(tmp_path / f"im{index}.{suffix}")
    np.testing.assert_array_equal(load_volume(tmp_path, GIVEN).array, array)


def test_a_folder_of_jpeg_slices_is_read(tmp_path: Path) -> None:
    from PIL import Image

    array = np.broadcast_to(np.arange(0, 200, 10, dtype=np.uint8), SHAPE)
    for index, image in enumerate(array):
        Image.fromarray(image).save(tmp_path / f"im{index}.jpg", quality=95)
    assert np.abs(load_volume(tmp_path, GIVEN).array.astype(int) - array).max() < 10


def test_16_bit_png_slices_keep_their_depth(tmp_path: Path) -> None:
    from PIL import Image

    array = grey("uint16") * 200
    for index, image in enumerate(array):
        Image.fromarray(image).save(tmp_path / f"im{index}.png")
    np.testing.assert_array_equal(load_volume(tmp_path, GIVEN).array, array)


def test_a_stack_lies_as_slicer_lays_bare_pictures(tmp_path: Path) -> None:
    write_slices(tmp_path, grey())
    expected = np.diag([-0.0125, -0.010, 0.020, 1.0])
    np.testing.assert_allclose(load_volume(tmp_path, GIVEN).ijk_to_ras, expected, atol=1e-15)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "zlib"},
        {"compression": "lzw", "predictor": True},
        {"bigtiff": True},
        {"byteorder": ">"},
        {"byteorder": ">", "compression": "zlib"},
        {"imagej": True},
        {"ome": True, "metadata": {"axes": "ZYX"}},
        {"tile": (16, 16)},
        {"metadata": None},
        {"metadata": None, "contiguous": False, "photometric": "miniswhite"},
    ],
    ids=str,
)
def test_a_tiff_stack_keeps_values_and_type(tmp_path: Path, options: dict[str, Any]) -> None:
    array = grey("uint16")
    stored = 65535 - array if options.get("photometric") == "miniswhite" else array
    tifffile.imwrite(tmp_path / "cell.tif", stored, **{"photometric": "minisblack", **options})
    volume = load_volume(tmp_path / "cell.tif", GIVEN)
    np.testing.assert_array_equal(volume.array, array)
    assert volume.array.dtype == np.dtype("=u2")


@pytest.mark.parametrize("options", [{}, {"planarconfig": "separate"}, {"compression": "zlib"}], ids=str)
def test_grey_stored_as_rgb_becomes_grey(tmp_path: Path, options: dict[str, Any]) -> None:
    array = grey("uint8")
    axis = 1 if options.get("planarconfig") else -1
    colours = np.stack([array] * 3, axis)
    tifffile.imwrite(tmp_path / "cell.tif", colours, photometric="rgb", **options)
    np.testing.assert_array_equal(load_volume(tmp_path / "cell.tif", GIVEN).array, array)


def test_grey_slices_with_an_opaque_channel_become_grey(tmp_path: Path) -> None:
    from PIL import Image

    array = grey("uint8")
    for index, image in enumerate(array):
        Image.fromarray(image).convert("RGBA").save(tmp_path / f"im{index}.png")
    np.testing.assert_array_equal(load_volume(tmp_path, GIVEN).array, array)


def test_a_grey_palette_becomes_grey(tmp_path: Path) -> None:
    array = grey("uint8")
    colormap = np.tile((255 - np.arange(256)) * 257, (3, 1)).astype(np.uint16)
    write_slices(tmp_path / "cell", array, photometric="palette", colormap=colormap)
    np.testing.assert_array_equal(load_volume(tmp_path / "cell", GIVEN).array, (255 - array.astype(np.uint16)) * 257)


def test_a_binary_stack_becomes_bytes(tmp_path: Path) -> None:
    array = grey("uint8") > 128
    tifffile.imwrite(tmp_path / "mask.tif", array, photometric="minisblack")
    volume = load_volume(tmp_path / "mask.tif", GIVEN)
    np.testing.assert_array_equal(volume.array, array.astype(np.uint8))
    assert volume.array.dtype == np.uint8


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("suffix", ["raw", "vol", "bin", "dat"])
def test_a_described_raw_file_keeps_values(tmp_path: Path, dtype: str, big_endian: bool, suffix: str) -> None:
    array = grey(dtype)
    path = tmp_path / f"cell.{suffix}"
    path.write_bytes(b"header!" + array.astype(array.dtype.newbyteorder(">" if big_endian else "<")).tobytes())
    volume = load_volume(path, LoadOptions(VOXEL, RawShape(SHAPE, dtype, 7, big_endian)))
    np.testing.assert_array_equal(volume.array, array)
    assert volume.array.dtype == np.dtype(dtype)


def test_slices_come_in_natural_order(tmp_path: Path) -> None:
    array = grey()
    write_slices(tmp_path, array, "im{}.tif")
    np.testing.assert_array_equal(load_volume(tmp_path, GIVEN).array, array)


@pytest.mark.parametrize("pattern", ["20240{}9_17h_im{:d}.tif", "{:d}.TIF", "s{:04d}_16bit.tiff"])
def test_other_numbers_in_the_name_do_not_disturb(tmp_path: Path, pattern: str) -> None:
    array = grey()
    for index, image in enumerate(array):
        number = index * 5 + 95
        tifffile.imwrite(
            tmp_path / (pattern.format(4, number) if pattern.count("{") > 1 else pattern.format(number)), image
        )
    np.testing.assert_array_equal(load_volume(tmp_path, GIVEN).array, array)


def test_what_is_no_slice_is_left_out(tmp_path: Path) -> None:
    array = grey()
    write_slices(tmp_path, array)
    for name in (".im000.tif", "Thumbs.db", "log.txt", "LICENSE", ".DS_Store"):
        (tmp_path / name).write_text("nothing")
    (tmp_path / "old.tif").mkdir()
    np.testing.assert_array_equal(load_volume(tmp_path, GIVEN).array, array)


def test_progress_rises_to_one_with_every_slice(tmp_path: Path) -> None:
    write_slices(tmp_path, grey())
    fractions: list[float] = []
    load_volume(tmp_path, GIVEN, Progress(lambda fraction, _: fractions.append(fraction)))
    assert fractions == sorted(fractions)
    assert len(fractions) >= SHAPE[0]
    assert fractions[-1] == pytest.approx(1.0)


def test_loading_stops_when_asked(tmp_path: Path) -> None:
    write_slices(tmp_path, grey())
    seen: list[float] = []
    progress = Progress(lambda fraction, _: seen.append(fraction), lambda: len(seen) >= 3)
    with pytest.raises(Cancelled):
        load_volume(tmp_path, GIVEN, progress)
    assert len(seen) == 3


def test_the_name_keeps_what_is_no_suffix(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "cell_0.5um.ome.tif", grey(), ome=True, metadata={"axes": "ZYX"})
    assert load_volume(tmp_path / "cell_0.5um.ome.tif", GIVEN).name == "cell_0.5um"


def test_capitals_in_suffixes_make_no_other_kind(tmp_path: Path) -> None:
    files = write_slices(tmp_path, grey())
    files[3].rename(tmp_path / "im004.TIF")
    np.testing.assert_array_equal(load_volume(tmp_path, GIVEN).array, grey())


def test_loading_takes_little_more_memory_than_the_volume(tmp_path: Path) -> None:
    import tracemalloc

    array = grey("uint16", (64, 256, 256))
    tifffile.imwrite(tmp_path / "cell.tif", array, photometric="minisblack", compression="zlib")
    write_slices(tmp_path / "cell", array)
    load_volume(tmp_path / "cell.tif", GIVEN)  # imports and caches
    for path in (tmp_path / "cell.tif", tmp_path / "cell"):
        tracemalloc.start()
        load_volume(path, GIVEN)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1.2 * array.nbytes


def test_damaged_files_end_in_one_line_whatever_is_damaged(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "cell.tif", grey("uint8"), photometric="minisblack", compression="zlib")
    whole, random = (tmp_path / "cell.tif").read_bytes(), np.random.default_rng(3)
    for _ in range(100):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), 6):
            damaged[place] = random.integers(256)
        (tmp_path / "cell.tif").write_bytes(damaged)
        with contextlib.suppress(InputError):
            load_volume(tmp_path / "cell.tif", GIVEN)
