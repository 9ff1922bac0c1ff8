"""A lot: the main job on many cells, a row a cell, and what the cells are together."""

from .cells import LotCell, kept_summary, name_cells
from .columns import LOT_COLUMNS, LOT_FILE, LOT_WORDS, REPORT_FILE, STATES
from .run import Lot, Measure, run_lot, write_lot
from .spread import run_lot_on

__all__ = [
    "LOT_COLUMNS",
    "LOT_FILE",
    "LOT_WORDS",
    "REPORT_FILE",
    "STATES",
    "Lot",
    "LotCell",
    "Measure",
    "kept_summary",
    "name_cells",
    "run_lot",
    "run_lot_on",
    "write_lot",
]
