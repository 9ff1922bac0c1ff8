"""X-ray movies and spectral stacks of electrode particles, pixel by pixel: load, prepare, chemistry."""

from .index import FrameIndex, Points
from .movie import Movie
from .settings import ChemistrySettings, PrepareSettings

__all__ = ["ChemistrySettings", "FrameIndex", "Movie", "Points", "PrepareSettings"]
