"""What came of a movie: its parts, and their numbers as a summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import batterycell
from batterycell.measured import Stage
from batterycell.movie.recipe import MovieRecipe
from batterycell.movie.stage import chemistry_stage, prepared_stage
from batterycell.result import to_json
from batterycell.summary import stage_notes, summarize_stages

if TYPE_CHECKING:
    from batterycell.movie.chemistry import Chemistry
    from batterycell.movie.kinetics import Kinetics
    from batterycell.movie.law import Law
    from batterycell.movie.lithium import LithiumMovie
    from batterycell.movie.prepare import Prepared

_LITHIUM = "the lithium fractions"


@dataclass(frozen=True)
class MovieResult:
    """What came of a movie, or of several that follow one law.

    Args:
        recipe: The settings.
        prepared: Optical density of its frames; None where lithium was read.
        chemistry: Its chemistry; None where it was only prepared.
        lithium: Lithium over time from which kinetics or law were found, of each movie.
        kinetics: Rates and fronts.
        law: The reaction's law.
    """

    recipe: MovieRecipe
    prepared: Prepared | None = None
    chemistry: Chemistry | None = None
    lithium: tuple[LithiumMovie, ...] = ()
    kinetics: Kinetics | None = None
    law: Law | None = None

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What was found, the last first."""
        found: list[Stage] = []
        if self.law is not None:
            from batterycell.movie.law.stage import law_stage

            found.append(law_stage(self.law))
        if self.kinetics is not None:
            from batterycell.movie.kinetics.stage import kinetics_stage

            found.append(kinetics_stage(self.kinetics))
        if self.chemistry is not None:
            found.append(chemistry_stage(self.chemistry))
        if self.prepared is not None:
            found.append(prepared_stage(self.prepared))
        return tuple(found)


def summarize_movie(result: MovieResult) -> dict[str, Any]:
    """What was found, in JSON's types."""
    stages = result.stages
    head = {
        "batterycell_version": batterycell.__version__,
        "verb": result.recipe.verb,
        **reading_of(result),
        **(_of_lithium(result) if result.prepared is None else _of_frames(result.prepared)),
    }
    values: dict[str, Any] = to_json({**head, **summarize_stages(stages)})
    told = stage_notes(stages)
    return {**values, "notes": [*told, *(one for one in _lithium_notes(result) if not _has(told, one))]}


def _of_frames(prepared: Prepared) -> dict[str, Any]:
    return {
        "sample": prepared.movie.name,
        "frames": len(prepared.density),
        "shape": prepared.labels.shape,
        "points": len(prepared.points.frames),
        "energies_ev": prepared.points.energies_ev,
        "particles": prepared.particles,
    }


def _of_lithium(result: MovieResult) -> dict[str, Any]:
    movies = result.lithium
    return {
        "sample": ", ".join(movie.name for movie in movies),
        "shape": movies[0].labels.shape,
        "points": sum(movie.points for movie in movies),
        "particles": sum(movie.particles for movie in movies),
        "movies": [
            {"name": one.name, "points": one.points, "shape": one.labels.shape, "particles": one.particles}
            for one in movies
        ],
    }


def _lithium_notes(result: MovieResult) -> list[str]:
    several = len(result.lithium) > 1
    return [f"{movie.name}: {note}" if several else note for movie in result.lithium for note in movie.notes]


def _has(told: list[str], note: str) -> bool:
    """Whether a stage tells a note already, behind its title."""
    return any(one.endswith(note) for one in told)


def reading_of(result: MovieResult) -> dict[str, Any]:
    """Where sizes, times and energies came from."""
    if result.prepared is None:
        size = list(result.lithium[0].pixel_um)
        return {"pixel_size_yx_um": size, "pixel_size_source": _LITHIUM, "times_source": _LITHIUM}
    movie = result.prepared.movie
    return {
        "pixel_size_yx_um": list(result.prepared.pixel_um),
        "pixel_size_source": movie.pixel_source,
        "times_source": movie.index.times_source,
        "energies_source": movie.index.energies_source,
    }
