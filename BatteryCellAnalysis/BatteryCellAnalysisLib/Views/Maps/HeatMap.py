"""A map drawn into a frame of the panel, to be clicked."""

from collections.abc import Callable
from typing import Any

import numpy as np
import qt
from batterycell import palette

from .Grid import MapGrid

_LINE_PIXELS = 9
_HEIGHTS = (60, 260)
_SCALE_STEPS = 64
_SCALE_PIXELS = 8
_SQUARE = 8


class HeatMap:
    """Draws maps into a frame.

    Args:
        frame: The ``QFrame``.
        onPlace: Called with the number of the place that was clicked.
    """

    def __init__(self, frame: Any, onPlace: Callable[[int], None]) -> None:
        self._frame, self._onPlace = frame, onPlace
        self._grid: MapGrid | None = None
        self._picture = _ClickableLabel(self.click)
        self._low, self._high, self._scale, self._legend = (qt.QLabel() for label in range(4))
        for label in (self._picture, self._scale):
            label.scaledContents = True
            label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self._scale.setFixedHeight(_SCALE_PIXELS)
        self._legend.setAlignment(qt.Qt.AlignCenter)
        self._legend.wordWrap = True
        scale = qt.QHBoxLayout()
        for label, stretch in ((self._low, 0), (self._scale, 1), (self._high, 0)):
            scale.addWidget(label, stretch)
        frame.layout().addWidget(self._picture)
        frame.layout().addLayout(scale)
        frame.layout().addWidget(self._legend)

    def show(self, grid: MapGrid, units: str, legend: str) -> None:
        """Draw a map; ``legend`` tells what runs to the right, and what down."""
        self._grid = grid
        self._picture.setFixedHeight(int(np.clip(len(grid.rows) * _LINE_PIXELS, *_HEIGHTS)))
        self._picture.setPixmap(_pixmap(grid.colors, _SQUARE))
        self._scale.setPixmap(_pixmap(palette.scale_colors(np.linspace(0, 1, _SCALE_STEPS))[None]))
        for label, limit in zip((self._low, self._high), grid.limits, strict=True):
            label.text = f"{limit:.4g} {units}" if np.isfinite(limit) else "–"
        self._legend.text = legend
        # The collapsible section squeezes a frame that does not insist on its height.
        self._frame.setFixedHeight(self._frame.layout().sizeHint().height())

    def click(self, x: float, y: float) -> None:
        """Choose the place at a point of the picture, both 0..1 from the top left."""
        place = self._grid.rowAt(x, y) if self._grid else None
        if place is not None:
            self._onPlace(place)


class _ClickableLabel(qt.QLabel):
    """A label that tells where it was clicked, as fractions of its size."""

    def __init__(self, onClick: Callable[[float, float], None]) -> None:
        qt.QLabel.__init__(self)
        self._onClick = onClick

    def mousePressEvent(self, event: Any) -> None:
        self._onClick(event.x() / self.width, event.y() / self.height)


def _pixmap(colors: np.ndarray, square: int = 1) -> "qt.QPixmap":
    """A picture with a square of so many pixels for each colour; ``colors`` has shape (m, n, 3)."""
    lines, columns, _ = colors.shape
    # Qt reads portable pixmaps at once; set pixel by pixel a large map takes a second.
    data = b"P6 %d %d 255 " % (columns, lines) + np.ascontiguousarray(colors).tobytes()
    image = qt.QImage()
    image.loadFromData(qt.QByteArray(data), "PPM")
    return qt.QPixmap.fromImage(image.scaled(columns * square, lines * square))
