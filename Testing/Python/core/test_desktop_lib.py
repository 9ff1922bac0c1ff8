"""The parts of the desktop ring that need no window: jobs, progress, readiness, results as nodes."""

# ruff: noqa: N802 - the fakes speak the desktop ring's camelCase

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from batterycell.errors import BatteryCellError, Cancelled
from batterycell.measured import Axis, Map
from batterycell.orient import Can, Cell, CellFrame
from batterycell.overhang.columns import OVERHANG_COLUMNS
from batterycell.progress import Progress
from batterycell.summary import describe
from batterycell.tables import Table
from batterycell.volume import Volume
from desktop_ring import lib


class FakeProcess:
    """A child process that does what the test says."""

    def __init__(self) -> None:
        self.outputReceived, self.ended = lib("Signal").Signal(), lib("Signal").Signal()
        self.arguments: Sequence[str] = ()
        self.wasEnded = False
        self.errors = ""

    def start(self, arguments: Sequence[str]) -> None:
        self.arguments = arguments

    def endTree(self) -> None:
        self.wasEnded = True
        self.ended.emit(-1)

    def errorText(self) -> str:
        return self.errors

    def write(self, *values: dict[str, Any]) -> None:
        for value in values:
            self.outputReceived.emit(json.dumps(value).encode() + b"\n")


