"""The cell factory: generated cells with exactly known layers."""

from .can_truth import CanTruth
from .defect_settings import CoreKink, Delamination, Inclusion, MissingCathode
from .factory import Phantom, make_cell
from .files import describe_phantom, write_phantom
from .hard_cells import FAMILIES, HardCell, random_hard_cell
from .labels import CellLabel
from .particles import INCLUSION_COLUMNS
from .pouch import POUCH_COLUMNS
from .pouch_settings import MisplacedLayer, PouchCell, PouchTab
from .presets import PRESETS, Case, preset
from .random_cells import add_negatives, random_cell
from .random_pouches import random_pouch
from .roll_settings import EndDefect, JellyRoll, MissingAnode, RollEnd, Tab
from .scan_settings import Scan
from .settings import Can, CylindricalCell, Dent, Greys
from .winding_truth import GAP_COLUMNS, WindingTruth

__all__ = [
    "FAMILIES",
    "GAP_COLUMNS",
    "INCLUSION_COLUMNS",
    "POUCH_COLUMNS",
    "PRESETS",
    "Can",
    "CanTruth",
    "Case",
    "CellLabel",
    "CoreKink",
    "CylindricalCell",
    "Delamination",
    "Dent",
    "EndDefect",
    "Greys",
    "HardCell",
    "Inclusion",
    "JellyRoll",
    "MisplacedLayer",
    "MissingAnode",
    "MissingCathode",
    "Phantom",
    "PouchCell",
    "PouchTab",
    "RollEnd",
    "Scan",
    "Tab",
    "WindingTruth",
    "add_negatives",
    "describe_phantom",
    "make_cell",
    "preset",
    "random_cell",
    "random_hard_cell",
    "random_pouch",
    "write_phantom",
]
