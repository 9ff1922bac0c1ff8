"""DICOM series: ordered by position, rescaled, complete, one series only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from batterycell.errors import InputError
from batterycell.io import LoadOptions, load_volume
from batterycell.io.convert import convert
from batterycell.io.convert.content import open_content
from batterycell.progress import Progress
from io_samples import SHAPE, VOXEL, grey
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRBigEndian, ExplicitVRLittleEndian, generate_uid

Z, Y, X = (size / 1000.0 for size in VOXEL)
SERIES = generate_uid()


def write_slice(path: Path, image: NDArray[Any], index: int, syntax: str = ExplicitVRLittleEndian, **tags: Any) -> Path:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = syntax, CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    dataset.SeriesInstanceUID, dataset.SeriesNumber, dataset.SeriesDescription = SERIES, 1, "cell"
    dataset.ImageOrientationPatient, dataset.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [5, 6, 7 + index * Z]
    dataset.PixelSpacing = [Y, X]
    dataset.Rows, dataset.Columns = image.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8 * image.itemsize
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, int(image.dtype.kind == "i")
    for name, value in tags.items():
        if value is None:
            delattr(dataset, name)
        else:
            setattr(dataset, name, value)
    big = syntax == ExplicitVRBigEndian
    dataset.PixelData = image.astype(image.dtype.newbyteorder(">" if big else "<")).tobytes()
    dataset["PixelData"].VR = "OW" if image.itemsize > 1 else "OB"
    pydicom.dcmwrite(path, dataset, implicit_vr=False, little_endian=not big)
    return path


def write_series(folder: Path, array: NDArray[Any], **tags: Any) -> Path:
    """Files whose names run against their positions."""
    folder.mkdir(exist_ok=True)
    for index, image in enumerate(array):
        write_slice(folder / f"IM{len(array) - index:04d}", image, index, **tags)
    return folder


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16"])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian], ids=["little", "big"])
def test_slices_come_in_the_order_of_their_positions(tmp_path: Path, dtype: str, syntax: str) -> None:
    array = grey(dtype)
    volume = load_volume(write_series(tmp_path, array, syntax=syntax))
    np.testing.assert_array_equal(volume.array, array)
    assert volume.array.dtype == np.dtype(dtype)
    assert volume.voxel_size_um == pytest.approx(VOXEL)
    assert volume.voxel_size_source == "DICOM headers"


def test_a_series_is_converted_a_slab_at_a_time(tmp_path: Path) -> None:
    series, array = write_series(tmp_path / "series", grey("int16")), grey("int16")
    content = open_content(series, LoadOptions(), "auto", Progress())
    assert (content.held, content.source.in_memory) == (0, False)
    np.testing.assert_array_equal(content.source.read(2, 5), array[2:5])
    convert(series, tmp_path / "cell.nii.gz")
    back = load_volume(tmp_path / "cell.nii.gz")
    np.testing.assert_array_equal(back.array, array)
    assert back.ijk_to_ras == pytest.approx(load_volume(series).ijk_to_ras, abs=1e-6)


def test_the_geometry_is_that_of_the_headers_in_ras(tmp_path: Path) -> None:
    volume = load_volume(write_series(tmp_path, grey()))
    expected = [[-X, 0, 0, -5], [0, -Y, 0, -6], [0, 0, Z, 7], [0, 0, 0, 1]]
    np.testing.assert_allclose(volume.ijk_to_ras, expected, atol=1e-12)


def test_slicers_own_reader_lays_the_first_slice_at_the_same_place(tmp_path: Path) -> None:
    from batterycell.mrml.files import read_volume

    tags = {"ImageOrientationPatient": [0, 1, 0, 0, 0, 1], "ImagePositionPatient": [1, 2, 3]}
    slicer = read_volume(write_slice(tmp_path / "one.dcm", grey()[0], 0, **tags)).ijk_to_ras
    folder = tmp_path / "series"
    folder.mkdir()
    for index, image in enumerate(grey()):
        tags["ImagePositionPatient"] = [1 + index * Z, 2, 3]
        write_slice(folder / f"{index}.dcm", image, index, **tags)
    ours = load_volume(folder).ijk_to_ras
    np.testing.assert_allclose(ours[:, [0, 1, 3]], slicer[:, [0, 1, 3]], atol=1e-9)
    np.testing.assert_allclose(ours[:3, 2], [-Z, 0, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("slope", "intercept", "stored", "dtype"),
    [(1, -1024, 12, "int16"), (1, -1024, 16, "int32"), (2, 0, 8, "uint16"), (0.5, 3, 16, "float32")],
)
def test_grey_values_are_rescaled_into_a_type_that_holds_them(
    tmp_path: Path, slope: float, intercept: float, stored: int, dtype: str
) -> None:
    array = grey()
    tags = {"RescaleSlope": slope, "RescaleIntercept": intercept, "BitsStored": stored, "HighBit": stored - 1}
    volume = load_volume(write_series(tmp_path, array, **tags))
    np.testing.assert_array_equal(volume.array, array * slope + np.float64(intercept))
    assert volume.array.dtype == np.dtype(dtype)


def test_what_is_no_slice_is_left_out(tmp_path: Path) -> None:
    write_series(tmp_path, grey())
    (tmp_path / "readme.txt").write_text("nothing")
    (tmp_path / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    assert load_volume(tmp_path).array.shape == SHAPE


def refused(folder: Path, options: LoadOptions | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        load_volume(folder, options or LoadOptions())
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_missing_slice_is_named_by_its_neighbours(tmp_path: Path) -> None:
    write_series(tmp_path, grey())
    (tmp_path / "IM0009").unlink()
    error = refused(tmp_path)
    assert error.code == "slice-missing"
    assert "IM0010 and IM0008" in error.message


def test_a_doubled_slice_is_named(tmp_path: Path) -> None:
    write_series(tmp_path, grey())
    write_slice(tmp_path / "copy", grey()[0], 0)
    error = refused(tmp_path)
    assert error.code == "slice-twice"
    assert "copy" in error.message


def test_several_series_are_named(tmp_path: Path) -> None:
    write_series(tmp_path, grey())
    other = {"SeriesInstanceUID": generate_uid(), "SeriesNumber": 2, "SeriesDescription": "scout"}
    write_slice(tmp_path / "scout", grey()[0], 0, **other)
    error = refused(tmp_path)
    assert error.code == "several-series"
    assert "1 cell, 2 scout" in error.message


def test_an_odd_slice_is_named(tmp_path: Path) -> None:
    write_series(tmp_path, grey())
    write_slice(tmp_path / "IM0009", grey()[0, :10], 8)
    error = refused(tmp_path)
    assert error.code == "slice-odd"
    assert "IM0009" in error.message


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"PixelSpacing": None}, "voxel-size-unknown"),
        ({"ImagePositionPatient": None}, "dicom-no-position"),
        ({"ImageOrientationPatient": None}, "dicom-no-position"),
        ({"NumberOfFrames": 2}, "dicom-frames"),
        ({"ImageOrientationPatient": [0.8, 0, 0.6, 0, 1, 0]}, "sheared"),
    ],
    ids=str,
)
def test_headers_that_do_not_suffice_are_refused(tmp_path: Path, tags: dict[str, Any], code: str) -> None:
    assert refused(write_series(tmp_path, grey(), **tags)).code == code


def test_the_user_can_say_the_pixel_size_that_headers_lack(tmp_path: Path) -> None:
    volume = load_volume(write_series(tmp_path, grey(), PixelSpacing=None), LoadOptions(VOXEL))
    assert volume.voxel_size_um == pytest.approx(VOXEL)
    np.testing.assert_allclose(volume.ijk_to_ras[:3, :3], np.diag([-X, -Y, Z]), atol=1e-12)


def test_a_cut_off_slice_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write_series(tmp_path, grey()) / "IM0009"
    path.write_bytes(path.read_bytes()[:-300])
    error = refused(tmp_path)
    assert error.code == "image-unreadable"
    assert "IM0009" in error.message
    assert capfd.readouterr() == ("", "")


def test_a_single_dicom_file_is_a_single_picture(tmp_path: Path) -> None:
    assert refused(write_slice(tmp_path / "one.dcm", grey()[0], 0)).code == "single-image"
    assert refused(tmp_path).code == "single-image"
