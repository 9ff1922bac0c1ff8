"""What many tests begin with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from batterycell import mrml
from batterycell.result import CellResult
from made_result import made_result


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
