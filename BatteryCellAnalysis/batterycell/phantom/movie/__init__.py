"""Generated X-ray movies of electrode particles whose every lithium fraction is known."""

from .factory import MoviePhantom, make_movie
from .settings import MovieSpec
from .spectra import iron_l_edge

__all__ = ["MoviePhantom", "MovieSpec", "iron_l_edge", "make_movie"]
