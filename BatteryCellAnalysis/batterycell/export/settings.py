"""What an export draws."""

from __future__ import annotations

from dataclasses import dataclass

from batterycell.errors import UsageError
from batterycell.recipe import NARROWEST_PX, WIDEST_PX


@dataclass(frozen=True)
class ExportSettings:
    """Which pictures of the scene an export draws, and how large.

    Args:
        width: Width of a picture in pixels.
        views: Whether to draw each view of the scene's layout.
        layout: Whether to draw the layout.
        rulers: Whether to draw every ruler and angle on its own.

    Raises:
        UsageError: if the width is none of a picture.
    """

    width: int = 1600
    views: bool = True
    layout: bool = True
    rulers: bool = True

    def __post_init__(self) -> None:
        if not (isinstance(self.width, int) and NARROWEST_PX <= self.width <= WIDEST_PX):
            limits = f"Choose {NARROWEST_PX} to {WIDEST_PX} pixels."
            raise UsageError("picture-width", f"A picture cannot be {self.width!r} pixels wide.", limits)
