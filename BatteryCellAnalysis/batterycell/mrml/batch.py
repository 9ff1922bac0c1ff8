"""Many changes of a scene in one go: what watches it, views above all, looks once, when all are made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def in_one_go(scene: Any) -> Iterator[None]:
    """Let nobody look at a scene, nor `settle`, until the changes are made."""
    import slicer

    scene.StartState(slicer.vtkMRMLScene.BatchProcessState)
    try:
        yield
    finally:
        scene.EndState(slicer.vtkMRMLScene.BatchProcessState)
