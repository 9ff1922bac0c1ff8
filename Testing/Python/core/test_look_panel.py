"""The section Look without a window: its lines, what it waits for, and the cell that is found first."""

# ruff: noqa: N802, N803 - the fakes speak the desktop ring's camelCase

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from batterycell import mrml
from batterycell.result import cell_to_json
from batterycell.worker.jobs import RESULT_FOLDER, write_json
from desktop_ring import lib
from made_result import made_result


class FakeJob:
    """A worker that finds the cell when the test says so."""

    def __init__(self) -> None:
        self.finished, self.failed = lib("Signal").Signal(), lib("Signal").Signal()
        self.isRunning = False
        self.folder = Path()

    def start(self, folder: Path) -> None:
        self.isRunning, self.folder = True, folder

    def finish(self) -> None:
        self.isRunning = False
        (self.folder / RESULT_FOLDER).mkdir()
        write_json(self.folder / RESULT_FOLDER / "cell.json", cell_to_json(made_result().cell))
        self.finished.emit(self.folder)


class FakeSection:
    """Remembers what went wrong."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def showError(self, error: Any) -> None:
        self.errors.append(error.code)

    @contextmanager
    def reporting(self, failure: str) -> Iterator[None]:
        try:
            yield
        except lib("Work.CellWork").BatteryCellError as error:
            self.showError(error)


@pytest.fixture
def node() -> Iterator[Any]:
    scene = mrml.new_scene()
    yield mrml.add_volume(scene, made_result().volume, "tiny")
    mrml.close_scene(scene)


def work_on(node: Any) -> Any:
    """A worker's manager, its panel and its section."""
    job = FakeJob()
    panel = SimpleNamespace(parameters=SimpleNamespace(volume=node), makeJob=lambda: job, refresh=lambda: None, job=job)
    section = FakeSection()
    return lib("Work.CellWork").CellWork(panel, section), panel, section


def test_the_cell_is_found_before_it_is_looked_at(node: Any) -> None:
    work, panel, _ = work_on(node)
    done: list[str] = []
    work.withCell(lambda: done.append("first"))
    work.withCell(lambda: done.append("while it is being found"))
    assert (done, panel.job.isRunning) == ([], True)
    panel.job.finish()
    assert done == ["first"]
    assert not panel.job.folder.exists()
    work.withCell(lambda: done.append("known"))
    assert done == ["first", "known"]


def test_what_was_found_for_another_volume_is_kept_with_it_and_shows_nothing(node: Any) -> None:
    work, panel, _ = work_on(node)
    done: list[str] = []
    work.withCell(lambda: done.append("shown"))
    panel.parameters.volume = None
    panel.job.finish()
    assert done == []
    assert mrml.cell_of(node) is not None


def test_a_volume_that_was_removed_meanwhile_is_one_sentence(node: Any) -> None:
    work, panel, section = work_on(node)
    work.withCell(lambda: None)
    node.GetScene().RemoveNode(node)
    panel.job.finish()
    assert section.errors == ["volume-removed"]


@pytest.mark.parametrize(
    ("angle", "isUnrolled", "span", "line"),
    [
        (None, False, None, ""),
        (137.0, False, None, "137°"),
        (0.04, True, None, "0°, unrolled along a circle"),
        (137.25, True, (3, 3), "137.2°, unrolled along winding 3"),
        (None, True, (3, 5), "unrolled along windings 3 to 5"),
    ],
)
def test_the_closed_section_says_what_is_looked_at(angle: Any, isUnrolled: bool, span: Any, line: str) -> None:
    assert lib("Sections.ResultLines").lookLine(angle, isUnrolled, span) == line


def test_a_place_is_told_by_angle_and_radius_in_micrometres() -> None:
    assert lib("Sections.ResultLines").placeLine(137.24, 7.9123) == "137.2°, radius 7,912 µm"


def test_looking_waits_for_the_worker_only_while_the_cell_is_unknown() -> None:
    readiness = lib("Sections.Readiness")
    why: Callable[..., str] = lambda **facts: readiness.whyNotLook(readiness.Situation(**facts))  # noqa: E731
    assert "volume" in why()
    assert "voxel size" in why(hasVolume=True)
    assert "Wait" in why(hasVolume=True, voxelSizeKnown=True, isBusy=True)
    assert why(hasVolume=True, voxelSizeKnown=True) == ""
    assert why(hasVolume=True, voxelSizeKnown=True, hasCell=True, isBusy=True) == ""
    assert "Unroll" in readiness.whyNotShowUnrolled(False)


def test_an_unrolled_cell_is_not_taken_for_a_cell(node: Any) -> None:
    usable = lib("VoxelSize").whyNotUsable
    assert usable(node) is None
    other = mrml.add_volume(node.GetScene(), made_result().volume, "unrolled")
    mrml.attach(node, other, "unrolled")
    assert "unrolled cell" in str(usable(other))
