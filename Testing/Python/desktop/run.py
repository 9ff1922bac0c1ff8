"""Run the desktop tests inside a real Slicer: ``python run.py SLICER [TEST...]``.

Scripts of a group share a Slicer, as its start takes long; the others have one of their own. Where
there is no screen they run under Xvfb, two Slicers at a time, as their windows cannot meet. Pictures of the window go
to ``out/desktop`` in the repository.
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
# Scripts that share a Slicer, in this order: each group was seen to pass so. Not those that mind how long the window
# waits, change what Slicer finds installed, or end another Slicer.
TOGETHER = (("test_panel", "test_scene", "test_mark"),)
SCRIPTS = "BATTERYCELL_DESKTOP_SCRIPTS"
_TOLD = ("PASS", "FAIL", "SKIP", "TOOK")
_RESULT = re.compile(r"^(\d+) passed, (\d+) skipped, (\d+) failed$", re.MULTILINE)


def main(words: list[str]) -> int:
    """Run the named test scripts, or all; exit code 1 where something failed."""
    if not words or not shutil.which(words[0]):
        print("skipped: no Slicer")
        return 0
    groups = share(words[1:] or sorted(path.stem for path in HERE.glob("test_*.py")))
    with ThreadPoolExecutor(2 if needs_screen() else 1) as pool:
        results = list(pool.map(lambda group: run(shutil.which(words[0]) or "", group), groups))
    passed, skipped, failed = (sum(numbers) for numbers in zip(*results, strict=True))
    print(f"{passed} passed, {skipped} skipped, {failed} failed")
    return 1 if failed else 0


def share(names: list[str]) -> list[list[str]]:
    """Which scripts run in a Slicer together, the most first, so that none of them is left to the end."""
    together = [[name for name in group if name in names] for group in TOGETHER]
    alone = [[name] for name in names if not any(name in group for group in TOGETHER)]
    return sorted([group for group in together if group] + alone, key=len, reverse=True)


def run(slicer: str, names: list[str]) -> tuple[int, int, int]:
    """Run scripts in one Slicer; the numbers of tests that passed, were skipped, and failed."""
    told, seconds = " ".join(names), SECONDS * len(names)
    print(f"... {told}", flush=True)
    try:
        done = subprocess.run(command(slicer, names), env=environment(names), timeout=seconds, **_TEXT)
    except subprocess.TimeoutExpired as late:
        print(late.stdout or "", f"\n{told}: no end after {seconds} s")
        return 0, 0, 1
    print(f"--- {told}", flush=True)
    return judge(done.stdout, done.returncode, len(names))


def judge(output: str, exit_code: int, scripts: int = 1) -> tuple[int, int, int]:
    """Count results; a script without any, and a Slicer that ends early, or in a fault, is a failure."""
    found = _RESULT.findall(output)
    passed, skipped, failed = (sum(int(line[place]) for line in found) for place in range(3))
    failed += scripts - len(found)
    if failed or exit_code:
        print(output, f"\nexit code {exit_code}")
        return passed, skipped, max(failed, 1)
    print("\n".join(line for line in output.splitlines() if line.startswith(_TOLD)), flush=True)
    return passed, skipped, failed


def command(slicer: str, names: list[str]) -> list[str]:
    """The command line of a Slicer with its scripts."""
    script = HERE / (f"{names[0]}.py" if len(names) == 1 else "suite.py")
    modules = [str(ROOT / name) for name in MODULES]
    words = [slicer, "--testing", "--no-splash", "--additional-module-paths", *modules, "--python-script", str(script)]
    if not needs_screen():
        return words
    # Each begins to look for a free screen at a number of its own: two that begin at once would find the same.
    first = 100 + 10 * sorted(path.stem for path in HERE.glob("*.py")).index(names[0])
    return ["xvfb-run", "-a", "-n", str(first), "-s", "-screen 0 1600x1100x24", *words]


def needs_screen() -> bool:
    """Whether there is no screen, but Xvfb to make one."""
    is_linux = sys.platform.startswith("linux")
    return is_linux and not os.environ.get("DISPLAY") and shutil.which("xvfb-run") is not None


def environment(names: list[str]) -> dict[str, str]:
    """The environment, with the folder for pictures, the seat of the test scripts, and those that share a Slicer."""
    pictures = ROOT / "out" / "desktop"
    pictures.mkdir(parents=True, exist_ok=True)
    own = {"BATTERYCELL_PICTURES": str(pictures), "BATTERYCELL_DESKTOP_TESTS": str(HERE)}
    if len(names) > 1:
        own[SCRIPTS] = " ".join(names)
    # Else Slicer gives way to everything else that runs, and so do the workers that it starts.
    return {**os.environ, **own, "SLICER_BACKGROUND_THREAD_PRIORITY": "0"}


_TEXT = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace", "check": False}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
