"""Learning the reaction's law from movies of lithium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress
from batterycell.segment.device import choose_device

from .batch import make_batch
from .found.answer import answer
from .law import Law
from .learn.keep import KeptMembers, key_of, read_state, save_state
from .learn.search import State, search
from .learn.start import first_state
from .learn.unknowns import Unknowns
from .needs import require_torch
from .settings import LawSettings

# Of the search; and of all the work, where draws are solved for, and where each is a search of its own.
START_SHARE, SEARCH_SHARE, ENSEMBLE_SHARE = 0.18, 0.85, 0.3


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
        InputError: if no particle can be used, torch is not installed, or the device is not there.
        Cancelled: if the user asked to stop; ``keep`` holds what was done.
    """
    settings, progress = settings or LawSettings(), progress or Progress()
    require_torch()
    unknowns = Unknowns(make_batch(movies, settings), settings, choose_device(settings.device).name)
    # What is said of a law once it is found does not change where the search leads.
    key = key_of(movies, replace(settings, uncertainty="laplace"))
    state = read_state(keep, key, unknowns) if keep else None

    def save(state: State) -> None:
        if keep:
            save_state(keep, key, state)

    searching = progress.part(0.0, ENSEMBLE_SHARE if settings.uncertainty == "ensemble" else SEARCH_SHARE)
    state = state or first_state(unknowns, searching.part(0.0, START_SHARE))
    state = search(unknowns, state, searching.part(START_SHARE, 1.0), save)
    searching.report(1.0, "Uncertainty of the law")
    law = answer(movies, unknowns, state, replace(progress, start=searching.end), KeptMembers(keep, key))
    progress.report(1.0, "Law")
    return law
