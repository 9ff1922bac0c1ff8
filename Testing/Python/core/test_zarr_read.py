"""OME-Zarr stores are read as every other image, level by level and region by region, and damaged ones are refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.clip import Box
from batterycell.errors import InputError, UsageError
from batterycell.io import LoadOptions, estimate, load_volume
from batterycell.io.label_stored import open_stored
from batterycell.io.labels import open_labels
from batterycell.progress import Progress
from batterycell.provenance import input_files, sha256

zarr = pytest.importorskip("zarr")
FORMATS = (2, 3) if zarr.__version__[0] == "3" else (2,)
GREY = np.random.default_rng(7).integers(0, 255, (40, 34, 36)).astype(np.uint8)
HALF = GREY[:40:2, :34:2, :36:2]
UNITS = ("micrometer",) * 3


def multiscales(scale: tuple[float, ...], units: tuple[str, ...], levels: int, extra: int) -> list[dict[str, Any]]:
    named = [
        {"name": name, "type": "space", **({"unit": unit} if unit else {})}
        for name, unit in zip("zyx", units, strict=True)
    ]
    others = [{"name": name, "type": kind} for name, kind in (("t", "time"), ("c", "channel"))][:extra]
    ones = [1.0] * extra
    datasets = [
        {
            "path": f"{n}",
            "coordinateTransformations": [
                {"type": "scale", "scale": [*ones, *(size * 2**n for size in scale)]},
                {"type": "translation", "translation": [*(0.0 for _ in ones), 10.0, 20.0, 30.0]},
            ],
        }
        for n in range(levels)
    ]
    return [{"axes": [*others, *named], "datasets": datasets}]


def make_store(
    path: Path,
    arrays: tuple[np.ndarray, ...] = (GREY, HALF),
    version: int = 2,
    scale: tuple[float, ...] = (8.0, 4.0, 4.0),
    units: tuple[str, ...] = UNITS,
    extra: int = 0,
) -> Path:
    """A store as other programs write it."""
    kind = {"zarr_format": version} if len(FORMATS) > 1 else {}
    group = zarr.open_group(str(path), mode="w", **kind)
    for n, array in enumerate(arrays):
        full = array.reshape((1,) * extra + array.shape)
        chunks = (1,) * extra + (16, 16, 16)
        create = getattr(group, "create_array", None) or group.create_dataset
        made = create(f"{n}", shape=full.shape, chunks=chunks, dtype=full.dtype)
        made[...] = full
    found = multiscales(scale, units, len(arrays), extra)
    group.attrs.update({"multiscales": found} if version == 2 else {"ome": {"version": "0.5", "multiscales": found}})
    return path


def change(path: Path, edit: Callable[[dict[str, Any]], Any]) -> None:
    values = json.loads(path.read_text())
    edit(values)
    path.write_text(json.dumps(values))


@pytest.mark.parametrize("version", FORMATS)
@pytest.mark.parametrize("extra", [0, 2])
def test_a_store_gives_its_voxels_their_size_and_their_place(tmp_path: Path, version: int, extra: int) -> None:
    volume = load_volume(make_store(tmp_path / "cell.ome.zarr", version=version, extra=extra))
    assert np.array_equal(volume.array, GREY)
    assert volume.array.dtype == np.uint8
    assert volume.voxel_size_um == pytest.approx((8, 4, 4))
    assert volume.ijk_to_ras[:3, 3] == pytest.approx((-0.03, -0.02, 0.01))
    assert (volume.name, volume.voxel_size_source) == ("cell", "OME-Zarr metadata")


def test_a_preview_comes_from_the_coarser_level_and_lies_where_the_whole_does(tmp_path: Path) -> None:
    preview = load_volume(make_store(tmp_path / "cell.zarr", (GREY, HALF + 1)), LoadOptions(step=2))
    assert np.array_equal(preview.array, HALF + 1)
    assert preview.voxel_size_um == pytest.approx((16, 8, 8))
    assert preview.ijk_to_ras[:3, 3] == pytest.approx((-0.032, -0.022, 0.014))


def test_a_preview_for_which_there_is_no_level_is_made_of_the_finest(tmp_path: Path) -> None:
    path = make_store(tmp_path / "cell.zarr", (np.repeat(GREY, 2, 2),))
    assert load_volume(path, LoadOptions(step=2)).array.shape == (20, 17, 36)


def test_a_region_is_the_same_part_of_the_whole_in_the_same_place(tmp_path: Path) -> None:
    path = make_store(tmp_path / "cell.ome.zarr")
    whole = load_volume(path)
    part = load_volume(path, LoadOptions(region=((3, 30), (5, 34), (10, 36))))
    assert np.array_equal(part.array, GREY[3:30, 5:34, 10:36])
    assert part.to_ras([0, 0, 0]) == pytest.approx(whole.to_ras([10, 5, 3]))
    assert "region 3:30,5:34,10:36" in part.voxel_size_source


def test_a_store_is_previewed_by_the_levels_that_it_has(tmp_path: Path) -> None:
    guess = estimate(make_store(tmp_path / "cell.zarr", (np.repeat(GREY, 2, 1), np.repeat(HALF, 2, 1))))
    assert guess.steps == (1, 2)
    assert guess.preview_step(guess.bytes // 9) == 2
    part = estimate(tmp_path / "cell.zarr", LoadOptions(region=((0, 16), (0, 17), (0, 18))))
    assert part.shape == (16, 17, 18)


def test_the_box_around_a_preview_is_a_region_of_the_whole(tmp_path: Path) -> None:
    pytest.importorskip("slicer")
    from batterycell import mrml
    from batterycell.mrml import cut_roi
    from batterycell.mrml.loaded import add_loaded, write_loaded
    from batterycell.mrml.region import region_of

    path, options = make_store(tmp_path / "cell.ome.zarr"), LoadOptions(step=2)
    whole, preview = load_volume(path), load_volume(path, options)
    (tmp_path / "node").mkdir()
    write_loaded(preview, options, path, tmp_path / "node", Progress())
    scene = mrml.new_scene()
    node = add_loaded(scene, tmp_path / "node", tmp_path / "node")
    assert region_of(node) is None
    corners = whole.to_ras([[3.6, 7.6, 9.6], [20.4, 30.4, 25.4]])
    box = Box(corners.mean(axis=0), np.eye(3), np.abs(np.diff(corners, axis=0)[0]))
    cut_roi.put_box(cut_roi.add_roi(node), box)
    assert region_of(node) == ((10, 26), (8, 31), (4, 21))
    mrml.close_scene(scene)


def test_a_region_outside_is_refused(tmp_path: Path) -> None:
    path = make_store(tmp_path / "cell.ome.zarr")
    with pytest.raises(UsageError, match="40 × 34 × 36"):
        load_volume(path, LoadOptions(region=((3, 41), (0, 34), (0, 36))))


def test_every_word_that_takes_an_image_takes_a_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = make_store(tmp_path / "cell.ome.zarr")
    assert estimate(path).shape == GREY.shape
    assert main(["info", str(path), "--region", "0:20,0:30,0:36", "--quiet", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["shape"] == [20, 30, 36]
    assert input_files(path) == [path]
    before = sha256(path)
    (path / "0" / "0.0.0").write_bytes(b"")
    assert sha256(path) != before


def test_slices_of_a_store_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    stored = open_stored(make_store(tmp_path / "cell.zarr"), LoadOptions(), Progress())
    assert np.array_equal(stored.source.read(7, 23), GREY[7:23])
    assert stored.source.dtype == np.uint8


def test_a_chunk_is_unpacked_once_for_all_its_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = open_stored(make_store(tmp_path / "cell.zarr"), LoadOptions(), Progress()).source
    unpacked: list[Any] = []
    reading: Any = source.read
    inner = reading._read
    monkeypatch.setattr(reading, "_read", lambda where: unpacked.append(where) or inner(where))
    slabs = [slab.array for slab in source.slabs(GREY[0].size)]
    assert np.array_equal(np.concatenate(slabs), GREY)
    assert sum(where[0].start < where[0].stop for where in unpacked) == 3
    assert source.read(5, 5).shape == (0, 34, 36)


def test_labels_keep_the_names_that_the_store_gives_them(tmp_path: Path) -> None:
    path = make_store(tmp_path / "labels.zarr", (GREY % 3,))
    names = [{"label-value": 1, "name": "pore"}, {"label-value": 2, "name": "NMC"}]
    label = {"colors": [{"label-value": 1, "rgba": [1, 2, 3, 255]}], "properties": names}
    change(path / ".zattrs", lambda values: values.update({"image-label": label}))
    labels = open_labels(path, LoadOptions(), (), Progress())
    assert [one.name for one in labels.classes] == ["pore", "NMC"]
    assert labels.classes[0].color == "#010203"


@pytest.mark.parametrize(("units", "words"), [(("", "", ""), "8 × 4 × 4"), (("parsec",) * 3, "without a unit")])
def test_a_store_without_units_is_refused_unless_somebody_says_the_size(
    tmp_path: Path, units: tuple[str, ...], words: str
) -> None:
    path = make_store(tmp_path / "cell.zarr", units=units)
    with pytest.raises(InputError, match=words) as refused:
        load_volume(path)
    assert refused.value.code == "voxel-size-unknown"
    assert load_volume(path, LoadOptions(voxel_size_um=(8, 4, 4))).voxel_size_source == "--voxel-size"


@pytest.mark.parametrize("version", FORMATS)
def test_missing_chunks_are_named_and_refused(tmp_path: Path, version: int) -> None:
    path = make_store(tmp_path / "cell.zarr", version=version)
    chunk = path / "0" / ("1.2.0" if version == 2 else "c/1/2/0")
    chunk.unlink()
    with pytest.raises(InputError, match=re.escape("lacks 1 of its 27 chunks")) as refused:
        load_volume(path)
    assert "1" in refused.value.message and "--fill-missing" in refused.value.hint
    volume = load_volume(path, LoadOptions(fill_missing=True))
    assert "1 of 27 chunks" in volume.voxel_size_source
    assert not volume.array[16:32, 32:, :16].any()


def test_a_damaged_chunk_is_named_and_refused(tmp_path: Path) -> None:
    path = make_store(tmp_path / "cell.zarr")
    (path / "0" / "1.2.0").write_bytes(b"nothing that anybody packed")
    with pytest.raises(InputError, match=re.escape("the chunk 1.2.0 is damaged")):
        load_volume(path)


def test_levels_that_show_another_volume_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="level 1"):
        load_volume(make_store(tmp_path / "a.zarr", (GREY, GREY[:20, :30, :18])))
    with pytest.raises(InputError, match="uint16"):
        load_volume(make_store(tmp_path / "b.zarr", (GREY, HALF.astype(np.uint16))))


def test_a_store_written_by_halves_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.ome.zarr").mkdir()
    path = make_store(tmp_path / "cell.zarr")
    gone = shutil.copytree(path, tmp_path / "gone.zarr")
    shutil.rmtree(gone / "0")
    cut = shutil.copytree(path, tmp_path / "cut.zarr")
    (cut / "0" / ".zarray").write_text((path / "0" / ".zarray").read_text()[:40])
    for store in (tmp_path / "empty.ome.zarr", gone, cut):
        with pytest.raises(InputError, match="halves"):
            load_volume(store)


@pytest.mark.parametrize(
    ("name", "edit", "code"),
    [
        (".zattrs", lambda v: v["multiscales"][0]["datasets"][0].update(path="../other"), "store-escapes"),
        (".zattrs", lambda v: v["multiscales"][0]["datasets"][0].update(path="/etc"), "store-escapes"),
        (".zattrs", lambda v: v["multiscales"][0]["axes"].reverse(), "store-axes"),
        (".zattrs", lambda v: v.update(multiscales=[]), "store-no-volume"),
        (".zattrs", lambda v: v["multiscales"][0].pop("datasets"), "store-damaged"),
        ("0/.zarray", lambda v: v.update(filters=[{"id": "pickle"}]), "store-codec"),
        ("0/.zarray", lambda v: v.update(dtype="|O"), "voxel-type"),
        ("0/.zarray", lambda v: v.update(dtype="<c8", fill_value=[0.0, 0.0]), "voxel-type"),
        ("0/.zarray", lambda v: v.update(chunks=[0, 16, 16]), "store-damaged"),
    ],
)
def test_a_foreign_store_is_data_and_nothing_else(
    tmp_path: Path, name: str, edit: Callable[[dict[str, Any]], Any], code: str
) -> None:
    path = make_store(tmp_path / "cell.zarr")
    change(path / name, edit)
    with pytest.raises(InputError) as refused:
        load_volume(path)
    assert refused.value.code == code


def test_a_link_out_of_a_store_does_not_count_as_a_chunk(tmp_path: Path) -> None:
    path = make_store(tmp_path / "cell.zarr")
    (tmp_path / "elsewhere").write_bytes(b"secret")
    (path / "0" / "0.0.0").unlink()
    (path / "0" / "0.0.0").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"lacks 1 .*0\.0\.0"):
        load_volume(path)
