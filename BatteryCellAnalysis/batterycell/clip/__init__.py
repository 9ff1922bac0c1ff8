"""Cut a cell open: boxes that keep a part of it or take one away, and the grey values that tell its parts apart."""

from __future__ import annotations

from .box import Box, Cut
from .cuts import angle_of, fit_box, half_cut, open_side, quarter_cut, slab, standing_frame
from .greys import GreySteps, grey_steps

__all__ = [
    "Box",
    "Cut",
    "GreySteps",
    "angle_of",
    "fit_box",
    "grey_steps",
    "half_cut",
    "open_side",
    "quarter_cut",
    "slab",
    "standing_frame",
]
