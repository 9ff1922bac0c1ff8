"""Every format becomes every other without a voxel changed, a slab at a time, and what was broken off goes on."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.errors import Cancelled, InputError, OutputError, UsageError
from batterycell.io import LoadOptions, label_stored, load_volume
from batterycell.io.binning import bin_array
from batterycell.io.convert import ConvertSettings, convert, pyramid, sinks, zarr_sink
from batterycell.io.convert.content import Content
from batterycell.io.convert.raw_sink import RawSink
from batterycell.io.label_stored import open_stored
from batterycell.io.medical import write_oriented
from batterycell.io.segments import Segment, read_segments, write_segments
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.volume import Volume

zarr = pytest.importorskip("zarr")
VERSIONS = ("0.4", "0.5") if zarr.__version__[0] == "3" else ("0.4",)
SHAPE = (37, 33, 35)
MATRIX = np.array([[0.0, 0.004, 0, -1.5], [-0.004, 0, 0, 2.25], [0, 0, 0.008, 3.125], [0, 0, 0, 1]])
SMALL = ConvertSettings(levels=2, chunk=(8, 16, 16))


def grey(dtype: Any) -> Volume:
    values = np.random.default_rng(3).random(SHAPE) * 250
    return Volume(values.astype(dtype), MATRIX, "test", "cell")


def write(folder: Path, dtype: Any = np.uint16) -> Path:
    path = folder / "cell.nrrd"
    write_oriented(grey(dtype), path, compress=False)
    return path


def stored(path: Path, options: LoadOptions = LoadOptions()) -> np.ndarray:  # noqa: B008
    return open_stored(path, options, Progress()).source.read(0, SHAPE[0])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"])
def test_a_store_and_back_changes_no_voxel_and_no_place(tmp_path: Path, dtype: str, version: str) -> None:
    source = write(tmp_path, dtype)
    convert(source, tmp_path / "cell.ome.zarr", replace(SMALL, version=version))
    convert(tmp_path / "cell.ome.zarr", tmp_path / "back.nrrd")
    for name in ("cell.ome.zarr", "back.nrrd"):
        assert np.array_equal(stored(tmp_path / name), grey(dtype).array)
        assert stored(tmp_path / name).dtype == dtype
        assert load_volume(tmp_path / name).ijk_to_ras == pytest.approx(MATRIX, abs=1e-12)


@pytest.mark.parametrize("name", ["a.nrrd", "a.mha", "a.nii", "a.nii.gz", "a.tif", "slices", "a.zarr"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_every_format_holds_the_same_voxels_as_the_one_before(tmp_path: Path, name: str, dtype: str) -> None:
    convert(write(tmp_path, dtype), tmp_path / name, SMALL)
    volume = load_volume(tmp_path / name, LoadOptions(voxel_size_um=(8, 4, 4) if name == "slices" else None))
    assert np.array_equal(volume.array, grey(dtype).array)
    assert volume.voxel_size_um == pytest.approx((8, 4, 4), rel=1e-5)
    if name not in ("slices", "a.tif"):
        assert volume.ijk_to_ras == pytest.approx(MATRIX, abs=1e-6)


@pytest.mark.parametrize("name", ["left.nrrd", "left.mha", "left.nii"])
def test_slices_that_slicer_turns_round_are_turned_round_in_a_store_too(tmp_path: Path, name: str) -> None:
    left = replace(grey(np.uint16), ijk_to_ras=MATRIX @ np.diag([1.0, -1.0, 1.0, 1.0]))
    content = Content(SlabSource.of_array(left.array), left, (), False)
    sink = RawSink(content, tmp_path / name)
    sink.write(0, left.array)
    convert(tmp_path / name, tmp_path / "a.zarr", SMALL)
    there, here = load_volume(tmp_path / name), load_volume(tmp_path / "a.zarr")
    for ijk in ([0, 0, 0], [34, 32, 36], [5, 17, 30]):
        i, j, k = np.rint(here.to_ijk(there.to_ras(ijk))).astype(int)
        assert here.array[k, j, i] == there.array[tuple(ijk[::-1])]


def test_coarser_levels_are_what_a_preview_of_the_whole_is(tmp_path: Path) -> None:
    source = write(tmp_path)
    convert(source, tmp_path / "cell.zarr", SMALL)
    options = LoadOptions(step=2)
    coarse, preview = load_volume(tmp_path / "cell.zarr", options), load_volume(source, options)
    assert np.array_equal(coarse.array, preview.array)
    assert coarse.ijk_to_ras == pytest.approx(preview.ijk_to_ras)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "float32"])
def test_means_of_eight_round_halves_to_even(dtype: str) -> None:
    array = np.random.default_rng(5).integers(-100, 100, (6, 8, 10)).astype(dtype)
    assert np.array_equal(pyramid.halve(array, False), bin_array(array, 2))


def test_the_most_frequent_label_is_kept_and_the_smallest_of_those_that_are() -> None:
    block = np.array([3, 3, 3, 1, 1, 1, 7, 0], np.uint8).reshape(2, 2, 2)
    assert pyramid.halve(block, True).item() == 1
    array = np.random.default_rng(5).integers(0, 4, (8, 8, 8)).astype(np.uint8)
    blocks = array.reshape(4, 2, 4, 2, 4, 2).transpose(0, 2, 4, 1, 3, 5).reshape(-1, 8)
    expected = [np.bincount(block).argmax() for block in blocks]
    assert pyramid.halve(array, True).ravel().tolist() == expected


@pytest.mark.parametrize("name", ["packed.nrrd", "packed.nii.gz", "packed.mha"])
def test_what_is_deflated_and_large_is_unpacked_a_slab_at_a_time(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_stored, "preview_limit", lambda: 0)
    write_oriented(grey(np.uint16), tmp_path / name)
    source = open_stored(tmp_path / name, LoadOptions(), Progress()).source
    assert not source.in_memory
    for start, stop in ((0, 5), (5, 9), (20, 37), (3, 3), (2, 4)):
        assert np.array_equal(source.read(start, stop), grey(np.uint16).array[start:stop])
    convert(tmp_path / name, tmp_path / "a.zarr", SMALL)
    assert np.array_equal(stored(tmp_path / "a.zarr"), grey(np.uint16).array)


def test_labels_keep_their_names_there_and_back(tmp_path: Path) -> None:
    labels = Volume((grey(np.uint8).array % 3).astype(np.uint8), MATRIX, "test", "labels")
    segments = (Segment("pore", "#0000FF", 1), Segment("NMC", "#FF8000", 2))
    write_segments(labels, segments, tmp_path / "a.seg.nrrd")
    done = convert(tmp_path / "a.seg.nrrd", tmp_path / "a.ome.zarr", SMALL)
    convert(tmp_path / "a.ome.zarr", tmp_path / "b.seg.nrrd")
    back, named = read_segments(tmp_path / "b.seg.nrrd")
    assert done.content.is_labels
    assert np.array_equal(back.array, labels.array)
    assert [(one.name, one.color.upper(), one.value) for one in named] == [
        ("pore", "#0000FF", 1),
        ("NMC", "#FF8000", 2),
    ]
    assert set(np.unique(load_volume(tmp_path / "a.ome.zarr", LoadOptions(step=2)).array)) <= {0, 1, 2}


def test_a_store_of_chunks_of_other_sizes_becomes_one_of_ours(tmp_path: Path) -> None:
    convert(write(tmp_path), tmp_path / "a.zarr", ConvertSettings(levels=1, chunk=(5, 7, 36)))
    convert(tmp_path / "a.zarr", tmp_path / "b.zarr", SMALL)
    assert np.array_equal(stored(tmp_path / "b.zarr"), grey(np.uint16).array)


def test_every_chunk_is_written_also_where_it_holds_nothing(tmp_path: Path) -> None:
    write_oriented(replace(grey(np.uint8), array=np.eye(37, 33, dtype=np.uint8)[..., None] * np.ones(35, np.uint8)),
                   tmp_path / "empty.nrrd")  # fmt: skip
    convert(tmp_path / "empty.nrrd", tmp_path / "empty.zarr", SMALL)
    assert sum(1 for _ in (tmp_path / "empty.zarr" / "0").rglob("*") if _.name.isdigit() and _.is_file()) == 5 * 3 * 3


def test_a_missing_chunk_of_our_own_store_is_no_fill_value(tmp_path: Path) -> None:
    convert(write(tmp_path), tmp_path / "a.zarr", SMALL)
    (tmp_path / "a.zarr" / "0" / "1" / "1" / "1").unlink()
    with pytest.raises(InputError, match="1/1/1") as refused:
        convert(tmp_path / "a.zarr", tmp_path / "b.nrrd")
    assert "--fill-missing" not in refused.value.hint
    assert not (tmp_path / "b.nrrd").exists()


class Stopper:
    """Stops a conversion after some reports."""

    def __init__(self, reports: int) -> None:
        self.left = reports

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("name", ["a.zarr", "a.nrrd", "a.tif", "slices"])
def test_what_was_cancelled_goes_on_with_what_is_done(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "_SLAB_BYTES", 8 * 33 * 35 * 2)
    source = write(tmp_path)
    with pytest.raises(Cancelled) as stopped:
        convert(source, tmp_path / name, SMALL, progress=Progress(is_cancelled=Stopper(4)))
    assert "go on" in stopped.value.hint
    assert not (tmp_path / name).exists()
    done = convert(source, tmp_path / name, SMALL)
    assert done.kept > 0
    volume = load_volume(tmp_path / name, LoadOptions(voxel_size_um=(8, 4, 4)))
    assert np.array_equal(volume.array, grey(np.uint16).array)
    assert not list(tmp_path.glob(".*"))


def test_work_for_another_input_is_not_gone_on_with(tmp_path: Path) -> None:
    source = write(tmp_path)
    with pytest.raises(Cancelled):
        convert(source, tmp_path / "a.zarr", SMALL, progress=Progress(is_cancelled=Stopper(4)))
    write_oriented(replace(grey(np.uint16), array=grey(np.uint16).array + 1), source, compress=False)
    assert convert(source, tmp_path / "a.zarr", SMALL).kept == 0
    assert np.array_equal(stored(tmp_path / "a.zarr"), grey(np.uint16).array + 1)


def test_a_store_changed_inside_is_another_input(tmp_path: Path) -> None:
    store = tmp_path / "in.zarr"
    convert(write(tmp_path), store, SMALL)
    with pytest.raises(Cancelled):
        convert(store, tmp_path / "a.zarr", SMALL, progress=Progress(is_cancelled=Stopper(4)))
    chunk = store / "0" / "0" / "0" / "0"
    other = chunk.with_name("1").read_bytes()
    chunk.write_bytes(other)
    assert convert(store, tmp_path / "a.zarr", SMALL).kept == 0
    assert np.array_equal(stored(tmp_path / "a.zarr"), stored(store))


@pytest.mark.parametrize("name", ["a.nrrd", "a.nii.gz", "slices"])
def test_the_memory_that_is_told_is_no_more_than_slabs_of_the_volume_take(tmp_path: Path, name: str) -> None:
    source = write(tmp_path)
    assert convert(source, tmp_path / name).memory == 4 * grey(np.uint16).array.nbytes


KILLED = """
import os, signal, sys
from pathlib import Path
from batterycell.io.convert import ConvertSettings, convert, zarr_sink
writes = []
def write(path, start, slices, real=zarr_sink.write_slices):
    if len(writes) == int(sys.argv[3]):
        real(path, start, slices[:1])  # the middle of a slab
        os.kill(os.getpid(), signal.SIGKILL)
    writes.append(start)
    real(path, start, slices)
