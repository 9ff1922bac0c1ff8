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
        ("start\nPASS test_a\n3 passed, 0 failed\n", 0, (3, 0)),
        ("2 passed, 1 failed\n", 1, (2, 1)),
        ("3 passed, 0 failed\n", 1, (3, 1)),
        ("Segmentation fault\n", 0, (0, 1)),
        ("", 127, (0, 1)),
    ],
)
def test_results_are_counted(runner: ModuleType, output: str, exit_code: int, numbers: tuple[int, int]) -> None:
    assert runner.judge(output, exit_code) == numbers


def test_without_slicer_the_tests_are_skipped_aloud(runner: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["no-such-slicer"]) == 0
    assert capsys.readouterr().out == "skipped: no Slicer\n"


def test_a_test_script_runs_in_the_slicer_that_is_given(
    runner: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slicer = tmp_path / "Slicer"
    slicer.write_text(f"#!{sys.executable}\nimport sys\nprint(sys.argv[-1])\nprint('1 passed, 0 failed')\n")
    slicer.chmod(0o755)
    monkeypatch.setenv("DISPLAY", ":0")
    assert runner.main([str(slicer), "test_panel"]) == 0
    assert runner.main([str(slicer), "test_panel", "test_scene"]) == 0


@pytest.mark.parametrize("script", sorted(DESKTOP.glob("test_*.py")), ids=lambda path: path.stem)
def test_every_test_script_runs_its_tests_at_the_end(script: Path) -> None:
    assert script.read_text(encoding="utf-8").rstrip().endswith("run_tests(dict(globals()))")
