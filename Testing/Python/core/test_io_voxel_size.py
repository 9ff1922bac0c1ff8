"""Voxel sizes: taken from where they truly stand, else from the user, else refused; never guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from batterycell.errors import InputError
from batterycell.io import LoadOptions, RawShape, load_volume
from io_samples import GIVEN, SHAPE, VOXEL, grey, write_mha, write_nifti, write_nrrd, write_slices

CM = "CENTIMETER"


def stack(path: Path, **options: Any) -> Path:
    tifffile.imwrite(path / "cell.tif", grey(), **{"photometric": "minisblack", **options})
    return path / "cell.tif"


def imagej(path: Path, unit: str, per_unit: float, **metadata: Any) -> Path:
    metadata = {"axes": "ZYX", "unit": unit, **metadata}
    return stack(path, imagej=True, resolution=(per_unit, per_unit), metadata=metadata)


def ome(path: Path, **sizes: Any) -> Path:
    return stack(path, ome=True, metadata={"axes": "ZYX", **sizes})


@pytest.mark.parametrize(
    ("unit", "um"),
    [("um", 1), ("micron", 1), ("\\u00B5m", 1), ("nm", 1e-3), ("mm", 1e3), ("cm", 1e4), ("inch", 25400), ("m", 1e6)],
)
def test_imagej_says_the_voxel_size_in_any_unit(tmp_path: Path, unit: str, um: float) -> None:
    volume = load_volume(imagej(tmp_path, unit, um / 10.0, spacing=20.0 / um))
    assert volume.voxel_size_um == pytest.approx((20.0, 10.0, 10.0), rel=1e-5)
    assert volume.voxel_size_source == "ImageJ metadata"


@pytest.mark.parametrize(("unit", "um"), [("µm", 1), ("nm", 1e-3), ("mm", 1e3), (None, 1), ("\u03bcm", 1), ("Å", 1e-4)])
def test_ome_says_the_voxel_size_in_any_unit(tmp_path: Path, unit: str | None, um: float) -> None:
    sizes = {f"PhysicalSize{axis}": size / um for axis, size in zip("ZYX", VOXEL, strict=True)}
    units = {f"PhysicalSize{axis}Unit": unit for axis in "ZYX"} if unit else {}
    volume = load_volume(ome(tmp_path, **sizes, **units))
    assert volume.voxel_size_um == pytest.approx(VOXEL)
    assert volume.voxel_size_source == "OME metadata"


UNKNOWN: dict[str, tuple[Any, str]] = {
    "bare stack": (lambda p: stack(p), "does not state it"),
    "72 dpi": (lambda p: stack(p, resolution=(72, 72), resolutionunit="INCH"), "does not state it"),
    "1 dpi": (lambda p: stack(p, resolution=(1, 1), resolutionunit="INCH"), "does not state it"),
    "300 dpi in cm": (lambda p: stack(p, resolution=(118.11, 118.11), resolutionunit=CM), "does not state it"),
    "no unit": (lambda p: stack(p, resolution=(294, 294), resolutionunit="NONE"), "does not state it"),
    "no slice distance": (lambda p: stack(p, resolution=(294.4, 294.4), resolutionunit=CM), "33.9674 × 33.9674 µm"),
    "ImageJ pixels": (lambda p: imagej(p, "pixel", 1.0, spacing=1.0), "does not state it"),
    "ImageJ without distance": (lambda p: imagej(p, "um", 0.1), "10 × 10 µm within a slice"),
    "ImageJ 1 mm": (lambda p: imagej(p, "mm", 1.0, spacing=1.0), "1 mm along every axis"),
    "OME without distance": (lambda p: ome(p, PhysicalSizeX=10, PhysicalSizeY=12), "12 × 10 µm within a slice"),
    "OME in pixels": (
        lambda p: ome(p, PhysicalSizeX=1, PhysicalSizeY=1, PhysicalSizeZ=1, PhysicalSizeXUnit="pixel"),
        "unknown",
    ),
    "slices": (lambda p: write_slices(p / "cell", grey())[0].parent, "does not state it"),
    "slices with a pixel size": (
        lambda p: write_slices(p / "cell", grey(), resolution=(1000, 1000), resolutionunit=CM)[0].parent,
        "TIFF resolution gives 10 × 10 µm within a slice",
    ),
    "NRRD without spacing": (lambda p: write_nrrd(p / "cell.nrrd", grey(), ""), "1 mm along every axis"),
    "NRRD of 1 mm": (lambda p: write_nrrd(p / "cell.nrrd", grey(), "spacings: 1 1 1"), "1 mm along every axis"),
    "MHA without spacing": (lambda p: write_mha(p / "cell.mha", grey()), "1 mm along every axis"),
    "NIfTI of 1 mm": (lambda p: write_nifti(p / "cell.nii", grey(), (1, 1, 1), 2), "1 mm along every axis"),
    "NIfTI without unit": (
        lambda p: write_nifti(p / "cell.nii", grey(), (10, 10, 20), 0),
        "20 × 10 × 10 (z, y, x) without",
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_a_voxel_size_is_never_guessed(tmp_path: Path, case: str) -> None:
    make, words = UNKNOWN[case]
    path = make(tmp_path)
    with pytest.raises(InputError) as caught:
        load_volume(path)
    assert caught.value.code == "voxel-size-unknown"
    assert words in caught.value.message
    assert "--voxel-size" in caught.value.hint
    volume = load_volume(path, GIVEN)
    assert volume.voxel_size_um == pytest.approx(VOXEL)
    assert volume.voxel_size_source == "--voxel-size"


def test_a_raw_file_does_not_know_its_voxel_size(tmp_path: Path) -> None:
    (tmp_path / "cell.raw").write_bytes(grey().tobytes())
    with pytest.raises(InputError, match="voxel size"):
        load_volume(tmp_path / "cell.raw", LoadOptions(raw=RawShape(SHAPE)))


STATED = {
    "NRRD": (lambda p: write_nrrd(p / "cell.nrrd", grey(), "spacings: 0.0125 0.01 0.02"), "header"),
    "NRRD in µm": (
        lambda p: write_nrrd(
            p / "cell.nrrd",
            grey(),
            "space: left-posterior-superior\nspace directions: (12.5,0,0) (0,10,0) (0,0,20)\n"
            'space units: "um" "um" "um"',
        ),
        "header",
    ),
    "MHA": (lambda p: write_mha(p / "cell.mha", grey(), "ElementSpacing = 0.0125 0.01 0.02\n"), "header"),
    "MHA in µm": (
        lambda p: write_mha(p / "cell.mha", grey(), "DistanceUnits = um\nElementSpacing = 12.5 10 20\n"),
        "header",
    ),
    "NIfTI in mm": (lambda p: write_nifti(p / "cell.nii", grey(), (0.0125, 0.01, 0.02), 2), "NIfTI header"),
    "NIfTI in µm": (lambda p: write_nifti(p / "cell.nii.gz", grey(), (12.5, 10, 20), 3), "NIfTI header"),
}


@pytest.mark.parametrize("case", STATED)
def test_headers_say_the_voxel_size_with_its_unit(tmp_path: Path, case: str) -> None:
    make, source = STATED[case]
    volume = load_volume(make(tmp_path))
    assert volume.voxel_size_um == pytest.approx(VOXEL, rel=1e-6)
    assert volume.voxel_size_source == source
    np.testing.assert_array_equal(volume.array, grey())


def test_a_foreign_unit_is_not_taken_for_millimetres(tmp_path: Path) -> None:
    path = write_mha(tmp_path / "cell.mha", grey(), "DistanceUnits = furlong\nElementSpacing = 0.1 0.1 0.1\n")
    with pytest.raises(InputError, match="furlong"):
        load_volume(path)


def test_the_user_wins_and_the_source_says_so(tmp_path: Path) -> None:
    volume = load_volume(imagej(tmp_path, "um", 0.1, spacing=20.0), LoadOptions((68.0, 34.0, 34.0)))
    assert volume.voxel_size_um == pytest.approx((68.0, 34.0, 34.0))
    assert volume.voxel_size_source == "--voxel-size (the file says 20 × 10 × 10 µm)"


def test_the_users_size_keeps_the_files_directions_and_origin(tmp_path: Path) -> None:
    fields = "TransformMatrix = 0 1 0 0 0 1 1 0 0\nOffset = 1 2 3\nElementSpacing = 0.1 0.2 0.3\n"
    path = write_mha(tmp_path / "cell.mha", grey(), fields)
    before, after = load_volume(path).ijk_to_ras, load_volume(path, GIVEN).ijk_to_ras
    scale = np.array(VOXEL[::-1]) / [100.0, 200.0, 300.0]
    np.testing.assert_allclose(after[:3, :3], before[:3, :3] * scale, atol=1e-12)
    np.testing.assert_allclose(after[:, 3], before[:, 3])


@pytest.mark.parametrize(
    "size",
    [(0, 1, 1), (-1, 1, 1), (float("nan"), 1, 1), (1, float("inf"), 1), (67940, 33970, 33970), (1e-4, 1e-4, 1e-4),
     (100, 1, 1)],
)  # fmt: skip
def test_an_impossible_voxel_size_is_refused(tmp_path: Path, size: tuple[float, float, float]) -> None:
    path = stack(tmp_path)
    with pytest.raises(InputError, match="cannot be") as caught:
        load_volume(path, LoadOptions(size))
    assert caught.value.code == "voxel-size-implausible"
    assert "µm" in caught.value.hint


def test_micrometres_written_as_millimetres_are_refused(tmp_path: Path) -> None:
    path = write_nrrd(tmp_path / "cell.nrrd", grey(), "spacings: 33.97 33.97 67.94")
    with pytest.raises(InputError, match=r"67940 × 33970 × 33970 µm"):
        load_volume(path)
