"""Label volumes of every kind give the same classes, and what is no label is refused in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import BatteryCellError, InputError, UsageError
from batterycell.io import LoadOptions, RawShape
from batterycell.io.label_classes import parse_classes
from batterycell.io.label_stored import open_on_grid, open_stored
from batterycell.io.labels import LabelVolume, open_labels
from batterycell.io.segments import Segment, write_segments
from batterycell.mrml.files import write_volume
from batterycell.progress import Progress
from batterycell.volume import Volume
from numpy.typing import NDArray

SIZE = (0.4, 0.2, 0.2)
SHAPE = (5, 17, 23)


def made(values: tuple[int, ...] = (0, 1, 2), shape: tuple[int, ...] = SHAPE) -> NDArray[Any]:
    return np.random.default_rng(3).choice(np.array(values, np.uint8), shape)


def opened(path: Path, classes: str = "", size: tuple[float, float, float] | None = SIZE) -> LabelVolume:
    stated = parse_classes(classes) if classes else ()
    return open_labels(path, LoadOptions(size, single=True), stated, Progress())


def voxels(labels: LabelVolume) -> NDArray[Any]:
    return np.concatenate([slab.array for slab in labels.source.slabs(voxels=500)])


def write(array: NDArray[Any], path: Path) -> Path:
    """Write an array in the way that the path's name says."""
    import tifffile
    from PIL import Image

    name, volume = path.name, Volume.from_stack(array, SIZE, "made")
    if name.endswith(".seg.nrrd"):
        write_segments(
            volume, [Segment(f"phase {n}", "#AA5500", n) for n in np.unique(array[array > 0]).tolist()], path
        )
    elif name.endswith(("packed.nrrd", ".nii.gz")):
        write_volume(volume, path)
    elif name.endswith((".nrrd", ".mha", ".nii")):
        write_volume(volume, path, compress=False)
    elif name.endswith("deflated.tif"):
        tifffile.imwrite(path, array, photometric="minisblack", compression="deflate")
    elif name.endswith(".tif"):
        tifffile.imwrite(path, array, photometric="minisblack")
    else:
        path.mkdir()
        for n, plane in enumerate(array):
            Image.fromarray(plane).save(path / f"slice{n:03}.png")
    return path


KINDS = ("a.seg.nrrd", "a.nrrd", "packed.nrrd", "a.mha", "a.nii", "a.nii.gz", "a.tif", "deflated.tif", "folder")


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_gives_the_same_labels(name: str, tmp_path: Path) -> None:
    array = made()
    labels = opened(write(array, tmp_path / name))
    np.testing.assert_array_equal(voxels(labels), array)
    assert [one.value for one in labels.classes] == [1, 2] and labels.voxel_size_um == pytest.approx(SIZE)
    assert any("0" in note and "nothing" in note for note in labels.notes)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"])
def test_whole_numbers_are_labels_in_every_type(dtype: str, tmp_path: Path) -> None:
    array = made((0, 85, 127))
    labels = opened(write(array.astype(dtype), tmp_path / "a.tif"))
    np.testing.assert_array_equal(voxels(labels), np.searchsorted([0, 85, 127], array))
    assert [one.stored for one in labels.classes] == [85, 127] and labels.source.dtype == np.uint8


def test_zero_is_a_class_where_it_is_named(tmp_path: Path) -> None:
    array = made()
    labels = opened(write(array, tmp_path / "a.tif"), "0=pore,1=NMC,2=binder")
    np.testing.assert_array_equal(voxels(labels), array + 1)
    assert labels.names == {1: "pore", 2: "NMC", 3: "binder"} and labels.notes == ()
    assert len({one.color for one in labels.classes}) == 3
    assert labels.value_of("nmc") == 2 and labels.value_of("0") == 1


def test_what_is_not_named_is_nothing_and_told(tmp_path: Path) -> None:
    array = made()
    labels = opened(write(array, tmp_path / "a.tif"), "1=NMC")
    np.testing.assert_array_equal(voxels(labels), array == 1)
    assert "0, 2" in labels.notes[0]


