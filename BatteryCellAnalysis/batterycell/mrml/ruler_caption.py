"""How a ruler looks in the views: its line, and the caption that floats beside it."""

from __future__ import annotations

from typing import Any

from batterycell import palette

_CAPTION = "caption"
# Of the view, in percent: seen beside a whole cell, and no wider than an edge when one zooms in.
_GLYPH_PERCENT = 1.2
_TEXT_PERCENT = 3.0
# Of the glyph: thinner lines fall between the pixels of a view.
_LINE_THICKNESS = 0.5


def style_ruler(node: Any) -> None:
    """Give a new ruler its colours, and a caption of ours in place of Slicer's own, which knows no uncertainty."""
    import slicer

    node.CreateDefaultDisplayNodes()
    node.SetControlPointLabelFormat("")
    _style(node.GetDisplayNode())
    for index in range(node.GetNumberOfMeasurements()):
        node.GetNthMeasurement(index).SetEnabled(False)
    # Slicer draws the value of a measurement beside the line; this one says what its format says.
    caption = slicer.vtkMRMLStaticMeasurement()
    caption.SetName(_CAPTION)
    caption.SetValue(0.0)
    node.AddMeasurement(caption)
    show_caption(node, "")


def show_caption(node: Any, text: str) -> None:
    """Let a text float beside a ruler, with its name before it; none while the text is empty."""
    caption = node.GetMeasurement(_CAPTION)
    if caption is None:
        return
    text_format = text.replace("%", "%%")
    display = node.GetDisplayNode()
    if caption.GetPrintFormat() != text_format:
        caption.SetPrintFormat(text_format)
        # The views draw a ruler again when its node says that it has changed.
        node.Modified()
    if display is not None and bool(display.GetPropertiesLabelVisibility()) != bool(text):
        display.SetPropertiesLabelVisibility(bool(text))


def caption_of(node: Any) -> str:
    """The caption that floats beside a ruler."""
    caption = node.GetMeasurement(_CAPTION)
    return str(caption.GetPrintFormat() or "").replace("%%", "%") if caption else ""


def _style(display: Any) -> None:
    display.SetColor(*palette.to_rgb(palette.OVERHANG))
    display.SetSelectedColor(*palette.to_rgb(palette.OVERHANG))
    display.SetUseGlyphScale(True)
    display.SetGlyphScale(_GLYPH_PERCENT)
    display.SetTextScale(_TEXT_PERCENT)
    display.SetLineThickness(_LINE_THICKNESS)
    display.SetPointLabelsVisibility(False)
