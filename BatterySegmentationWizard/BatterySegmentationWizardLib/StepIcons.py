"""The discs of the bar of steps: a number, or a check mark where the step is done."""

from typing import Any

import qt

_DONE = "#009E73"
_PIXELS = 44


def stepIcon(number: int, isDone: bool, isCurrent: bool, widget: Any) -> Any:
    """The icon of a step, in the colours of the widget's palette."""
    pixmap = qt.QPixmap(_PIXELS, _PIXELS)
    pixmap.fill(qt.QColor(0, 0, 0, 0))
    painter = qt.QPainter(pixmap)
    painter.setRenderHint(qt.QPainter.Antialiasing)
    _drawDisc(painter, isDone, isCurrent, widget.palette)
    if isDone:
        _drawCheck(painter)
    else:
        _drawNumber(painter, number, isCurrent, widget)
    painter.end()
    return qt.QIcon(pixmap)


def _drawDisc(painter: Any, isDone: bool, isCurrent: bool, palette: Any) -> None:
    ring = palette.color(qt.QPalette.Highlight if isCurrent else qt.QPalette.Mid)
    pen = qt.QPen(qt.QColor(_DONE) if isDone and not isCurrent else ring)
    pen.setWidth(3)
    painter.setPen(pen)
    fill = qt.QColor(_DONE) if isDone else (ring if isCurrent else palette.color(qt.QPalette.Base))
    painter.setBrush(qt.QBrush(fill))
    painter.drawEllipse(3, 3, _PIXELS - 6, _PIXELS - 6)


def _drawCheck(painter: Any) -> None:
    pen = qt.QPen(qt.QColor("white"))
    pen.setWidth(5)
    painter.setPen(pen)
    painter.drawLine(13, 23, 20, 30)
    painter.drawLine(20, 30, 32, 15)


def _drawNumber(painter: Any, number: int, isCurrent: bool, widget: Any) -> None:
    role = qt.QPalette.HighlightedText if isCurrent else qt.QPalette.Text
    painter.setPen(qt.QPen(widget.palette.color(role)))
    font = qt.QFont(widget.font)
    font.setPixelSize(24)
    painter.setFont(font)
    painter.drawText(qt.QRect(0, 0, _PIXELS, _PIXELS), int(qt.Qt.AlignCenter), str(number))
