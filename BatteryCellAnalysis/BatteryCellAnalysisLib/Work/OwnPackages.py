"""The folder of packages for networks: beside Slicer's settings, one for each version of Python."""

import os
import sys
from pathlib import Path

import slicer
from batterycell.worker.packages import PACKAGES


def packagesFolder() -> Path:
    """Where packages are installed, and where workers look for them; what a person set in the environment wins."""
    stated = os.environ.get(PACKAGES, "").strip()
    return Path(stated) if stated else _ownFolder()


def packagesVariables() -> dict[str, str]:
    """The environment variables by which workers find the packages; none where none are installed."""
    folder = packagesFolder()
    return {PACKAGES: str(folder)} if folder.is_dir() else {}


def _ownFolder() -> Path:
    """Packages of one version of Python do not work in another."""
    settings = Path(slicer.app.slicerUserSettingsFilePath).parent
    return settings / "BatteryCell" / f"python-{sys.version_info.major}.{sys.version_info.minor}"
