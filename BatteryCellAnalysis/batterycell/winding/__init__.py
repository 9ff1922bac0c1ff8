"""The jelly roll: its ends, its pitch, its sheets on half-planes, and its windings traced around the cell."""

from .faces import Faces, find_faces
from .gaps import GAP_COLUMNS
from .path import WINDING_COLUMNS, WindingPlace, Windings
from .planes import EndPlanes, count_samples, sample_end
from .roll import RollEnd, find_roll_ends, kept_roll_ends
from .sheets import Sheets, find_sheets
from .slice_trace import trace_mask
from .stage import measure_winding
from .trace import trace_windings, unroll_winding

__all__ = [
    "GAP_COLUMNS",
    "WINDING_COLUMNS",
    "EndPlanes",
    "Faces",
    "RollEnd",
    "Sheets",
    "WindingPlace",
    "Windings",
    "count_samples",
    "find_faces",
    "find_roll_ends",
    "find_sheets",
    "kept_roll_ends",
    "measure_winding",
    "sample_end",
    "trace_mask",
    "trace_windings",
    "unroll_winding",
]
