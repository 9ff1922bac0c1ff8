"""From X-ray movies to result folders, as the command line, replay and the desktop's worker call it."""

from .call import Beside, MovieCall
from .members import kept_members, kept_recipe
from .road import read_voltages, run_movie, write_movie
from .written import movie_call, reading_of

__all__ = [
    "Beside",
    "MovieCall",
    "kept_members",
    "kept_recipe",
    "movie_call",
    "read_voltages",
    "reading_of",
    "run_movie",
    "write_movie",
]
