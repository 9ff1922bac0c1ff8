"""Objects of a large volume: what was found of them before a sudden end is kept, and used by the next start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.cli import main, objects_call
from batterycell.errors import InputError
from batterycell.instances.find import packed
from batterycell.mrml.files import write_volume
from batterycell.objects import work
from batterycell.volume import Volume
from large_labels import (
    FULL,
    SLABS,
    assert_same_files,
    instances,
    kill_9_and_go_on,
    take_for_large,
    write_labels,
)
from test_instances_packed import CUBE


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    take_for_large(monkeypatch)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write_labels(tmp_path / "labels.nrrd")


def break_off(monkeypatch: pytest.MonkeyPatch, error: BaseException, slabs: int = 3) -> list[int]:
    """Let an error end the work after some slabs; gives the slabs that were worked on."""
    plain, begun = work._label, list[int]()

    def until(values: dict[str, Any], *kept: Any) -> dict[str, Any]:
        if len(begun) == slabs:
            raise error
        begun.append(values["slices"][0])
        return plain(values, *kept)

    monkeypatch.setattr(work, "_label", until)
    return begun


GONE = InputError("cluster-gone", "The cluster at tcp://a:1 is gone.", "The same command goes on where it stood.")


@pytest.mark.parametrize(("error", "told"), [(FULL, "No space left"), (GONE, "is gone"), (KeyboardInterrupt(), "kept")])
def test_what_was_found_is_kept_and_the_same_command_goes_on(
    labels: Path, error: BaseException, told: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert instances(labels, "whole") == 0
    capsys.readouterr()
    with monkeypatch.context() as broken:
        break_off(broken, error)
        assert instances(labels, "out") != 0
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and told in lines[0]
    assert sorted(path.name for path in labels.parent.iterdir()) == ["labels.nrrd", "out.run", "whole"]
    begun = break_off(monkeypatch, error, slabs=99)
    assert instances(labels, "out") == 0
    assert begun == [12, 16, 20], "slabs were done again"
    assert_same_files(labels.parent / "out", labels.parent / "whole")
    assert not (labels.parent / "out.run").exists()


def test_other_settings_and_other_labels_begin_anew(labels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        break_off(broken, FULL)
        assert instances(labels, "out") != 0
    begun = break_off(monkeypatch, FULL, slabs=99)
    assert instances(labels, "out", "--connectivity", "6") == 0
    assert begun == SLABS


def test_a_slab_that_a_lost_worker_had_numbered_is_numbered_again_alike(
    labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert instances(labels, "once") == 0
    plain = work.renumber_task
    monkeypatch.setattr(work, "renumber_task", lambda *call: (plain(*call), plain(*call))[1])
    assert instances(labels, "twice") == 0
    assert_same_files(labels.parent / "twice", labels.parent / "once")


def test_labels_that_cannot_be_measured_leave_nothing(labels: Path) -> None:
    write_volume(Volume.from_stack(np.zeros((9, 20, 20), np.uint8), CUBE, "made"), labels)
    assert instances(labels, "out") == 3
    assert list(labels.parent.iterdir()) == [labels]


def test_a_half_written_slice_is_not_taken_for_a_whole_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = packed.PackedLabels(tmp_path / "packed", (2, 3, 4))
    found[0] = np.ones((3, 4), np.uint32)

    def full(path: Path, _: bytes) -> int:
        path.touch()
        raise FULL

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        found[0] = np.full((3, 4), 2, np.uint32)
    assert (found[0] == 1).all()


def test_room_is_asked_for_before_the_work(labels: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(objects_call, "_PICTURES_BYTES", 1e18)
    assert instances(labels, "out") == 3
    assert "has room for" in capsys.readouterr().err
    assert list(labels.parent.iterdir()) == [labels]


def test_a_half_written_store_is_one_line_and_done_once_it_is_whole(labels: Path, capsys: Any) -> None:
    pytest.importorskip("zarr")
    store = labels.with_name("labels.ome.zarr")
    assert main(["convert", str(labels), str(store), "--chunk", "8,16,16", "--kind", "labels", "--quiet"]) == 0
    chunk = sorted(path for path in (store / "0").rglob("*") if path.is_file() and path.name.isdecimal())[-1]
    packed_chunk = chunk.read_bytes()
    chunk.unlink()
    capsys.readouterr()
    assert instances(store, "out") == 3
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert sorted(path.name for path in labels.parent.iterdir()) == ["labels.nrrd", "labels.ome.zarr"]
    chunk.write_bytes(packed_chunk)
    assert instances(store, "out") == 0 == instances(labels, "other")
    assert_same_files(labels.parent / "out", labels.parent / "other")


_SLOWLY = """
from batterycell.objects import work

plain = work._label

def slowly(values, *kept):
    note(f"slab_{values['slices'][0]}")
    return plain(values, *kept)

work._label = slowly
"""


@pytest.mark.slow
def test_kill_9_amid_the_slabs_changes_nothing_and_what_was_done_is_not_done_again(labels: Path) -> None:
    kept, again = kill_9_and_go_on(labels, 3, _SLOWLY)
    assert len(kept) < len(SLABS)
    assert again == {f"slab_{start}" for start in SLABS} - kept
