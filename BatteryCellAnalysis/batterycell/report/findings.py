"""What a report tells, beside summary and provenance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from batterycell.measured import Stage
from batterycell.tables import Table
from batterycell.tolerance import Verdict

Captioned = Sequence[tuple[Path, str]]


@dataclass(frozen=True)
class Findings:
    """The tables and pictures of one cell; what is absent has no section.

    Args:
        overhang: Its measured overhang.
        defects: Its marked defects.
        rulers: Its rulers and angles.
        views: File and caption of pictures of the scene.
        ruler_pictures: File and caption of pictures of rulers.
        stages: What every stage found.
        verdict: Whether the cell keeps to its tolerances.
    """

    overhang: Table | None = None
    defects: Table | None = None
    rulers: Table | None = None
    views: Captioned = ()
    ruler_pictures: Captioned = ()
    stages: Sequence[Stage] = ()
    verdict: Verdict | None = None
