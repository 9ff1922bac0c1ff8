"""The command line: results on stdout, one line on stderr, the right exit code, nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from batterycell import pipeline
from batterycell.cli import display, main
from batterycell.errors import Cancelled
from batterycell.export import scene_export
from batterycell.mrml.files import write_volume
from batterycell.volume import Volume
from made_result import made_result, made_volume
from made_stages import found_in, made_stages

VOXEL = ("--voxel-size", "100,100,100")
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _heeds_ctrl_c() -> Iterator[None]:
    """Ctrl+C counts, also where the tests themselves were started without it (in the background of a shell)."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def _shows_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of progress come with time only, which a busy machine takes more of."""
    monkeypatch.setattr(display, "_QUIET_S", 600.0)


@pytest.fixture
def cell(here: Path) -> Path:
    write_volume(made_volume(), here / "cell.nrrd")
    return here / "cell.nrrd"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measuring finds the made result at once, and pictures and scene are not drawn."""
    made = made_result()
    monkeypatch.setattr(pipeline, "find_cell", lambda volume, progress: made.cell)
    monkeypatch.setattr(pipeline, "find_sheets", lambda volume, cell, *call: found_in(volume, made))
    monkeypatch.setattr(pipeline, "measure_stages", lambda *call: made_stages(made.cell.frame))
    notes = ["The overview is drawn plainly: no GL."]
    monkeypatch.setattr(scene_export, "draw_all", lambda *call: scene_export.Drawn(notes=notes))
    monkeypatch.setattr(scene_export, "write_scene", lambda *_, **__: [])


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


QUIET_S = display._QUIET_S
# What a measurement that was stopped goes on from.
KEPT = frozenset({"result.run", "result.run/key", "result.run/cell.npz"})


def fails(capfd: Capture, words: list[str], code: int, leaves: frozenset[str] = frozenset()) -> str:
    """Run a command that must fail with one line on stderr and leave the folder as it was but for what is stated."""
    before = tree(Path.cwd())
    capfd.readouterr()
    assert main(words) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and err.startswith("batterycell: "), err
    assert "Traceback" not in err and "Internal" not in err
    assert tree(Path.cwd()) == before | leaves
    return err


# Words


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["info", "--help"], ["analyze", "--help"], ["phantom", "--help"]]
)
def test_help_goes_to_stdout_and_is_no_error(words: list[str], capfd: Capture) -> None:
    assert main(words) == 0
    out, err = capfd.readouterr()
    assert "batterycell" in out and err == ""


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["measure"],
        ["phantom"],
        ["phantom", "cell"],
        ["phantom", "cell", "--preset", "no such cell", "--out", "phantom"],
        ["analyze"],
        ["analyze", "cell.nrrd", "--colour"],
        ["analyze", "cell.nrrd", "--voxel-size", "10"],
        ["analyze", "cell.nrrd", "--voxel-size", "a,b,c"],
        ["analyze", "cell.nrrd", "--raw-shape", "0,1,1"],
        ["analyze", "cell.nrrd", "--angles", "0"],
        ["analyze", "cell.nrrd", "--angles", "many"],
    ],
)
def test_wrong_words_are_one_line_and_exit_code_2(words: list[str], capfd: Capture) -> None:
    fails(capfd, words, 2)


# Bad input


def stack(change: Callable[[Any], Any] = lambda array: array) -> Any:
    return change(made_volume().array)


def write_folder(folder: Path, slices: Any) -> None:
    folder.mkdir()
    for number, image in enumerate(slices):
        tifffile.imwrite(folder / f"im{number:03d}.tif", image)


def truncated(path: Path) -> None:
    tifffile.imwrite(path, stack())
    path.write_bytes(path.read_bytes()[:50_000])


def odd_slice(folder: Path) -> None:
    write_folder(folder, [np.zeros((8, 8), np.uint8)] * 4 + [np.zeros((8, 9), np.uint8)])


def half(array: Any) -> Any:
    return array[:, :, :40]


def with_nan(array: Any) -> Any:
    changed = array.astype(np.float32)
    changed[3, 4, 5] = np.nan
    return changed


def noise(array: Any) -> Any:
    return np.random.default_rng(1).integers(90, 110, array.shape).astype(np.uint8)


BAD: dict[str, Callable[[Path], Any]] = {
    "absent": lambda path: None,
    "empty folder": lambda path: path.mkdir(),
    "text named tif": lambda path: path.with_suffix(".tif").write_text("no image"),
    "truncated tiff": lambda path: truncated(path.with_suffix(".tif")),
    "text named nrrd": lambda path: path.with_suffix(".nrrd").write_text("no image"),
    "empty file": lambda path: path.with_suffix(".tif").write_bytes(b""),
    "slices of different sizes": odd_slice,
    "all zero": lambda path: write_folder(path, stack(np.zeros_like)),
    "constant": lambda path: write_folder(path, stack(lambda array: np.full_like(array, 7))),
    "not a number": lambda path: write_folder(path, stack(with_nan)),
    "one slice": lambda path: tifffile.imwrite(path.with_suffix(".tif"), stack()[0]),
    "colour": lambda path: tifffile.imwrite(path.with_suffix(".tif"), np.zeros((9, 9, 3), np.uint8), photometric="rgb"),
    "no cell": lambda path: write_folder(path, stack(noise)),
    "half a cell": lambda path: write_folder(path, stack(half)),
    "cut by the border": lambda path: write_folder(path, stack(lambda array: array[:, 8:, :])),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_line_with_a_hint(kind: str, here: Path, capfd: Capture) -> None:
    BAD[kind](here / "input")
    path = next(iter(here.iterdir()), here / "input")
    line = fails(capfd, ["analyze", str(path), *VOXEL, "--out", "deep/result"], 3)
    assert re.search(r"\(.+\)$", line.strip()), f"no hint: {line}"


@pytest.mark.parametrize("size", ["0,1,1", "-5,10,10", "nan,1,1", "inf,1,1", "1e9,1,1"])
def test_an_impossible_voxel_size_is_refused(size: str, cell: Path, capfd: Capture) -> None:
    assert "voxel size" in fails(capfd, ["analyze", str(cell), f"--voxel-size={size}"], 3).lower()


def test_an_unknown_voxel_size_is_asked_for(here: Path, capfd: Capture) -> None:
    write_folder(here / "input", stack())
    assert "--voxel-size" in fails(capfd, ["analyze", "input"], 3)


@pytest.mark.parametrize("text", ["no json", "[]", '{"colour": 1}', '{"angles": "many"}', '{"angles": -1}'])
def test_a_bad_recipe_is_named(text: str, cell: Path, here: Path, capfd: Capture) -> None:
    (here / "recipe.json").write_text(text)
    assert "recipe.json" in fails(capfd, ["analyze", str(cell), "--recipe", "recipe.json"], 3)


# Output


def test_a_result_is_summarised_on_stdout(measured: None, cell: Path, capfd: Capture) -> None:
    assert main(["analyze", str(cell), "--out", "result", "--quiet"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("Overhang: 117 values, mean ") and out.splitlines()[-1] == "Report: result/report.html"
    assert err.splitlines() == [
        "batterycell: The overview is drawn plainly: no GL.",
        "batterycell: Can: The can's wall is thin: 2 voxels.",
        "batterycell: Winding: Not measured. There is no jelly roll.",
    ]
    assert {"overhang.csv", "summary.json", "provenance.json", "recipe.json", "report.html"} <= tree(Path("result"))


def test_json_is_all_that_stands_on_stdout(measured: None, cell: Path, capfd: Capture) -> None:
    assert main(["analyze", str(cell), "--out", "result", "--json", "--quiet"]) == 0
    printed = json.loads(capfd.readouterr().out)
    saved = json.loads(Path("result/summary.json").read_text(encoding="utf-8"))
    assert printed == {**saved, "report": "result/report.html"}


def test_without_out_the_result_is_named_after_the_cell(measured: None, cell: Path) -> None:
    assert main(["analyze", str(cell)]) == 0
    assert Path("cell-batterycell/overhang.csv").exists()


def test_provenance_keeps_the_command_and_the_checksum(measured: None, cell: Path) -> None:
    main(["analyze", "cell.nrrd", "--out", "my result"])
    provenance = json.loads(Path("my result/provenance.json").read_text(encoding="utf-8"))
    assert provenance["command"] == "batterycell analyze cell.nrrd --out 'my result'"
    assert [Path(entry["path"]).name for entry in provenance["inputs"]] == ["cell.nrrd"]


def test_the_recipe_of_a_result_can_be_used_again(measured: None, cell: Path) -> None:
    assert main(["analyze", str(cell), "--out", "one", "--angles", "24"]) == 0
    assert main(["analyze", str(cell), "--out", "two", "--recipe", "one/recipe.json"]) == 0
    assert Path("one/recipe.json").read_text() == Path("two/recipe.json").read_text()
    assert json.loads(Path("two/recipe.json").read_text())["angles"] == 24


def test_an_older_result_is_never_replaced_silently(measured: None, cell: Path, capfd: Capture) -> None:
    main(["analyze", str(cell), "--out", "result"])
    line = fails(capfd, ["analyze", str(cell), "--out", "result"], 3)
    assert "already exists" in line and "--overwrite" in line
    assert main(["analyze", str(cell), "--out", "result", "--overwrite"]) == 0


def test_a_folder_of_ones_own_is_not_replaced_with_overwrite(measured: None, cell: Path, capfd: Capture) -> None:
    Path("thesis").mkdir()
    Path("thesis/chapter.txt").write_text("years")
    assert "chapter.txt" in fails(capfd, ["analyze", str(cell), "--out", "thesis", "--overwrite"], 3)


def test_the_input_is_not_replaced_by_the_result(measured: None, cell: Path, capfd: Capture) -> None:
    assert "holds the input" in fails(capfd, ["analyze", str(cell), "--out", ".", "--overwrite"], 3)


def test_a_place_that_cannot_be_written_is_one_line(cell: Path, capfd: Capture) -> None:
    assert "cannot be written" in fails(capfd, ["analyze", str(cell), "--out", "cell.nrrd/result"], 3)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_one_line(measured: None, cell: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_to_full_disk(*_: Any, **__: Any) -> None:
        with Path("/dev/full").open("w") as file:
            file.write("x")

    monkeypatch.setattr(scene_export, "write_scene", write_to_full_disk)
    assert "No space left" in fails(capfd, ["analyze", str(cell), "--out", "result"], 3, KEPT)


# Stopping


@pytest.mark.parametrize("stop", [Cancelled, KeyboardInterrupt])
def test_a_cancel_leaves_what_it_goes_on_from_and_says_where(
    stop: type[BaseException], measured: None, cell: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancel(*call: Any) -> None:
        raise stop

    monkeypatch.setattr(scene_export, "_write_report", cancel)
    assert "is kept in" in fails(capfd, ["analyze", str(cell), "--out", "result"], 130, KEPT)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cleans_up_and_exits_with_130(number: signal.Signals, cell: Path) -> None:
    code = (
        "import sys, time; from batterycell import pipeline; from batterycell.cli import main\n"
        "def wait(*call): print('measuring', flush=True); time.sleep(60)\n"
        "pipeline.find_cell = wait; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "analyze", str(cell), "--out", "result"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "measuring\n"
    child.send_signal(number)
    _, err = child.communicate(timeout=20)
    assert child.returncode == 130 and err.splitlines()[-1] == "batterycell: Cancelled (Nothing was written)"
    assert tree(Path.cwd()) == {"cell.nrrd"}


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("error", [None, ImportError("half a module")])
def test_a_signal_swallowed_on_its_way_still_cancels(
    number: signal.Signals,
    error: Exception | None,
    measured: None,
    cell: Path,
    capfd: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def swallow(*call: Any) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), number)
            time.sleep(5)
        if error is not None:
            raise error

    monkeypatch.setattr(scene_export, "_write_report", swallow)
    assert "Cancelled" in fails(capfd, ["analyze", str(cell), "--out", "result"], 130, KEPT)


# Faults and progress


def test_a_fault_of_the_program_shows_no_traceback_unless_asked(
    measured: None, cell: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene_export, "_write_report", lambda *call: 1 / 0)
    assert main(["analyze", str(cell), "--out", "one"]) == 1
    err = capfd.readouterr().err
    assert err.count("\n") == 1 and "ZeroDivisionError" in err
    assert main(["analyze", str(cell), "--out", "one", "--debug"]) == 1
    assert "Traceback" in capfd.readouterr().err


def test_progress_shows_stages_and_time_left_after_two_seconds(
    measured: None, cell: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(display, "_QUIET_S", QUIET_S)

    def slow(volume: Volume, cell: object, recipe: object, progress: Any, find_ends: None) -> Any:
        for second in range(1, 21):
            now[0] = float(second)
            progress.report(second / 20, "reading edges")
        return found_in(volume, made_result())

    monkeypatch.setattr(pipeline, "find_sheets", slow)
    assert main(["analyze", str(cell), "--out", "result"]) == 0
    lines = [line for line in capfd.readouterr().err.splitlines() if "reading edges" in line]
    assert 3 <= len(lines) <= 5 and all(re.search(r"\d+ %  reading edges, about \d+ s left", line) for line in lines)
    assert main(["analyze", str(cell), "--out", "quiet", "--quiet"]) == 0
    assert "reading edges" not in capfd.readouterr().err


def test_it_runs_outside_the_main_thread(measured: None, cell: Path) -> None:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(["analyze", str(cell), "--out", "result"])))
    thread.start()
    thread.join()
    assert codes == [0]


def test_it_runs_as_a_program(cell: Path) -> None:
    command = [sys.executable, "-m", "batterycell", "info", str(cell), "--quiet"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0 and result.stderr == "" and "100 × 100 × 100 µm" in result.stdout
