"""Overhang read at the edges of grey values: where cathodes and anodes end."""

from .anodes import AnodeEnds, find_anode_ends
from .cathodes import CathodeEnds, find_cathode_ends
from .measure import measure_overhang, overhang_pieces

__all__ = [
    "AnodeEnds",
    "CathodeEnds",
    "find_anode_ends",
    "find_cathode_ends",
    "measure_overhang",
    "overhang_pieces",
]
