"""The overhang map: a picture of windings against angles, to be clicked."""

from collections.abc import Callable
from typing import Any

import numpy as np
import qt
from batterycell.tables import Table

from BatteryCellAnalysisLib.I18n import _

from .MapGrid import MapGrid, makeGrid, scaleColor

_LINE_PIXELS = 9
_HEIGHTS = (60, 260)
_SCALE_STEPS = 64
_SCALE_PIXELS = 8


class OverhangMap:
    """Draws the map into a frame of the panel.

    Args:
        frame: The ``QFrame``.
        onRow: Called with the row of the table that was clicked.
    """

    def __init__(self, frame: Any, onRow: Callable[[int], None]) -> None:
        self._frame, self._onRow = frame, onRow
        self._grid: MapGrid | None = None
        self._picture = _ClickableLabel(self.click)
        self._low, self._high, self._scale, self._legend = (qt.QLabel() for label in range(4))
        for label in (self._picture, self._scale):
            label.scaledContents = True
            label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self._scale.setFixedHeight(_SCALE_PIXELS)
        self._legend.setAlignment(qt.Qt.AlignCenter)
        scale = qt.QHBoxLayout()
        for label, stretch in ((self._low, 0), (self._scale, 1), (self._high, 0)):
            scale.addWidget(label, stretch)
        frame.layout().addWidget(self._picture)
        frame.layout().addLayout(scale)
        frame.layout().addWidget(self._legend)

    def show(self, overhang: Table, end: str, side: str) -> None:
        """Draw the map of one end and side."""
        self._grid = makeGrid(overhang, end, side)
        self._picture.setFixedHeight(int(np.clip(len(self._grid.windings) * _LINE_PIXELS, *_HEIGHTS)))
        self._picture.setPixmap(_pixmap(self._grid.colors, scale=8))
        self._scale.setPixmap(_pixmap(np.array([[scaleColor(x) for x in np.linspace(0, 1, _SCALE_STEPS)]])))
        for label, limit in zip((self._low, self._high), self._grid.limits, strict=True):
            label.text = f"{limit:.0f} µm" if np.isfinite(limit) else "–"
        words = _("→ angle 0° to 360°    ↓ winding {first} to {last}")
        self._legend.text = words.format(first=self._grid.windings[0], last=self._grid.windings[-1])
        # The collapsible section squeezes a frame that does not insist on its height.
        self._frame.setFixedHeight(self._frame.layout().sizeHint().height())

    def click(self, x: float, y: float) -> None:
        """Choose the row at a place of the picture, both 0..1 from the top left."""
        row = self._grid.rowAt(x, y) if self._grid else None
        if row is not None:
            self._onRow(row)


class _ClickableLabel(qt.QLabel):
    """A label that tells where it was clicked, as fractions of its size."""

    def __init__(self, onClick: Callable[[float, float], None]) -> None:
        qt.QLabel.__init__(self)
        self._onClick = onClick

    def mousePressEvent(self, event: Any) -> None:
        self._onClick(event.x() / self.width, event.y() / self.height)


def _pixmap(colors: np.ndarray, scale: int = 1) -> "qt.QPixmap":
    """A picture with one square of ``scale`` pixels for each colour; ``colors`` has shape (m, n)."""
    lines, columns = colors.shape
    image = qt.QImage(columns, lines, qt.QImage.Format_RGB32)
    for line, column in np.ndindex(lines, columns):
        image.setPixel(column, line, 0xFF000000 | int(str(colors[line, column])[1:], 16))
    return qt.QPixmap.fromImage(image.scaled(columns * scale, lines * scale))
