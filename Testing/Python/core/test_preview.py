"""Previews and estimates: how large an image is before it is read, and a coarser one in its place."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError, UsageError
from batterycell.io import Estimate, LoadOptions, RawShape, estimate, load_volume, memory
from batterycell.volume import Volume
from io_samples import VOXEL, grey, write_mha, write_nifti, write_nrrd, write_slices
from numpy.typing import NDArray

SHAPE = (33, 35, 38)
Writer = Callable[[Path, NDArray[Any]], Path]
RAW = RawShape(SHAPE, "uint16", 2, big_endian=True)
SPACINGS = "spacings: 0.0125 0.01 0.02"


def slices(folder: Path, array: NDArray[Any]) -> Path:
    write_slices(folder / "slices", array)
    return folder / "slices"


def stack(folder: Path, array: NDArray[Any], **options: Any) -> Path:
    import tifffile

    tifffile.imwrite(folder / "stack.tif", array, photometric="minisblack", **options)
    return folder / "stack.tif"


def packed(folder: Path, array: NDArray[Any]) -> Path:
    return stack(folder, array, compression="zlib")


def raw(folder: Path, array: NDArray[Any]) -> Path:
    (folder / "cell.raw").write_bytes(b"12" + array.astype(">u2").tobytes())
    return folder / "cell.raw"


def nrrd(folder: Path, array: NDArray[Any]) -> Path:
    return write_nrrd(folder / "cell.nrrd", array, SPACINGS)


def mha(folder: Path, array: NDArray[Any]) -> Path:
    return write_mha(folder / "cell.mha", array, "ElementSpacing = 0.0125 0.01 0.02\n")


def nifti(folder: Path, array: NDArray[Any]) -> Path:
    path = folder / "cell.nii.gz"
    return write_nifti(path, array, (0.0125, 0.01, 0.02), 2)


def written(name: str, compress: bool = True) -> Writer:
    """Slicer's own writer."""

    def write(folder: Path, array: NDArray[Any]) -> Path:
        from batterycell.mrml.files import write_volume

        tilted = np.diag([-0.0125, -0.01, 0.02, 1.0])
        tilted[0, 1], tilted[1, 0] = 0.0004, -0.0005
        write_volume(Volume(array, tilted, "made"), folder / name, compress)
        return folder / name

    return write


def big_endian_nrrd(folder: Path, array: NDArray[Any]) -> Path:
    return write_nrrd(folder / "big.nrrd", array.astype(">u2"), SPACINGS)


def odd_nrrd(folder: Path, array: NDArray[Any]) -> Path:
    """Voxels that lie in a way that only Slicer's readers know."""
    (folder / "odd.dat").write_bytes(b"a line\n" + array.tobytes())
    sizes = " ".join(map(str, reversed(array.shape)))
    fields = f"type: ushort\ndimension: 3\nsizes: {sizes}\nendian: little\nencoding: raw\n{SPACINGS}\n"
    (folder / "odd.nhdr").write_text(f"NRRD0004\n{fields}line skip: 1\ndata file: odd.dat\n")
    return folder / "odd.nhdr"


PACKED = [written("p.nrrd"), written("p.mha"), written("p.nii.gz"), written("p.mhd"), written("p.nhdr")]
PLAIN = [written(f"r.{suffix}", False) for suffix in ("nrrd", "mha", "nii", "mhd", "nhdr")]
KINDS = [*PACKED, *PLAIN, big_endian_nrrd, odd_nrrd, slices, stack, packed, raw, nrrd, mha, nifti]


def options(path: Path, step: int = 1) -> LoadOptions:
    return LoadOptions(VOXEL, RAW if path.suffix == ".raw" else None, step)


