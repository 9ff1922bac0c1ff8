"""Slicer's own formats: what is written comes back, and bare stacks lie as Slicer lays them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from batterycell.errors import InputError, OutputError
from batterycell.io import LoadOptions, load_volume
from batterycell.mrml.files import read_volume, write_volume
from batterycell.volume import Volume
from io_samples import VOXEL, grey, write_mha, write_nrrd

TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")
SUFFIXES = ("nrrd", "nhdr", "nii", "nii.gz", "mha", "mhd")


def oblique(dtype: str = "uint16") -> Volume:
    """A volume turned about two axes, off the origin, with three different voxel sides."""
    a, b = 0.3, -0.7
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ tilt @ np.diag([0.0125, 0.01, 0.02])
    matrix[:3, 3] = [1.5, -2.25, 3.125]
    return Volume(grey(dtype), matrix, "made", "cell")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("compress", [True, False])
def test_a_volume_comes_back_with_type_and_geometry(tmp_path: Path, suffix: str, dtype: str, compress: bool) -> None:
    volume, path = oblique(dtype), tmp_path / f"cell.{suffix}"
    write_volume(volume, path, compress)
    back = read_volume(path)
    np.testing.assert_array_equal(back.array, volume.array)
    assert back.array.dtype == volume.array.dtype
    # NIfTI keeps its geometry in single precision.
    np.testing.assert_allclose(back.ijk_to_ras, volume.ijk_to_ras, atol=1e-6 if "nii" in suffix else 1e-12)
    assert back.name == "cell"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_writing_leaves_nothing_but_the_file(tmp_path: Path, suffix: str) -> None:
    for _ in range(2):  # over an older one too
        write_volume(oblique(), tmp_path / f"cell.{suffix}")
    assert len(list(tmp_path.iterdir())) == (2 if suffix in ("mhd", "nhdr") else 1)


def test_the_array_outlives_the_reader(tmp_path: Path) -> None:
    write_volume(oblique(), tmp_path / "cell.nrrd")
    arrays = [read_volume(tmp_path / "cell.nrrd").array for _ in range(5)]
    assert all(np.array_equal(array, grey()) for array in arrays)


@pytest.mark.parametrize("dtype", ["bool", "int64", "float16", ">u2"])
def test_types_that_slicer_lacks_are_converted(tmp_path: Path, dtype: str) -> None:
    array = grey("uint8").astype(dtype)
    write_volume(Volume(array, oblique().ijk_to_ras, "made"), tmp_path / "cell.nrrd")
    np.testing.assert_array_equal(read_volume(tmp_path / "cell.nrrd").array, array.astype(float))


def test_a_crop_that_is_not_contiguous_is_written_right(tmp_path: Path) -> None:
    array = grey()[:, 2:, ::2]
    write_volume(Volume(array, oblique().ijk_to_ras, "made"), tmp_path / "cell.nrrd")
    np.testing.assert_array_equal(read_volume(tmp_path / "cell.nrrd").array, array)


@pytest.mark.parametrize("name", ["cell.tif", "cell.xyz", "absent/cell.nrrd", "file.txt/cell.nrrd"])
def test_what_cannot_be_written_is_named_and_leaves_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "file.txt").write_text("a file is no folder")
    with pytest.raises(OutputError, match="cannot be written") as caught:
        write_volume(oblique(), tmp_path / name)
    assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]
    assert capfd.readouterr() == ("", "")


def test_a_full_disk_is_not_blamed_on_the_format(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    resource = pytest.importorskip("resource", reason="limits of the file size are POSIX")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OutputError, match="cannot be written") as caught:
            write_volume(oblique(), tmp_path / "cell.nrrd")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "room" in caught.value.hint and not list(tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "cell.nrrd").write_text("NRRD0004\nnothing")
    with pytest.raises(InputError, match=r"cell\.nrrd"):
        read_volume(tmp_path / "cell.nrrd")


def test_bare_stacks_lie_as_slicer_lays_files_without_orientation(tmp_path: Path) -> None:
    stack = Volume.from_stack(grey(), VOXEL, "--voxel-size")
    nrrd = read_volume(write_nrrd(tmp_path / "cell.nrrd", grey(), "spacings: 0.0125 0.01 0.02"))
    mha = read_volume(write_mha(tmp_path / "cell.mha", grey(), "ElementSpacing = 0.0125 0.01 0.02\n"))
    np.testing.assert_allclose(stack.ijk_to_ras, np.diag([-0.0125, -0.01, 0.02, 1.0]), atol=1e-15)
    np.testing.assert_allclose(nrrd.ijk_to_ras, stack.ijk_to_ras, atol=1e-12)
    np.testing.assert_allclose(mha.ijk_to_ras, stack.ijk_to_ras, atol=1e-12)


def test_a_loaded_stack_comes_back_from_its_nrrd(tmp_path: Path) -> None:
    import tifffile

    tifffile.imwrite(tmp_path / "cell.tif", grey(), photometric="minisblack")
    stack = load_volume(tmp_path / "cell.tif", LoadOptions(VOXEL))
    write_volume(stack, tmp_path / "cell.nrrd")
    back = load_volume(tmp_path / "cell.nrrd")
    np.testing.assert_array_equal(back.array, stack.array)
    np.testing.assert_allclose(back.ijk_to_ras, stack.ijk_to_ras, atol=1e-12)
    assert back.voxel_size_source == "header"


def test_big_endian_voxels_come_in_the_machines_order(tmp_path: Path) -> None:
    path = write_nrrd(tmp_path / "cell.nrrd", grey().astype(">u2") * 200, "spacings: 0.0125 0.01 0.02")
    volume = read_volume(path)
    np.testing.assert_array_equal(volume.array, grey() * 200)
    assert volume.array.dtype.isnative
