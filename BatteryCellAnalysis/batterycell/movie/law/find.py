"""Learning the reaction's law from movies of lithium."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress

from .law import Law
from .settings import LawSettings


def find_law(
    movies: Sequence[LithiumMovie],
    settings: LawSettings | None = None,
    progress: Progress | None = None,
    keep: Path | None = None,
) -> Law:
    """Learn k(x, y), j0(c) and μ(c) from all movies together.

    Args:
        movies: Lithium of the particles; what they show follows one law.
        settings: How.
        progress: Told how far it is; asked whether to stop.
        keep: Folder for what a later call with the same movies and settings goes on from; None keeps nothing.

    Raises:
        InputError: if no particle can be used, or torch is not installed.
        Cancelled: if the user asked to stop; ``keep`` holds what was done.
    """
    raise NotImplementedError