class FakeTimer:
    """Calls later, when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, seconds: float, function: Callable[[], None]) -> None:
        self.waiting.append(function)

    def pass_(self) -> None:
        for function in self.waiting:
            function()


@pytest.fixture
def process() -> FakeProcess:
    return FakeProcess()


@pytest.fixture
def timer() -> FakeTimer:
    return FakeTimer()


@pytest.fixture
def job(process: FakeProcess, timer: FakeTimer) -> Any:
    job = lib("Work.Job").Job(process, timer)
    job.seen = SimpleNamespace(progress=[], finished=[], failed=[])
    job.progressed.connect(lambda *values: job.seen.progress.append(values[:2]))
    job.finished.connect(job.seen.finished.append)
    job.failed.connect(job.seen.failed.append)
    return job


def test_a_line_that_arrives_in_pieces_is_one_message() -> None:
    output = lib("Work.WorkerOutput").WorkerOutput()
    assert list(output.feed(b'{"fraction": 0.25, "mess')) == []
    (message,) = output.feed(b'age": "finding ends"}\n')
    assert (message.fraction, message.message) == (0.25, "finding ends")


def test_two_lines_in_one_piece_are_two_messages() -> None:
    messages = lib("Work.WorkerOutput").WorkerOutput().feed(b'{"fraction": 0.1}\n{"fraction": 0.2}\n')
    assert [message.fraction for message in messages] == [0.1, 0.2]


@pytest.mark.parametrize("line", [b"", b"a library speaks", b"[1, 2]", b'"text"', b"{}", b"\xff\xfe"])
def test_what_is_no_message_is_skipped(line: bytes) -> None:
    assert lib("Work.WorkerOutput").parseLine(line) is None


def test_an_error_line_keeps_code_message_and_hint() -> None:
    error = lib("Work.WorkerOutput").parseLine(
        b'{"error": {"code": "no-cell", "message": "No cell.", "hint": "Crop."}}'
    )
    assert (error.code, error.message, error.hint) == ("no-cell", "No cell.", "Crop.")


def test_time_left_follows_what_is_done() -> None:
    now = [0.0]
    left = lib("Work.TimeLeft").TimeLeft(lambda: now[0])
    assert left.seconds(0.5) is None, "too early to tell"
    now[0] = 30.0
    assert left.seconds(0.25) == pytest.approx(90.0)
    assert left.seconds(0.0) is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, ""), (0.2, "1 s left"), (42.4, "42 s left"), (90.0, "1 min 30 s left")]
)
def test_time_left_in_words(seconds: float | None, words: str) -> None:
    assert lib("Work.TimeLeft").describeTimeLeft(seconds) == words


def test_a_job_reports_progress_and_its_folder(job: Any, process: FakeProcess, tmp_path: Path) -> None:
    job.start(tmp_path)
    assert job.isRunning
    assert list(process.arguments) == ["-m", "batterycell.worker", str(tmp_path)]
    process.write({"fraction": 0.5, "message": "finding ends"})
    process.ended.emit(0)
    assert job.seen.progress == [(0.5, "finding ends")]
    assert job.seen.finished == [tmp_path]
    assert job.seen.failed == []
    assert not job.isRunning


def test_a_jobs_error_is_the_workers_error(job: Any, process: FakeProcess, tmp_path: Path) -> None:
    job.start(tmp_path)
    process.write({"error": {"code": "no-cell", "message": "No cell.", "hint": ""}})
    process.ended.emit(3)
    assert [error.code for error in job.seen.failed] == ["no-cell"]
    assert job.seen.finished == []


def test_a_worker_that_dies_is_an_error_with_its_last_words(job: Any, process: FakeProcess, tmp_path: Path) -> None:
    job.start(tmp_path)
    process.errors = "Traceback\nMemoryError\n"
    process.ended.emit(-1)
    (error,) = job.seen.failed
    assert (error.code, error.hint) == ("worker-crashed", "MemoryError")


def test_cancel_asks_first_and_ends_the_tree_after_the_grace_time(
    job: Any, process: FakeProcess, timer: FakeTimer, tmp_path: Path
) -> None:
    job.start(tmp_path)
    job.cancel()
    assert (tmp_path / "cancel").exists()
    assert not process.wasEnded
    timer.pass_()
    assert process.wasEnded
    assert [type(error) for error in job.seen.failed] == [Cancelled]


def test_a_worker_that_stops_by_itself_is_not_ended_again(
    job: Any, process: FakeProcess, timer: FakeTimer, tmp_path: Path
) -> None:
    job.start(tmp_path)
    job.cancel()
    process.ended.emit(130)
    job.start(tmp_path / "next")
    timer.pass_()
    assert not process.wasEnded, "the grace time of a run must not end the next run"


def test_one_job_at_a_time(job: Any, tmp_path: Path) -> None:
    job.start(tmp_path)
    with pytest.raises(RuntimeError):
        job.start(tmp_path)


def test_the_tree_of_a_process_is_ended_from_its_leaves() -> None:
    tree = lib("Work.ProcessTree")
    parents = tree.parseProcesses("  1 0\n 10 1\n 11 10\n 12 11\n 13 10\n 99 1\n\n")
    order = list(tree.descendants(10, parents))
    assert set(order) == {11, 12, 13}
    assert order.index(12) < order.index(11)


def situation(**changes: bool) -> Any:
    ready = {"hasVolume": True, "voxelSizeKnown": True, "voxelSizeTyped": True, "hasFolder": True}
    return lib("Sections.Readiness").Situation(**{**ready, **changes})


@pytest.mark.parametrize("action", ["Load", "TypeVoxelSize", "SetVoxelSize", "SetUpright", "Turn", "Measure"])
def test_nothing_is_missing_for_a_volume_of_known_voxel_size(action: str) -> None:
    assert getattr(lib("Sections.Readiness"), f"whyNot{action}")(situation()) == ""


@pytest.mark.parametrize(
    ("action", "changes", "word"),
    [
        ("Measure", {"hasVolume": False}, "volume"),
        ("Measure", {"voxelSizeKnown": False}, "voxel size"),
        ("SetUpright", {"voxelSizeKnown": False}, "voxel size"),
        ("SetUpright", {"isUpright": True}, "upright"),
        ("SetUpright", {"underOtherTransform": True}, "transform"),
        ("GoBack", {}, "not turned"),
        ("Harden", {}, "not turned"),
        ("Turn", {"underOtherTransform": True}, "Transforms"),
        ("Harden", {"underOtherTransform": True, "isTurned": True}, "Transforms"),
        ("SetVoxelSize", {"voxelSizeTyped": False}, "voxel size"),
        ("SetVoxelSize", {"isMeasured": True}, "Clear"),
        ("TypeVoxelSize", {"isTurned": True}, "Back"),
        ("Clear", {}, "Nothing"),
        ("Export", {"hasVolume": False}, "volume"),
        ("Export", {"voxelSizeKnown": False}, "voxel size"),
        ("Export", {"hasFolder": False}, "folder"),
    ],
)
def test_what_cannot_run_says_why(action: str, changes: dict[str, bool], word: str) -> None:
    assert word in getattr(lib("Sections.Readiness"), f"whyNot{action}")(situation(**changes))


@pytest.mark.parametrize(
    "action", ["Load", "SetVoxelSize", "SetUpright", "Turn", "Harden", "GoBack", "Measure", "Clear", "Export"]
)
def test_nothing_starts_while_a_job_runs(action: str) -> None:
    changes = {"isBusy": True, "isTurned": action in ("GoBack", "Harden"), "isMeasured": action == "Clear"}
    assert "Wait" in getattr(lib("Sections.Readiness"), f"whyNot{action}")(situation(**changes))


def overhang_of(values: Sequence[float], unread: str = "anode-unclear") -> Table:
    n = len(values)
    data = {column.name: np.arange(n, dtype=float) for column in OVERHANG_COLUMNS}
    flags = ["negative" if v < 0 else "ok" if v >= 0 else unread for v in values]
    words = {"end": ["top"] * n, "side": ["outer"] * n, "flag": flags}
    data.update({name: np.array(word) for name, word in words.items()})
    data.update(winding=np.arange(n) // 2 + 1, angle_deg=np.arange(n) % 2 * 180.0, overhang_um=np.array(values))
    return Table(OVERHANG_COLUMNS, data)


def cell_of(volume: Volume) -> Cell:
    frame = CellFrame.from_axis(volume.to_ras([8, 8, 8]), [0, 0, -1], volume.ijk_to_ras)
    return Cell(frame, Can(frame.origin, frame.up, 0.5, 0.01, 0.001), (-0.5, 0.5), 1.26, True, "groove")


@pytest.fixture
def volume() -> Volume:
    array = np.arange(16**3, dtype=np.uint16).reshape(16, 16, 16)
    return Volume.from_stack(array, (60.0, 30.0, 30.0), "--voxel-size", "tiny")


def test_result_lines_read_like_the_panel(volume: Volume) -> None:
    lines = lib("Sections.ResultLines")
    assert lines.uprightLine(cell_of(volume)) == "tilt 1.3°, turned over"
    assert lines.overhangLine(describe(overhang_of([670.0, 698.0]))).startswith("2 values, 684 ± ")
    assert lines.overhangLine(describe(overhang_of([670.0, -5.0]))).endswith("µm, 1 negative")
    assert lines.overhangLine(describe(overhang_of([np.nan], "negative-unclear"))) == "no value readable, 1 negative"


def overhang_grid(values: Sequence[float], unread: str = "anode-unclear") -> Any:
    return lib("Views.Maps.Grid").makeOverhangGrid(overhang_of(values, unread), "top", "outer")


def distinct(colors: Any) -> int:
    return len(np.unique(colors.reshape(-1, 3), axis=0))


def test_a_map_knows_the_row_under_a_click() -> None:
    grid = overhang_grid([100.0, 200.0, -300.0, np.nan])
    assert grid.rows.tolist() == [[0, 1], [2, 3]]
    assert grid.rowAt(0.75, 0.25) == 1
    assert grid.rowAt(1.0, 0.5) is None
    assert distinct(grid.colors) == 4, "low, high, negative and unreadable differ"
    assert distinct(overhang_grid([-300.0, np.nan], "negative-unclear").colors) == 1, "negative, of known size or not"


def test_a_map_without_a_readable_value_has_no_limits() -> None:
    assert np.isnan(overhang_grid([np.nan, np.nan]).limits).all()


def test_a_map_over_height_is_drawn_as_the_cell_stands() -> None:
    values = np.array([[0.0, 1.0], [2.0, np.nan]])
    places = np.where(np.isnan(values)[..., None], np.nan, np.zeros((2, 2, 3)))
    height, angle = Axis("height_mm", "Height", "mm", np.arange(2.0)), Axis("angle_deg", "Angle", "deg", np.arange(2.0))
    grid = lib("Views.Maps.Grid").makeGrid(Map("dent_um", "Dents", "µm", "How deep.", height, angle, values, places))
    assert grid.rowAt(0.25, 0.75) == 0, "the lowest place is at the bottom"
    assert grid.rowAt(0.25, 0.25) == 2
    assert grid.rowAt(0.75, 0.25) is None, "nothing was measured there"
    assert distinct(grid.colors) == 4


@pytest.fixture
def node(volume: Volume) -> Any:
    from batterycell.mrml import add_volume, close_scene, new_scene

    scene = new_scene()
    yield add_volume(scene, volume, "tiny")
    close_scene(scene)


def test_a_volume_of_one_millimetre_is_not_of_known_voxel_size(node: Any) -> None:
    sizes = lib("VoxelSize")
    assert sizes.isVoxelSizeKnown(node)
    node.SetSpacing(1, 1, 1)
    assert not sizes.isVoxelSizeKnown(node)
    sizes.setVoxelSizeUm(node, (67.94, 33.97, 33.97))
    assert sizes.voxelSizeUm(node) == pytest.approx((67.94, 33.97, 33.97))


def test_a_job_folder_holds_the_volume_and_the_settings(node: Any, volume: Volume) -> None:
    from batterycell.worker.jobs import read_job_volume

    folders = lib("Work.JobFolder")
    folder = folders.makeJobFolder("analyze", node, {"angles": 24})
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    back = read_job_volume(job, Progress())
    np.testing.assert_array_equal(back.array, volume.array)
    np.testing.assert_array_equal(back.ijk_to_ras, volume.ijk_to_ras)
    assert (job["verb"], job["settings"]) == ("analyze", {"angles": 24})
    folders.removeJobFolder(folder)
    assert not folder.exists()


def test_packages_are_asked_for_only_where_they_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATTERYCELL_PACKAGES", str(tmp_path))  # else the application is asked for its folder
    loading, requirements = lib("Loading"), lib("Requirements")
    (tmp_path / "a.TIF").touch()
    assert loading.packagesFor(tmp_path) == requirements.TO_READ_TIFF
    assert loading.packagesFor(tmp_path / "cell.nrrd") == ()
    requirements.ensure(requirements.TO_EXPORT)  # they are installed here: nothing is asked


def test_every_package_that_is_asked_for_has_a_lower_bound_in_the_list() -> None:
    requirements = lib("Requirements")
    names = {line.split(">=")[0] for line in requirements.requirementLines() if ">=" in line}
    asked = [name for name in vars(requirements) if name.startswith("TO_")]
    assert {name for one in asked for name in getattr(requirements, one)} == names


@pytest.mark.parametrize("code", ["output-exists", "output-foreign", "voxel-size-implausible"])
def test_the_panels_hints_do_not_speak_of_the_command_lines_options(code: str) -> None:
    hint = lib("Hints").hintFor(BatteryCellError(code, "No.", "Pass --overwrite."))
    assert hint
    assert "--" not in hint


def test_other_hints_stay_as_they_are() -> None:
    assert lib("Hints").hintFor(BatteryCellError("no-cell", "No cell.", "Crop less.")) == "Crop less."
