"""Several test scripts in one Slicer, as its start takes longer than most of them: ``SCRIPTS`` of `run` names them."""

import os
import runpy
import sys
import traceback
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import slicer
from harness import SCRIPTS

HERE = Path(sys.path[-1])
# What scripts share and may keep something in, but for the harness.
HELPERS = ("finding", "marking", "wizarding")


def run_script(name: str) -> None:
    """Run a script as if it were alone; without its line of results, `run` takes it for failed."""
    environment = dict(os.environ)
    print(f"... {name}", flush=True)
    try:
        runpy.run_path(str(HERE / f"{name}.py"))
    except Exception:  # noqa: BLE001 - the other scripts shall run
        traceback.print_exc()
    slicer.mrmlScene.Clear()
    slicer.app.processEvents()
    os.environ.clear()
    os.environ.update(environment)
    for helper in HELPERS:
        sys.modules.pop(helper, None)


for script in os.environ[SCRIPTS].split():
    run_script(script)
slicer.util.exit(0)
