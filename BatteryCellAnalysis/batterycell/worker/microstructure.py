"""From a label volume to the numbers of an electrode: a job as of `instances`, its recipe of the other verb."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batterycell.progress import Progress

from . import instances
from .instances import read_objects

__all__ = ["read_objects", "run"]


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Measure; settings as of `instances.run`, and ``uncertainty``, a volume of the labels' uncertainty in percent."""
    recipe = {**job["settings"].get("recipe", {}), "verb": "microstructure"}
    instances.run({**job, "settings": {**job["settings"], "recipe": recipe}}, out, progress)
