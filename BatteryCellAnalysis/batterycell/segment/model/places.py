"""Where models lie: those that a person keeps, and those that come with the program."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import batterycell

VARIABLE = "BATTERYCELL_MODELS"
DRAFTS = "drafts"
TRAININGS = "trainings"


def library_folder() -> Path:
    """The folder of the user's models: that of ``BATTERYCELL_MODELS``, else one of the user's data folder."""
    stated = os.environ.get(VARIABLE, "").strip()
    return Path(stated).expanduser().absolute() if stated else _data_folder() / "BatteryCell" / "Models"


def drafts_folder() -> Path:
    """The folder of trained models that were not published yet."""
    return library_folder() / DRAFTS


def trainings_folder() -> Path:
    """The folder of trainings under way, each in a folder of its own, from which an interrupted one goes on."""
    return library_folder() / TRAININGS


def shipped_folders() -> list[Path]:
    """The folders of models that come with the program: in its sources, as Slicer installs its modules, as pip does."""
    package = Path(batterycell.__file__).resolve().parent
    inside = Path("Resources") / "Models"
    places = (package.parents[1] / "BatterySegmentationWizard" / inside, package.parent / inside, package / inside)
    return [place for place in places if place.is_dir()]


def _data_folder() -> Path:
    """Where programs of this system keep a user's data."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