zarr_sink.write_slices = write
convert(Path(sys.argv[1]), Path(sys.argv[2]), ConvertSettings(levels=2, chunk=(8, 16, 16)))
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
@pytest.mark.parametrize("writes", [2, 6])
def test_what_was_killed_goes_on_to_the_same_store(tmp_path: Path, writes: int) -> None:
    source = write(tmp_path)
    words = [sys.executable, "-c", KILLED, str(source), str(tmp_path / "a.zarr"), str(writes)]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    assert not (tmp_path / "a.zarr").exists()
    done = convert(source, tmp_path / "a.zarr", SMALL)
    convert(source, tmp_path / "whole.zarr", SMALL)
    assert done.kept == pytest.approx(writes / 8)
    for file in (path for path in (tmp_path / "whole.zarr").rglob("*") if path.is_file() and path.name != ".zattrs"):
        assert (tmp_path / "a.zarr" / file.relative_to(tmp_path / "whole.zarr")).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), OSError("529984 requested and 405296 written")],
    ids=["system", "numpy"],
)
def test_a_full_disk_keeps_what_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    real, starts = zarr_sink.write_slices, []

    def full(path: Path, start: int, slices: np.ndarray) -> None:
        starts.append(start)
        if len(starts) == 3:
            raise error
        real(path, start, slices)

    monkeypatch.setattr(zarr_sink, "write_slices", full)
    source = write(tmp_path)
    with pytest.raises(OutputError, match="No space") as stopped:
        convert(source, tmp_path / "a.zarr", SMALL)
    assert stopped.value.code == "output-full" and "go on" in stopped.value.hint
    assert convert(source, tmp_path / "a.zarr", SMALL).kept > 0