def test_segments_keep_their_names_and_may_be_named_anew(tmp_path: Path) -> None:
    path = write(made(), tmp_path / "a.seg.nrrd")
    assert list(opened(path).names.values()) == ["phase 1", "phase 2"]
    assert list(opened(path, "2=binder,1=NMC").names.values()) == ["NMC", "binder"]


def test_layers_of_segments_become_one_label_a_voxel(tmp_path: Path) -> None:
    array = made()
    layers = np.stack([array == 1, array == 2], axis=-1).astype(np.uint8)
    head = ["NRRD0004", "type: uint8", "dimension: 4", "space: left-posterior-superior", "sizes: 2 23 17 5"]
    head += ["space directions: none (0.0002,0,0) (0,0.0002,0) (0,0,0.0004)", "kinds: list domain domain domain"]
    head += ["encoding: raw", "space origin: (0,0,0)"]
    for n, name in enumerate(("NMC", "binder")):
        head += [f"Segment{n}_{key}:={text}" for key, text in (("Name", name), ("LabelValue", 1), ("Layer", n))]
    (tmp_path / "a.seg.nrrd").write_bytes("\n".join([*head, "", ""]).encode() + layers.tobytes())
    labels = opened(tmp_path / "a.seg.nrrd", size=None)
    np.testing.assert_array_equal(voxels(labels), array)
    assert list(labels.names.values()) == ["NMC", "binder"]


def test_the_numbers_of_a_palette_are_labels(tmp_path: Path) -> None:
    from PIL import Image

    picture = Image.fromarray(made()[0], "P")
    picture.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0] + [0] * 759)
    picture.save(tmp_path / "a.png")
    np.testing.assert_array_equal(voxels(opened(tmp_path / "a.png"))[0], made()[0])


def test_a_raw_file_is_read_where_it_is_described(tmp_path: Path) -> None:
    array = made()
    (tmp_path / "a.raw").write_bytes(b"head" + array.astype(">u2").tobytes())
    options = LoadOptions(SIZE, RawShape(SHAPE, "uint16", 4, True))
    np.testing.assert_array_equal(voxels(open_labels(tmp_path / "a.raw", options, (), Progress())), array)


@pytest.mark.parametrize("name", ["a.nrrd", "a.tif", "a.mha", "a.nii"])
def test_what_is_stored_plainly_stays_in_the_file(name: str, tmp_path: Path) -> None:
    path = write(made(), tmp_path / name)
    labels = opened(path)
    before = voxels(labels)
    data = bytearray(path.read_bytes())
    data[-1 if name != "a.tif" else data.index(made().tobytes()) + made().size - 1] ^= 3
    path.write_bytes(data)
    assert (voxels(labels) != before).sum() == 1


