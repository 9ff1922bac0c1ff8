"""Fixed colours: one for each part of a cell, told apart by colour-blind eyes, the same in views, plots and reports.

The hues follow Okabe and Ito, "Color Universal Design" (2008), lightened for dark backgrounds where needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

CATHODE = "#E69F00"
ANODE = "#56B4E9"
OVERHANG = "#F0E442"
CAN = "#999999"
SEPARATOR = "#009E73"
TAB = "#CC79A7"
PORE = "#1B1B3A"
ACTIVE_MATERIAL = "#E69F00"
BINDER = "#009E73"
ADDITIVE = "#56B4E9"
# What is of no interest, painted so that a model learns it; dark, as it covers most of an image.
BACKGROUND_CLASS = "#3C5A78"
ALARM = "#FF3B30"
UNREADABLE = "#B8BEC6"

# The classes of marked defects, in the order of batterycell.annotate.defects.CLASSES. Chosen so that each two of them,
# and each and grey, differ by at least 13 (CIEDE2000), also in protanopia, deuteranopia and tritanopia.
DEFECTS = ("#FF3B30", "#6680FF", "#FFE600", "#4DCC80", "#FFB3FF", "#CC4DB3", "#CCFFCC", "#339966")

# Outlines of a segmentation project's frames, by role; chosen like those of defects.
FRAMES: dict[str, str] = {
    "training": "#FF5A1F",
    "validation": "#3399FF",
    "mixed": "#FFE600",
    "monitoring": "#FFFFFF",
}

# matplotlib's scale of reactivity: violet is slow, orange fast, in what is generated as in what is learned.
REACTIVITY = "PuOr_r"

BACKGROUND = "#15181C"
FOREGROUND = "#E8EAED"
INK = "#1F2933"

# Anchors of the colour scale of maps, matplotlib's viridis (Smith and van der Walt, 2015).
_SCALE = ("#440154", "#414487", "#2A788E", "#22A884", "#7AD151", "#FDE725")

# The colours in which Slicer shows its standard views.
VIEW_COLORS: dict[str, str] = {"axial": "#F34A33", "sagittal": "#EDD54C", "coronal": "#6EB04B", "3D": "#7483F7"}


def to_rgb(color: str) -> tuple[float, float, float]:
    """Red, green and blue in 0..1 of ``"#RRGGBB"``."""
    red, green, blue = (int(color[start : start + 2], 16) / 255.0 for start in (1, 3, 5))
    return red, green, blue


def to_bytes(color: str) -> NDArray[np.uint8]:
    """Red, green and blue in 0..255 of ``"#RRGGBB"``, shape (3,)."""
    return np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)], np.uint8)


def scale_colors(fractions: ArrayLike) -> NDArray[np.uint8]:
    """Colours of the scale at 0..1, shape (..., 3); what is no number has the colour of the unreadable."""
    place = np.asarray(fractions, float) * (len(_SCALE) - 1)
    anchors: NDArray[Any] = np.array([to_bytes(color) for color in _SCALE], float)
    known = np.nan_to_num(place)
    channels = [np.interp(known, np.arange(len(_SCALE)), anchors[:, n]) for n in range(3)]
    colors: NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    colors[np.isnan(place)] = to_bytes(UNREADABLE)
    return colors


def object_colors(count: int) -> NDArray[np.uint8]:
    """Colours of objects 0..count, neighbours in number far apart, shape (count + 1, 3); 0, no object, is black.

    Hues step by the golden ratio, which never comes back to one; saturation and brightness alternate beside it.
    """
    number = np.arange(count + 1)
    hue = number * 0.618034 % 1.0 * 6.0
    saturation, value = np.array((0.55, 0.8, 0.4))[number % 3], np.array((0.98, 0.8))[number // 3 % 2]
    channels = [
        value * (1.0 - saturation * np.clip(2.0 - np.abs((hue + shift) % 6.0 - 3.0), 0.0, 1.0)) for shift in (5, 3, 1)
    ]
    colors: NDArray[np.uint8] = np.rint(255.0 * np.stack(channels, axis=-1)).astype(np.uint8)
    colors[0] = 0
    return colors
