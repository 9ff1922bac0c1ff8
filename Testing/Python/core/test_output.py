"""Result folders appear whole or not at all, and nobody's files are lost."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from batterycell import output
from batterycell.errors import Cancelled, OutputError
from batterycell.output import check_room, result_folder


def write_result(out: Path, text: str, overwrite: bool = False) -> None:
    with result_folder(out, overwrite) as folder:
        (folder / "provenance.json").write_text(text)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_result_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "result"
    with result_folder(out) as folder:
        (folder / "provenance.json").write_text("new")
        assert not out.exists()
        assert folder.parent == out.parent
    assert (out / "provenance.json").read_text() == "new"
    assert names(out.parent) == ["result"]


@pytest.mark.parametrize("stop", [ValueError("wrong"), Cancelled(), KeyboardInterrupt()])
def test_an_error_or_a_cancel_leaves_nothing(tmp_path: Path, stop: BaseException) -> None:
    with pytest.raises(type(stop)), result_folder(tmp_path / "result") as folder:
        (folder / "half.csv").write_text("half")
        raise stop
    assert names(tmp_path) == []


def test_an_existing_folder_is_refused_before_any_work(tmp_path: Path) -> None:
    out = tmp_path / "result"
    write_result(out, "old")
    with pytest.raises(OutputError, match="already exists") as caught, result_folder(out):
        pytest.fail("work began")
    assert "--overwrite" in caught.value.hint
    assert (out / "provenance.json").read_text() == "old"


def test_an_older_result_is_replaced_only_after_success(tmp_path: Path) -> None:
    out = tmp_path / "result"
    write_result(out, "old")
    with pytest.raises(ValueError), result_folder(out, overwrite=True):
        raise ValueError
    assert (out / "provenance.json").read_text() == "old"
    write_result(out, "new", overwrite=True)
    assert (out / "provenance.json").read_text() == "new"
    assert names(tmp_path) == ["result"]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "result").mkdir()
    write_result(tmp_path / "result", "new")
    assert (tmp_path / "result" / "provenance.json").read_text() == "new"


def test_a_folder_of_somebody_else_is_never_replaced(tmp_path: Path) -> None:
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter.txt").write_text("years")
    with pytest.raises(OutputError, match=r"chapter\.txt"):
        write_result(out, "new", overwrite=True)
    assert names(out) == ["chapter.txt"]


def test_a_note_put_into_an_older_result_keeps_it_from_being_replaced(tmp_path: Path) -> None:
    out = tmp_path / "result"
    write_result(out, "old")
    (out / "note.txt").write_text("look at winding 3")
    with pytest.raises(OutputError, match=r"note\.txt"):
        write_result(out, "new", overwrite=True)
    assert (out / "note.txt").exists()


def test_a_file_is_never_replaced_by_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "cell.tif"
    out.write_text("grey")
    with pytest.raises(OutputError):
        write_result(out, "new", overwrite=True)
    assert out.read_text() == "grey"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        OSError("Not enough free space to write 52998400 bytes after offset 128"),  # numpy's own words
    ],
    ids=["system", "numpy"],
)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path, error: OSError) -> None:
    with pytest.raises(OutputError, match="cannot be written: No space left"), result_folder(tmp_path / "result"):
        raise error
    assert names(tmp_path) == []


def test_too_little_room_is_told_before_the_work(tmp_path: Path) -> None:
    check_room(tmp_path, 1.0)
    with pytest.raises(OutputError, match="has room for"):
        check_room(tmp_path, 1e18)


def test_an_unreadable_input_is_not_called_an_unwritable_output(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), result_folder(tmp_path / "result"):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "cell.tif"))


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"), result_folder(tmp_path / "file" / "result"):
        pytest.fail("work began")


def test_what_a_killed_run_left_is_cleaned_by_the_next_run_only(tmp_path: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    name = ".result.partial." + output.host()
    (tmp_path / f"{name}.{gone.stdout.strip()}.aaaa").mkdir()
    alive = tmp_path / f"{name}.{os.getppid()}.bbbb"
    alive.mkdir()
    write_result(tmp_path / "result", "new")
    assert names(tmp_path) == [alive.name, "result"]


def test_a_run_killed_while_replacing_loses_no_older_result(tmp_path: Path) -> None:
    out = tmp_path / "result"
    write_result(out, "old")
    out.rename(tmp_path / f".result.old.{output.host()}.{os.getpid()}.aaaa")
    with pytest.raises(OutputError, match="already exists"):
        write_result(out, "new")
    assert (out / "provenance.json").read_text() == "old"
