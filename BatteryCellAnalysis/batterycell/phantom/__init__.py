"""The cell factory: generated cells with exactly known layers."""

from .factory import Phantom, make_cell
from .labels import CellLabel
from .presets import PRESETS, preset, random_cell
from .settings import Can, CylindricalCell, Dent, EndDefect, Greys, JellyRoll, MissingAnode, RollEnd, Scan, Tab

__all__ = [
    "PRESETS",
    "Can",
    "CellLabel",
    "CylindricalCell",
    "Dent",
    "EndDefect",
    "Greys",
    "JellyRoll",
    "MissingAnode",
    "Phantom",
    "RollEnd",
    "Scan",
    "Tab",
    "make_cell",
    "preset",
    "random_cell",
]
