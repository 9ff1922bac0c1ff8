"""Run the desktop tests inside a real Slicer: ``python run.py SLICER [TEST...]``.

Each test script runs in a Slicer of its own. Where there is no screen it runs under Xvfb, two scripts at a time, as
their windows cannot meet. Pictures of the window go to ``out/desktop`` in the repository.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
MODULES = ("BatteryCellAnalysis", "BatterySegmentationWizard")
SECONDS = 900
_TOLD = ("PASS", "FAIL", "SKIP", "TOOK")
_RESULT = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


def main(words: list[str]) -> int:
    """Run the named test scripts, or all; exit code 1 where something failed."""
    if not words or not shutil.which(words[0]):
        print("skipped: no Slicer")
        return 0
    scripts = [HERE / f"{name}.py" for name in words[1:]] or sorted(HERE.glob("test_*.py"))
    with ThreadPoolExecutor(2 if needs_screen() else 1) as pool:
        results = list(pool.map(lambda script: run(shutil.which(words[0]) or "", script), scripts))
    passed, failed = (sum(numbers) for numbers in zip(*results, strict=True))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def run(slicer: str, script: Path) -> tuple[int, int]:
    """Run one script; the numbers of tests that passed and failed."""
    print(f"... {script.name}", flush=True)
    try:
        done = subprocess.run(command(slicer, script), env=environment(), timeout=SECONDS, **_TEXT)
    except subprocess.TimeoutExpired as late:
        print(late.stdout or "", f"\n{script.name}: no end after {SECONDS} s")
        return 0, 1
    print(f"--- {script.name}", flush=True)
    return judge(done.stdout, done.returncode)


def judge(output: str, exit_code: int) -> tuple[int, int]:
    """Count results; a Slicer that ends early, or in a fault, is a failure."""
    found = _RESULT.search(output)
    passed, failed = (int(found[1]), int(found[2])) if found else (0, 1)
    if failed or exit_code:
        print(output, f"\nexit code {exit_code}")
        return passed, max(failed, 1)
    print("\n".join(line for line in output.splitlines() if line.startswith(_TOLD)), flush=True)
    return passed, failed


def command(slicer: str, script: Path) -> list[str]:
    """The command line of one test."""
    modules = [str(ROOT / name) for name in MODULES]
    words = [slicer, "--testing", "--no-splash", "--additional-module-paths", *modules, "--python-script", str(script)]
    if not needs_screen():
        return words
    # Each begins to look for a free screen at a number of its own: two that begin at once would find the same.
    first = 100 + 10 * sorted(HERE.glob("*.py")).index(script)
    return ["xvfb-run", "-a", "-n", str(first), "-s", "-screen 0 1600x1100x24", *words]


def needs_screen() -> bool:
    """Whether there is no screen, but Xvfb to make one."""
    is_linux = sys.platform.startswith("linux")
    return is_linux and not os.environ.get("DISPLAY") and shutil.which("xvfb-run") is not None


def environment() -> dict[str, str]:
    """The environment, with the folder for pictures and the seat of the test scripts."""
    pictures = ROOT / "out" / "desktop"
    pictures.mkdir(parents=True, exist_ok=True)
    own = {"BATTERYCELL_PICTURES": str(pictures), "BATTERYCELL_DESKTOP_TESTS": str(HERE)}
    # Else Slicer gives way to everything else that runs, and so do the workers that it starts.
    return {**os.environ, **own, "SLICER_BACKGROUND_THREAD_PRIORITY": "0"}


_TEXT = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace", "check": False}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
