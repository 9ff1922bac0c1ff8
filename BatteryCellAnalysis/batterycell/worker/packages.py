"""Packages of our own for the worker, such as torch: in a folder behind those of the application, whose own win."""

from __future__ import annotations

import os
import sys

# The folder; the desktop sets it where it installed packages, or a person who has them elsewhere.
PACKAGES = "BATTERYCELL_PACKAGES"


def add_packages() -> None:
    """Let the folder's packages be imported where the application has none of that name."""
    folder = os.environ.get(PACKAGES)
    if folder and folder not in sys.path:
        sys.path.append(folder)
