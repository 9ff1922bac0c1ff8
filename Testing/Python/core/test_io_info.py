"""``batterycell info``: what it says of an image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import io
from batterycell.cli import info
from batterycell.cli.options import Parser
from batterycell.errors import InputError
from batterycell.io import large
from batterycell.io.convert import ConvertSettings, convert
from batterycell.progress import Progress
from io_samples import SHAPE, grey, write_nrrd


def run(*words: str) -> dict[str, Any]:
    parser = Parser(prog="batterycell")
    info.add_parser(parser.add_subparsers(dest="verb", parser_class=Parser))
    return info.run(parser.parse_args(["info", *words]), Progress())


def test_info_says_shape_type_size_source_grey_range_and_memory(tmp_path: Path) -> None:
    array = grey("float32")
    result = run(str(write_nrrd(tmp_path / "cell.nrrd", array, "spacings: 0.0125 0.01 0.02")))
    assert result["shape"] == list(SHAPE)
    assert result["type"] == "float32"
    assert result["voxel_size_um"] == pytest.approx([20.0, 10.0, 12.5])
    assert result["voxel_size_source"] == "header"
    assert result["size_mm"] == pytest.approx([0.34, 0.18, 0.25])
    assert result["memory_mib"] == pytest.approx(array.nbytes / 2**20)
    assert (result["grey"]["min"], result["grey"]["max"]) == (array.min(), array.max())
    assert result["grey"]["p1"] < result["grey"]["p50"] < result["grey"]["p99"]


def test_info_in_words_names_every_fact(tmp_path: Path) -> None:
    path = write_nrrd(tmp_path / "cell.nrrd", grey(), "spacings: 0.0125 0.01 0.02")
    words = info.describe(run(str(path), "--voxel-size", "2,1,1"))
    for fact in ("cell.nrrd", "17 × 18 × 20", "uint16", "2 × 1 × 1 µm", "the file says 20 × 10 × 12.5 µm", "max 255"):
        assert fact in words


def test_info_reads_a_described_raw_file(tmp_path: Path) -> None:
    (tmp_path / "cell.vol").write_bytes(b"12" + grey().astype(">u2").tobytes())
    words = ["--raw-shape", "17,18,20", "--raw-offset", "2", "--raw-big-endian", "--voxel-size", "2,1,1"]
    assert run(str(tmp_path / "cell.vol"), *words)["grey"]["max"] == 255


def test_info_of_an_image_without_voxel_size_says_all_else(tmp_path: Path) -> None:
    result = run(str(write_nrrd(tmp_path / "cell.nrrd", grey(), "spacings: 1 1 1")))
    assert result["voxel_size_um"] is None
    assert result["size_mm"] is None
    words = info.describe(result)
    for fact in ("17 × 18 × 20", "uint16", "not stated: its header says 1 mm", "--voxel-size", "MiB"):
        assert fact in words
    assert "size        " not in words


def test_info_of_a_preview_states_its_memory(tmp_path: Path) -> None:
    path = write_nrrd(tmp_path / "cell.nrrd", grey("uint16", (34, 36, 40)), "spacings: 0.0125 0.01 0.02")
    result = run(str(path), "--preview", "2")
    assert result["shape"] == [17, 18, 20]
    assert result["memory_mib"] == pytest.approx(17 * 18 * 20 * 2 / 2**20)
    assert result["voxel_size_um"] == pytest.approx([40.0, 20.0, 25.0])
    assert "preview, means of 2 × 2 × 2 voxels" in info.describe(result)


@pytest.mark.parametrize("name", ["cell.nrrd", "cell.zarr", "slices"])
def test_info_of_a_large_image_reads_it_in_slabs(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name.endswith(".zarr"):
        pytest.importorskip("zarr")
    source = write_nrrd(tmp_path / "source.nrrd", grey(), "spacings: 0.0125 0.01 0.02")
    convert(source, tmp_path / name, ConvertSettings(levels=2))
    words = [str(tmp_path / name), "--voxel-size", "20,10,12.5"]
    small = run(*words)
    monkeypatch.setattr(large, "preview_limit", lambda: 0)
    monkeypatch.setattr(io, "load_volume", lambda *_: pytest.fail("all of it was loaded"))
    assert run(*words) == small
    assert small["previews"] == ([2] if name.endswith(".zarr") else [])


def test_info_of_a_large_image_refuses_what_is_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = grey("float32")
    array[3, 4, 5] = np.nan
    monkeypatch.setattr(large, "preview_limit", lambda: 0)
    with pytest.raises(InputError, match="1 voxels that are no number"):
        run(str(write_nrrd(tmp_path / "cell.nrrd", array, "spacings: 0.0125 0.01 0.02")))
