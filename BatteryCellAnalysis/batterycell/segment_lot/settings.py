"""How a lot of images is segmented."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from batterycell.io import LoadOptions
from batterycell.segment.apply import ApplySettings


@dataclass(frozen=True)
class SegmentLot:
    """How a lot is segmented.

    Args:
        out: Folder for the results; made where it is not there.
        apply: How the model is applied.
        reading: What is known of the images.
        overwrite: Whether results of other settings or of something else may be replaced.
        command: What made the results.
    """

    out: Path
    apply: ApplySettings = field(default_factory=ApplySettings)
    reading: LoadOptions = field(default_factory=LoadOptions)
    overwrite: bool = False
    command: str = ""
