"""X-ray movies: from frames or lithium fractions to optical density, chemistry, kinetics or the reaction's law."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from batterycell.movies import movie_call, run_movie
from batterycell.progress import Progress


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Go the road, and write the folder that the command line writes; settings as of `movie_call`.

    Raises:
        InputError: if the settings are none, or a movie cannot be used.
    """
    run_movie(movie_call(job["settings"]), out, progress)