def block_means(array: NDArray[Any], step: int) -> NDArray[Any]:
    """The slow and plain way."""
    k, j, i = (n // step for n in array.shape)
    kept = array[: k * step, : j * step, : i * step].astype(float)
    return np.asarray(kept.reshape(k, step, j, step, i, step).mean(axis=(1, 3, 5)))


@pytest.mark.parametrize("write", KINDS)
def test_a_preview_holds_the_means_of_blocks_where_the_blocks_are(tmp_path: Path, write: Writer) -> None:
    array = grey("uint16", SHAPE)
    path = write(tmp_path, array)
    whole, preview = load_volume(path, options(path)), load_volume(path, options(path, 2))
    assert preview.array.dtype == np.uint16
    np.testing.assert_allclose(preview.array, block_means(array, 2), atol=0.5)
    np.testing.assert_allclose(preview.voxel_size_um, np.array(VOXEL) * 2)
    np.testing.assert_allclose(preview.to_ras([3, 4, 5]), whole.to_ras([6.5, 8.5, 10.5]), atol=1e-9)


@pytest.mark.parametrize("write", KINDS)
def test_the_estimate_is_what_the_volume_takes(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path, grey("uint16", SHAPE))
    guess, volume = estimate(path, options(path)), load_volume(path, options(path))
    assert (guess.shape, guess.dtype, guess.bytes) == (SHAPE, "uint16", volume.array.nbytes)
    assert guess.bytes_at(2) == load_volume(path, options(path, 2)).array.nbytes


def test_the_estimate_of_types_that_are_converted_is_of_what_they_become(tmp_path: Path) -> None:
    path = write_nrrd(tmp_path / "cell.nrrd", grey("int64", SHAPE), SPACINGS)
    assert estimate(stack(tmp_path, grey("uint16", SHAPE) > 99)).dtype == "uint8"
    assert estimate(path).dtype == load_volume(path).array.dtype.name


def test_dicom_is_estimated_and_previewed_too(tmp_path: Path) -> None:
    from test_io_dicom import write_series

    array = grey("uint16", (32, 36, 40))
    write_series(tmp_path, array)
    whole, preview = load_volume(tmp_path), load_volume(tmp_path, LoadOptions(step=2))
    assert estimate(tmp_path).shape == array.shape
    assert estimate(tmp_path).bytes == whole.array.nbytes
    np.testing.assert_allclose(preview.array, block_means(whole.array, 2), atol=0.5)
    np.testing.assert_allclose(preview.to_ras([0, 0, 0]), whole.to_ras([0.5, 0.5, 0.5]), atol=1e-9)


def test_means_of_fractions_are_not_rounded(tmp_path: Path) -> None:
    array = np.random.default_rng(1).random(SHAPE).astype(np.float32)
    preview = load_volume(stack(tmp_path, array), LoadOptions(VOXEL, step=2))
    np.testing.assert_allclose(preview.array, block_means(array, 2), rtol=1e-5)


def test_a_preview_says_that_it_is_one(tmp_path: Path) -> None:
    preview = load_volume(nrrd(tmp_path, grey("uint16", SHAPE)), LoadOptions(step=2))
    assert preview.name == "cell preview 1:2"
    assert preview.voxel_size_source == "header; preview, means of 2 × 2 × 2 voxels"


def test_a_preview_of_a_stack_never_holds_the_whole(tmp_path: Path) -> None:
    array = np.zeros((64, 256, 256), np.uint16)
    array[::2, ::3] = 700
    path = raw(tmp_path, array)
    load_volume(path, LoadOptions(VOXEL, RawShape(array.shape, "uint16", 2, True), 4))  # imports
    tracemalloc.start()
    load_volume(path, LoadOptions(VOXEL, RawShape(array.shape, "uint16", 2, True), 4))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < array.nbytes / 4


@pytest.mark.parametrize("write", PACKED)
def test_a_preview_of_a_packed_volume_never_holds_the_whole(tmp_path: Path, write: Writer) -> None:
    array = np.zeros((64, 512, 512), np.uint16)
    array[::2, ::3] = 700
    path = write(tmp_path, array)
    load_volume(path, LoadOptions(VOXEL, step=4))  # imports
    tracemalloc.start()
    preview = load_volume(path, LoadOptions(VOXEL, step=4))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_allclose(preview.array, block_means(array, 4), atol=0.5)
    assert peak < array.nbytes / 3


@pytest.mark.parametrize("write", [*PACKED[:3], *PLAIN[:3]])
def test_a_preview_of_a_file_that_is_cut_off_is_refused(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path, grey("uint16", SHAPE))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(InputError, match=r"ends within|damaged"):
        load_volume(path, LoadOptions(VOXEL, step=2))


@pytest.mark.parametrize("step", [0, -1, 17])
def test_a_step_that_makes_no_preview_is_refused(tmp_path: Path, step: int) -> None:
    with pytest.raises(UsageError, match="preview"):
        load_volume(nrrd(tmp_path, grey("uint16", SHAPE)), LoadOptions(step=step))


def test_a_preview_that_would_be_too_small_to_measure_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too small"):
        load_volume(nrrd(tmp_path, grey("uint16", SHAPE)), LoadOptions(step=4))


def test_the_finest_preview_that_fits_is_offered() -> None:
    large = Estimate((1600, 1000, 1000), "uint16")
    assert large.bytes == 3_200_000_000
    assert large.preview_step(4_000_000_000) == 1
    assert large.preview_step(400_000_000) == 2
    assert large.preview_step(300_000_000) == 3
    assert Estimate((40, 9000, 9000), "uint16").preview_step(1) == 2, "no axis gets shorter than 16 voxels"


def test_nothing_is_estimated_where_nothing_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "cell.docx").touch()
    with pytest.raises(InputError, match="no known format"):
        estimate(tmp_path / "cell.docx")
    with pytest.raises(InputError, match="no file or folder"):
        estimate(tmp_path / "nothing.tif")
    (tmp_path / "wrong.nrrd").write_text("not a volume")
    with pytest.raises(InputError, match="cannot be read"):
        estimate(tmp_path / "wrong.nrrd")


def test_an_unknown_voxel_size_may_stay_unknown(tmp_path: Path) -> None:
    volume = load_volume(packed(tmp_path, grey("uint16", SHAPE)), LoadOptions(needs_voxel_size=False))
    assert volume.voxel_size_um == (1000.0, 1000.0, 1000.0)
    assert volume.voxel_size_source == "not stated: the file does not state it"


def test_what_is_known_of_a_voxel_size_is_kept(tmp_path: Path) -> None:
    path = stack(tmp_path, grey("uint16", SHAPE), resolution=(1000.0, 500.0), resolutionunit="CENTIMETER")
    volume = load_volume(path, LoadOptions(needs_voxel_size=False))
    assert volume.voxel_size_um == pytest.approx((1000.0, 20.0, 10.0))


def test_large_is_what_needs_a_gigabyte_or_a_quarter_of_the_free_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    2000000 kB\n")
    assert memory.preview_limit() == 512_000_000
    (tmp_path / "meminfo").write_text("MemAvailable: 64000000 kB\n")
    assert memory.preview_limit() == 1_000_000_000
    (tmp_path / "meminfo").unlink()
    assert 0 < memory.preview_limit() <= 1_000_000_000
