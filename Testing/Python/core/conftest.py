"""What many tests begin with."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import made_cells
import pytest
from batterycell import mrml
from batterycell.result import CellResult
from made_result import made_result


def pytest_configure(config: pytest.Config) -> None:
    """Give generated cells a folder for the time of the run; processes that this one starts find it set."""
    if made_cells.FOLDER not in os.environ:
        folder = os.environ[made_cells.FOLDER] = tempfile.mkdtemp(prefix="made-cells-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        config.add_cleanup(lambda: os.environ.pop(made_cells.FOLDER))


@pytest.fixture
def scene() -> Iterator[Any]:
    """An empty scene."""
    made = mrml.new_scene()
    yield made
    mrml.close_scene(made)


@pytest.fixture
def made() -> CellResult:
    """A tiny measured cell."""
    return made_result()


@pytest.fixture
def bare_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are made, and kept as a pixel each: for tests that ask which files there are, not what they show."""
    monkeypatch.setattr("batterycell.pictures.save_figure", _save_pixel)


def _save_pixel(figure: Any, path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (1, 1)).save(path)
