"""What cannot be used is refused in one line that names it and says what to do."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from batterycell.errors import InputError
from batterycell.io import LoadOptions, RawShape, load_volume
from io_samples import GIVEN, SHAPE, VOXEL, grey, write_mha, write_nifti, write_nrrd, write_slices

Maker = Callable[[Path], Path]


def stack(path: Path, array: Any, **options: Any) -> Path:
    tifffile.imwrite(path / "cell.tif", array, **{"photometric": "minisblack", **options})
    return path / "cell.tif"


def cut(path: Path, part: float = 0.6) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    return path


def text(path: Path) -> Path:
    path.write_text("this is no image\n" * 20)
    return path


def without(folder: Path, *numbers: int) -> Path:
    for number in numbers:
        (folder / f"im{number:03d}.tif").unlink()
    return folder


def slices(folder: Path, array: Any = None, **options: Any) -> Path:
    write_slices(folder, grey() if array is None else array, **options)
    return folder


def odd_slice(folder: Path, image: Any) -> Path:
    tifffile.imwrite(slices(folder) / "im009.tif", image)
    return folder


def several_pages(folder: Path) -> Path:
    tifffile.imwrite(slices(folder) / "im009.tif", grey(), photometric="minisblack")
    return folder


def mixed_pages(folder: Path) -> Path:
    with tifffile.TiffWriter(folder / "cell.tif") as tiff:
        for index, image in enumerate(grey()):
            tiff.write(image[:10] if index == 5 else image, metadata=None)
    return folder / "cell.tif"


def bad_slice(folder: Path, change: Callable[[Path], Path], **options: Any) -> Path:
    change(slices(folder, **options) / "im009.tif")
    return folder


def extra(folder: Path, name: str) -> Path:
    (slices(folder) / "im001.tif").rename(folder / name)
    return folder


def second_name(folder: Path) -> Path:
    tifffile.imwrite(slices(folder) / "preview.tif", grey()[0])
    return folder


def picture(path: Path) -> Path:
    from PIL import Image

    Image.fromarray(grey("uint8")[0]).save(path)
    return path


def second_kind(folder: Path) -> Path:
    picture(slices(folder) / "im018.png")
    return folder


def cut_png(folder: Path) -> Path:
    from PIL import Image

    for index, image in enumerate(grey("uint8")):
        Image.fromarray(image).save(folder / f"im{index}.png")
    cut(folder / "im4.png")
    return folder


def made(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


def nan(count: int) -> Any:
    array = grey("float32")
    array.ravel()[: count * 7 : 7] = [np.nan, np.inf, -np.inf][count % 3]
    return array


CASES: dict[str, tuple[Maker, str, str]] = {
    "nothing there": (lambda p: p / "absent.tif", "not-found", "absent.tif"),
    "an empty folder": (lambda p: made(p / "cell"), "no-images", "no images in"),
    "a folder of texts": (lambda p: text(p / "log.txt").parent, "no-images", "no images in"),
    "a folder with a volume file": (lambda p: write_mha(p / "cell.mha", grey()).parent, "no-images", "cell.mha"),
    "an unknown format": (lambda p: text(p / "cell.docx"), "unknown-format", "cell.docx"),
    "a text named .tif": (lambda p: text(p / "cell.tif"), "image-unreadable", "not a TIFF file."),
    "an empty .tif": (lambda p: cut(text(p / "cell.tif"), 0), "image-unreadable", "cell.tif"),
    "a text among slices": (lambda p: bad_slice(p, text), "image-unreadable", "im009.tif"),
    "a cut-off slice": (lambda p: bad_slice(p, cut), "image-unreadable", "im009.tif"),
    "a cut-off packed slice": (lambda p: bad_slice(p, cut, compression="zlib"), "image-unreadable", "im009.tif"),
    "a cut-off LZW slice": (lambda p: bad_slice(p, cut, compression="lzw"), "image-unreadable", "im009.tif"),
    "a cut-off PNG slice": (cut_png, "image-unreadable", "im4.png"),
    "a cut-off stack": (lambda p: cut(stack(p, grey())), "image-unreadable", "cell.tif"),
    "a cut-off packed stack": (lambda p: cut(stack(p, grey(), compression="zlib")), "image-unreadable", "cell.tif"),
    "a cut-off BigTIFF": (lambda p: cut(stack(p, grey(), bigtiff=True)), "image-unreadable", "cell.tif"),
    "a cut-off ImageJ stack": (lambda p: cut(stack(p, grey(), imagej=True), 0.6), "image-unreadable", "cell.tif"),
    "a cut-off bare stack": (lambda p: cut(stack(p, grey(), metadata=None), 0.5), "image-unreadable", "cell.tif"),
    "pages of several sizes": (mixed_pages, "slice-odd", "page 6"),
    "a slice of another size": (lambda p: odd_slice(p, grey()[0, :10]), "slice-odd", "im009.tif"),
    "a slice of another type": (lambda p: odd_slice(p, grey("uint8")[0]), "slice-odd", "im009.tif"),
    "a slice with pages": (several_pages, "slice-has-pages", "im009.tif"),
    "a missing slice": (lambda p: without(slices(p), 4), "slice-missing", "im004.tif"),
    "missing slices": (lambda p: without(slices(p), 4, 9, 10), "slice-missing", "im004.tif, im009.tif, im010.tif"),
    "a number twice": (lambda p: extra(p, "im2.tif"), "slice-twice", "number 2"),
    "another name": (second_name, "mixed-names", "preview.tif"),
    "another kind": (second_kind, "mixed-kinds", "1 .png"),
    "a colour stack": (lambda p: stack(p, grey("uint8", (*SHAPE, 3)), photometric="rgb"), "colour-image", "RGB"),
    "colour slices": (lambda p: slices(p, grey("uint8", (*SHAPE, 3)), photometric="rgb"), "colour-image", "RGB"),
    "several channels": (
        lambda p: stack(p, grey("uint16", (17, 2, 18, 20)), imagej=True, metadata={"axes": "ZCYX"}),
        "several-volumes",
        "17 Z × 2 C",
    ),
    "complex values": (lambda p: stack(p, grey().astype("complex64")), "voxel-type", "complex64"),
    "a single TIFF": (lambda p: stack(p, grey()[0]), "single-image", "2D"),
    "a single PNG": (lambda p: picture(p / "cell.png"), "single-image", "2D"),
    "one slice in a folder": (lambda p: slices(p, grey()[:1]), "single-image", "2D"),
    "a small volume": (lambda p: stack(p, grey("uint16", (17, 18, 5))), "too-small", "17 × 18 × 5"),
    "an empty image": (lambda p: stack(p, np.zeros(SHAPE, "uint8")), "constant", "is 0"),
    "a constant image": (lambda p: stack(p, np.full(SHAPE, 7.5, "float32")), "constant", "is 7.5"),
    "a NaN": (lambda p: stack(p, nan(3)), "not-finite", "3 voxels"),
    "infinity": (lambda p: stack(p, nan(4)), "not-finite", "4 voxels"),
    "minus infinity": (lambda p: stack(p, nan(5)), "not-finite", "5 voxels"),
    "nothing but NaN": (lambda p: stack(p, np.full(SHAPE, np.nan, "float32")), "not-finite", "6120 voxels"),
    "a text named .nrrd": (lambda p: text(p / "cell.nrrd"), "volume-unreadable", "cell.nrrd"),
    "a text named .mha": (lambda p: text(p / "cell.mha"), "volume-unreadable", "cell.mha"),
    "a text named .nii": (lambda p: text(p / "cell.nii"), "volume-unreadable", "cell.nii"),
    "a text named .nii.gz": (lambda p: text(p / "cell.nii.gz"), "volume-unreadable", "cell.nii.gz"),
    "an empty .nii.gz": (lambda p: cut(text(p / "cell.nii.gz"), 0), "volume-unreadable", "cell.nii.gz"),
    "a cut-off .nrrd": (lambda p: cut(write_nrrd(p / "cell.nrrd", grey(), "spacings: 1 1 2")), "volume-unreadable", ""),
    "a cut-off .mha": (lambda p: cut(write_mha(p / "cell.mha", grey())), "volume-unreadable", "cell.mha"),
    "a cut-off .nii": (lambda p: cut(write_nifti(p / "cell.nii", grey(), (1, 1, 2), 2)), "cut-off", "cell.nii"),
    "a cut-off .nii.gz": (lambda p: cut(write_nifti(p / "cell.nii.gz", grey(), (1, 1, 2), 2)), "cut-off", "cell.nii"),
    "a vector image": (
        lambda p: write_nrrd(p / "cell.nrrd", grey("uint8", (*SHAPE, 3)), "kinds: vector space space space"),
        "volume-unreadable",
        "cell.nrrd",
    ),
    "a flat .nrrd": (lambda p: write_nrrd(p / "cell.nrrd", grey()[0], ""), "single-image", "2D"),
    "a sheared volume": (
        lambda p: write_mha(p / "cell.mha", grey(), "TransformMatrix = 1 0 0 0.3 1 0 0 0 1\n"),
        "sheared",
        "right angles",
    ),
    "a raw file without a shape": (lambda p: text(p / "cell.raw"), "raw-shape-unknown", "cell.raw"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named_in_one_line_with_a_hint(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], case: str
) -> None:
    make, code, words = CASES[case]
    path = make(tmp_path)
    with pytest.raises(InputError) as caught:
        load_volume(path, GIVEN)
    error = caught.value
    assert error.code == code
    assert words in f"{error.message} {error.hint}"
    assert error.hint
    assert "\n" not in str(error)
    assert str(tmp_path) in error.message
    assert capfd.readouterr() == ("", "")


RAW = {
    "too short": (RawShape((17, 18, 21), "uint16"), "raw-length", "12240 bytes"),
    "too long": (RawShape((17, 18, 19), "uint16"), "raw-length", "12240 bytes"),
    "another type": (RawShape(SHAPE, "uint8"), "raw-length", "12240 bytes"),
    "another offset": (RawShape(SHAPE, "uint16", 10), "raw-length", "after 10 bytes"),
    "no such type": (RawShape(SHAPE, "grey"), "voxel-type", "grey"),
    "no numbers": (RawShape((17, 18, 5), "S8"), "voxel-type", "grey values"),
}


@pytest.mark.parametrize("case", RAW)
def test_a_raw_file_must_be_as_long_as_described(tmp_path: Path, case: str) -> None:
    shape, code, words = RAW[case]
    (tmp_path / "cell.raw").write_bytes(grey().tobytes())
    with pytest.raises(InputError, match=words) as caught:
        load_volume(tmp_path / "cell.raw", LoadOptions(VOXEL, shape))
    assert caught.value.code == code


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read everything")
@pytest.mark.parametrize("name", ["cell.tif", "cell.mha", "cell.nii", "cell.raw", "folder"])
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, name: str) -> None:
    path = made(tmp_path / name) if name == "folder" else text(tmp_path / name)
    path.chmod(0)
    with pytest.raises(InputError, match="may not be read"):
        load_volume(path, LoadOptions(VOXEL, RawShape(SHAPE) if name == "cell.raw" else None))


@pytest.mark.parametrize("name", ["cell.tif", "cell.mha", "cell.nii", "cell.raw"])
def test_a_refused_file_is_named_without_a_second_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = text(tmp_path / name)

    def refuse(self: Path, *args: Any, **options: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("builtins.open", lambda file, *args, **options: refuse(Path(file)))
    with pytest.raises(InputError, match="may not be read"):
        load_volume(path, LoadOptions(VOXEL, RawShape((1, 1, 340), "uint8") if name == "cell.raw" else None))


def test_a_gzip_file_with_something_after_its_voxels_is_read(tmp_path: Path) -> None:
    path = write_nifti(tmp_path / "cell.nii.gz", grey(), (0.01, 0.01, 0.02), 2)
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + b"more"))
    np.testing.assert_array_equal(load_volume(path).array, grey())
