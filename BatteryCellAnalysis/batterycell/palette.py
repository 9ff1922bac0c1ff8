"""Fixed colours: one for each part of a cell, told apart by colour-blind eyes, the same in views, plots and reports.

The hues follow Okabe and Ito, "Color Universal Design" (2008), lightened for dark backgrounds where needed.
"""

from __future__ import annotations

CATHODE = "#E69F00"
ANODE = "#56B4E9"
OVERHANG = "#F0E442"
CAN = "#999999"
SEPARATOR = "#009E73"
TAB = "#CC79A7"
PORE = "#1B1B3A"
ACTIVE_MATERIAL = "#E69F00"
BINDER = "#009E73"
ALARM = "#FF3B30"
UNREADABLE = "#B8BEC6"

BACKGROUND = "#15181C"
FOREGROUND = "#E8EAED"
INK = "#1F2933"

# The colours in which Slicer shows its standard views.
VIEW_COLORS: dict[str, str] = {"axial": "#F34A33", "sagittal": "#EDD54C", "coronal": "#6EB04B", "3D": "#7483F7"}


def to_rgb(color: str) -> tuple[float, float, float]:
    """Red, green and blue in 0..1 of ``"#RRGGBB"``."""
    red, green, blue = (int(color[start : start + 2], 16) / 255.0 for start in (1, 3, 5))
    return red, green, blue
