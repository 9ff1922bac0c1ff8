"""Sample cells: what is downloaded is what is meant, and only once."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from batterycell import worker
from batterycell.errors import Cancelled, InputError
from batterycell.io import LoadOptions, load_volume
from batterycell.io.raw_guess import guess_raw, raw_bytes
from batterycell.io.samples import Sample, SampleFile, cell_top_ucl, fetch_sample
from batterycell.progress import Progress
from batterycell.worker.load import LoadSettings
from io_samples import grey, write_slices
from test_io_real import CELL
from test_io_real import pytestmark as real

VOXEL = (67.94, 33.97, 33.97)


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """A sample whose files lie beside the cache."""
    files = write_slices(tmp_path / "web", grey("uint8", (18, 20, 22)))
    listed = (SampleFile(f.name, f.as_uri(), hashlib.sha256(f.read_bytes()).hexdigest()) for f in files)
    return Sample("made", "Made", tuple(listed), VOXEL, 1)


def test_a_sample_is_fetched_and_can_be_loaded(sample: Sample, tmp_path: Path) -> None:
    folder = fetch_sample(sample, tmp_path / "cache")
    assert folder == tmp_path / "cache" / "made"
    volume = load_volume(folder, LoadOptions(sample.voxel_size_um))
    np.testing.assert_array_equal(volume.array, grey("uint8", (18, 20, 22)))


def test_what_is_in_the_cache_is_not_fetched_again(sample: Sample, tmp_path: Path) -> None:
    fetch_sample(sample, tmp_path / "cache")
    away = replace(sample, files=tuple(replace(file, url="file:///nowhere") for file in sample.files))
    assert fetch_sample(away, tmp_path / "cache").is_dir()


def test_what_is_damaged_in_the_cache_is_fetched_again(sample: Sample, tmp_path: Path) -> None:
    damaged = fetch_sample(sample, tmp_path / "cache") / sample.files[3].name
    damaged.write_bytes(b"damaged")
    fetch_sample(sample, tmp_path / "cache")
    assert hashlib.sha256(damaged.read_bytes()).hexdigest() == sample.files[3].sha256


def test_a_wrong_checksum_is_refused_and_not_kept(sample: Sample, tmp_path: Path) -> None:
    wrong = replace(sample, files=(replace(sample.files[0], sha256="0" * 64), *sample.files[1:]))
    with pytest.raises(InputError, match="SHA-256"):
        fetch_sample(wrong, tmp_path / "cache")
    assert list((tmp_path / "cache" / "made").iterdir()) == []


def test_what_cannot_be_had_is_one_sentence(sample: Sample, tmp_path: Path) -> None:
    gone = replace(sample, files=(replace(sample.files[0], url="http://127.0.0.1:9/im.tif"),))
    with pytest.raises(InputError, match="cannot be had"):
        fetch_sample(gone, tmp_path / "cache")


def test_a_download_can_be_cancelled(sample: Sample, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        fetch_sample(sample, tmp_path / "cache", Progress(is_cancelled=lambda: True))


def test_the_worker_fetches_and_loads(sample: Sample, tmp_path: Path) -> None:
    settings = LoadSettings(sample=sample, cache=str(tmp_path / "cache"), limit=0)
    (tmp_path / "job").mkdir()
    worker.write_job(tmp_path / "job", "load", None, asdict(settings))
    assert worker.run(tmp_path / "job") == 0
    assert (tmp_path / "job" / "result" / "volume.npy").is_file()


def test_every_file_of_the_real_cell_has_its_address_and_checksum() -> None:
    sample = cell_top_ucl()
    assert [file.name for file in sample.files] == [f"im{number:03d}.tif" for number in range(1, 101)]
    assert all(len(file.sha256) == 64 and file.url.startswith("https://") for file in sample.files)
    assert len({file.sha256 for file in sample.files}) == 100


@real[0]
@real[1]
def test_the_checksums_are_those_of_the_real_cell(tmp_path: Path) -> None:
    for file in cell_top_ucl().files:
        assert hashlib.sha256((CELL / file.name).read_bytes()).hexdigest() == file.sha256


def raw(folder: Path, name: str, length: int) -> Path:
    (folder / name).write_bytes(bytes(length))
    return folder / name


@pytest.mark.parametrize(
    ("name", "length", "guess"),
    [
        ("cell_30x20x10_16bit.raw", 12000, ((10, 20, 30), "uint16", 0)),
        ("cell 30 x 20 x 10 float32.raw", 24512, ((10, 20, 30), "float32", 512)),
        ("cell_030_020_010.vol", 6000, ((10, 20, 30), "uint8", 0)),
        ("cell.raw", 8000, ((20, 20, 20), "uint8", 0)),
        ("cell_u16.raw", 16000, ((20, 20, 20), "uint16", 0)),
    ],
)
def test_the_shape_of_a_raw_file_is_guessed_from_its_name_and_length(
    tmp_path: Path, name: str, length: int, guess: tuple[tuple[int, int, int], str, int]
) -> None:
    found = guess_raw(raw(tmp_path, name, length))
    assert found is not None
    assert (found.shape, found.dtype, found.offset) == guess
    assert raw_bytes(found) == length


def test_no_shape_is_guessed_where_none_fits(tmp_path: Path) -> None:
    assert guess_raw(raw(tmp_path, "cell_300x200x100.raw", 7777)) is None
    assert guess_raw(raw(tmp_path, "empty.raw", 0)) is None