def test_an_older_output_is_replaced_only_when_asked_for_and_only_by_a_whole_one(tmp_path: Path) -> None:
    source, out = write(tmp_path), tmp_path / "a.zarr"
    convert(source, out, SMALL)
    with pytest.raises(OutputError, match="already exists"):
        convert(source, out, SMALL)
    with pytest.raises(Cancelled):
        convert(source, out, SMALL, overwrite=True, progress=Progress(is_cancelled=Stopper(4)))
    assert np.array_equal(stored(out), grey(np.uint16).array)
    convert(source, out, replace(SMALL, levels=1), overwrite=True)
    assert not (out / "1").exists()


def test_an_output_that_cannot_be_is_refused_before_any_work(tmp_path: Path) -> None:
    source = write(tmp_path)
    (tmp_path / "slices").mkdir()
    (tmp_path / "slices" / "thesis.docx").touch()
    for out, error in (
        (source, OutputError),
        (tmp_path / "a.jpg", UsageError),
        (tmp_path / "slices", OutputError),
        (tmp_path / "none" / "a.zarr" / "..", OutputError),
    ):
        with pytest.raises(error):
            convert(source, out, SMALL, overwrite=True)
    assert np.array_equal(stored(source), grey(np.uint16).array)


@pytest.mark.parametrize("words", [{"levels": 0}, {"levels": 17}, {"chunk": (0, 8, 8)}, {"chunk": (8, 8, 4096)}])
def test_settings_that_cannot_be_are_refused(words: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ConvertSettings(**words)


def test_the_command_tells_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["convert", str(write(tmp_path)), str(tmp_path / "a.ome.zarr"), "--chunk", "8,16,16", "--quiet"]
    assert main([*words, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["shape"], result["type"], result["kept"]) == (list(SHAPE), "uint16", 0.0)
    assert main([*words, "--overwrite"]) == 0
    assert "8 × 4 × 4 µm" in capsys.readouterr().out
    assert main(words) == 3


def test_two_cannot_write_the_same_output_at_a_time(tmp_path: Path) -> None:
    source = write(tmp_path)
    with pytest.raises(Cancelled):
        convert(source, tmp_path / "a.zarr", SMALL, progress=Progress(is_cancelled=Stopper(3)))
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        from batterycell.output import host

        (tmp_path / ".a.zarr.converting" / f".lock.{host()}.{other.pid}.0").touch()
        with pytest.raises(OutputError, match="another process"):
            convert(source, tmp_path / "a.zarr", SMALL)
    finally:
        other.kill()
        other.wait()
    time.sleep(0)
    assert convert(source, tmp_path / "a.zarr", SMALL).kept > 0
