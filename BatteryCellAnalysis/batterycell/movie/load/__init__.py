"""One door for every kind of movie."""

from .load import load_movie
from .options import MovieOptions
from .spectra import EndMember, read_end_member, read_spectrum

__all__ = ["EndMember", "MovieOptions", "load_movie", "read_end_member", "read_spectrum"]
