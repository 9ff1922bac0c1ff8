"""The cell factory: generated cells with exactly known layers."""

from .factory import Phantom, make_cell
from .files import describe_phantom, write_phantom
from .labels import CellLabel
from .pouch import POUCH_COLUMNS
from .pouch_settings import MisplacedLayer, PouchCell
from .presets import PRESETS, Case, preset
from .random_cells import add_negatives, random_cell
from .roll_settings import EndDefect, JellyRoll, MissingAnode, RollEnd, Tab
from .scan_settings import Scan
from .settings import Can, CylindricalCell, Dent, Greys

__all__ = [
    "POUCH_COLUMNS",
    "PRESETS",
    "Can",
    "Case",
    "CellLabel",
    "CylindricalCell",
    "Dent",
    "EndDefect",
    "Greys",
    "JellyRoll",
    "MisplacedLayer",
    "MissingAnode",
    "Phantom",
    "PouchCell",
    "RollEnd",
    "Scan",
    "Tab",
    "add_negatives",
    "describe_phantom",
    "make_cell",
    "preset",
    "random_cell",
    "write_phantom",
]
