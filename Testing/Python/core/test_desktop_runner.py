"""The runner of the desktop tests: it counts what a Slicer says, and never takes silence for success."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

DESKTOP = Path(__file__).parents[1] / "desktop"


@pytest.fixture
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("desktop_runner", DESKTOP / "run.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("output", "exit_code", "numbers"),
    [
        ("start\nPASS test_a\n3 passed, 0 skipped, 0 failed\n", 0, (3, 0, 0)),
        ("PASS test_a\nSKIP test_b: no torch\n1 passed, 1 skipped, 0 failed\n", 0, (1, 1, 0)),
        ("2 passed, 0 skipped, 1 failed\n", 1, (2, 0, 1)),
        ("3 passed, 0 skipped, 0 failed\n", 1, (3, 0, 1)),
        ("Segmentation fault\n", 0, (0, 0, 1)),
        ("", 127, (0, 0, 1)),
    ],
)
def test_results_are_counted(runner: ModuleType, output: str, exit_code: int, numbers: tuple[int, int, int]) -> None:
    assert runner.judge(output, exit_code) == numbers


def test_a_script_without_results_has_failed_whatever_the_others_did(runner: ModuleType) -> None:
    output = "3 passed, 0 skipped, 0 failed\n2 passed, 1 skipped, 0 failed\n"
    assert runner.judge(output, 0, 2) == (5, 1, 0) and runner.judge(output, 0, 3) == (5, 1, 1)


def test_every_script_runs_in_one_slicer_and_those_that_share_one_are_there(runner: ModuleType) -> None:
    scripts = sorted(path.stem for path in DESKTOP.glob("test_*.py"))
    assert sorted(name for group in runner.share(scripts) for name in group) == scripts
    assert {name for group in runner.TOGETHER for name in group} <= set(scripts)
    assert runner.share(["test_load", "test_scene", "test_panel"]) == [["test_panel", "test_scene"], ["test_load"]]


def test_without_slicer_the_tests_are_skipped_aloud(runner: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["no-such-slicer"]) == 0
    assert capsys.readouterr().out == "skipped: no Slicer\n"


def test_a_test_script_runs_in_the_slicer_that_is_given(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slicer = tmp_path / "Slicer"
    lines = ("import os, sys", "names = os.environ.get('BATTERYCELL_DESKTOP_SCRIPTS', 'alone').split()")
    told = "print(sys.argv[-1], *['1 passed, 0 skipped, 0 failed' for name in names], sep='\\n')"
    slicer.write_text("\n".join((f"#!{sys.executable}", *lines, told)))
    slicer.chmod(0o755)
    monkeypatch.setenv("DISPLAY", ":0")
    assert runner.main([str(slicer), "test_panel"]) == 0
    assert runner.main([str(slicer), "test_panel", "test_scene", "test_load"]) == 0
    assert "3 passed, 0 skipped, 0 failed" in capsys.readouterr().out


@pytest.mark.parametrize("script", sorted(DESKTOP.glob("test_*.py")), ids=lambda path: path.stem)
def test_every_test_script_runs_its_tests_at_the_end(script: Path) -> None:
    assert script.read_text(encoding="utf-8").rstrip().endswith("run_tests(dict(globals()))")
