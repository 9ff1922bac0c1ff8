"""Spectra of pixels as fractions of end members: lithium, with its standard uncertainty."""

from .chemistry import Chemistry, find_chemistry
from .design import Design, make_design

__all__ = ["Chemistry", "Design", "find_chemistry", "make_design"]
