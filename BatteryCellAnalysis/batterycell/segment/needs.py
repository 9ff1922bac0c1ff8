"""What networks need: packages that measuring does without."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from batterycell.errors import InputError

PACKAGES = ("torch", "monai", "safetensors")


def missing_packages(folder: Path | None = None) -> list[str]:
    """The packages that are not installed, without importing any.

    Args:
        folder: Where to look as well.
    """
    # A folder that was not there is remembered as none.
    importlib.invalidate_caches()
    places = [*sys.path, *([str(folder)] if folder else [])]
    return [name for name in PACKAGES if PathFinder.find_spec(name, places) is None]


def require_packages() -> None:
    """Check that networks can be trained and applied here; to be called before torch is imported.

    Raises:
        InputError: if a package is not installed.
    """
    missing = missing_packages()
    if missing:
        message = f"Networks need the packages {', '.join(missing)}."
        raise InputError("packages-missing", message, "Install them: pip install batterycell[segment]")
    _share_cores()


def _share_cores() -> None:
    """Let threads of torch that wait for each other sleep.

    As they spin else, a step takes ten to thirty times as long where others work too, such as Slicer on a laptop with
    two cores.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