@pytest.mark.parametrize("name", ["deflated.tif", "folder"])
def test_what_is_packed_and_large_is_unpacked_again_for_every_slab(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batterycell.io.labels.preview_limit", lambda: 0)
    path = write(made(), tmp_path / name)
    labels = opened(path)
    np.testing.assert_array_equal(voxels(labels), made())
    path.rename(tmp_path / "gone")
    with pytest.raises((OSError, InputError)):
        voxels(labels)


def refused(path: Path, classes: str = "", size: tuple[float, float, float] | None = SIZE) -> str:
    with pytest.raises(InputError) as caught:
        opened(path, classes, size)
    assert caught.value.hint and "\n" not in str(caught.value)
    return caught.value.code


def odd(value: float, dtype: str = "float32") -> NDArray[Any]:
    array = made().astype(dtype)
    array[2, 3, 4] = value
    return array


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (np.zeros(SHAPE, np.uint8), "labels-empty"),
        (np.ones(SHAPE, np.uint8), "labels-constant"),
        (odd(1.5), "labels-fractions"),
        (odd(float("nan")), "labels-not-finite"),
        (odd(float("inf")), "labels-not-finite"),
        (odd(-1, "int16"), "labels-negative"),
        (odd(-1.0), "labels-negative"),
        (odd(70000, "int32"), "labels-range"),
        (np.arange(2000, dtype=np.uint16).reshape(5, 20, 20), "labels-values"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_label_is_refused(array: NDArray[Any], code: str, tmp_path: Path) -> None:
    assert refused(write(array, tmp_path / "a.tif")) == code


def test_a_voxel_size_must_be_stated(tmp_path: Path) -> None:
    assert refused(write(made(), tmp_path / "a.tif"), size=None) == "voxel-size-unknown"
    assert refused(write(made(), tmp_path / "folder"), size=None) == "voxel-size-unknown"


def test_a_class_that_a_sample_lacks_is_told_and_left_out(tmp_path: Path) -> None:
    labels = opened(write(made(), tmp_path / "a.tif"), "1=NMC,7=binder")
    assert [one.name for one in labels.classes] == ["NMC"] and labels.absent == ("binder",)
    assert "No voxel is binder (7)" in labels.notes[-1]


def test_classes_of_which_none_occurs_are_refused(tmp_path: Path) -> None:
    path = write(made(), tmp_path / "a.tif")
    assert refused(path, "7=binder,8=pore") == "class-missing" and refused(path, "NMC") == "class-unknown"


@pytest.mark.parametrize("words", ["", ",", "1=a,1=b", "1=a,2=A", "70000=a", "1="])
def test_words_that_name_no_classes_are_refused(words: str) -> None:
    with pytest.raises(UsageError):
        parse_classes(words)


@pytest.mark.parametrize("name", ["a.nrrd", "packed.nrrd", "a.tif", "deflated.tif", "a.mha", "a.nii"])
def test_a_file_that_was_cut_off_is_refused(name: str, tmp_path: Path) -> None:
    path = write(made(), tmp_path / name)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(BatteryCellError):
        voxels(opened(path))


def test_slices_of_other_sizes_are_refused(tmp_path: Path) -> None:
    from PIL import Image

    path = write(made(), tmp_path / "folder")
    Image.fromarray(made(shape=(1, 9, 9))[0]).save(path / "slice002.png")
    assert refused(path) == "slice-odd"


def grid() -> Volume:
    return Volume.from_stack(np.zeros((1, 1, 1)), SIZE, "made")


def test_an_image_must_lie_on_the_labels_grid(tmp_path: Path) -> None:
    image = np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
    write_volume(Volume.from_stack(image, SIZE, "made"), tmp_path / "grey.nrrd", compress=False)
    found = open_on_grid(tmp_path / "grey.nrrd", grid(), SHAPE, LoadOptions(), is_placed=True)
    np.testing.assert_array_equal(found.read(0, 5), image)
    with pytest.raises(InputError, match="voxels"):
        open_on_grid(tmp_path / "grey.nrrd", grid(), (4, 17, 23), LoadOptions(), is_placed=True)
    shifted = Volume(image, grid().ijk_to_ras.copy(), "made")
    shifted.ijk_to_ras[0, 3] = 0.001
    write_volume(shifted, tmp_path / "shifted.nrrd")
    with pytest.raises(InputError) as caught:
        open_on_grid(tmp_path / "shifted.nrrd", grid(), SHAPE, LoadOptions(), is_placed=True)
    assert caught.value.code == "places-differ"


def test_the_place_of_a_file_is_kept(tmp_path: Path) -> None:
    volume = Volume.from_stack(made(), SIZE, "made")
    volume.ijk_to_ras[:3, 3] = (1.0, -2.0, 3.0)
    for name in ("a.nrrd", "packed.nrrd"):
        write_volume(volume, tmp_path / name, compress=name != "a.nrrd")
        place = open_stored(tmp_path / name, LoadOptions(), Progress()).place
        np.testing.assert_allclose(place.ijk_to_ras, volume.ijk_to_ras, atol=1e-9)
