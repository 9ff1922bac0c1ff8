"""Write the folder of a movie: maps, tables, pictures, summary, provenance, report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import batterycell
from batterycell.measured import Stage, quantity_table
from batterycell.movie.recipe import MovieRecipe
from batterycell.movie.stage import chemistry_stage, prepared_stage
from batterycell.progress import Progress
from batterycell.provenance import Sources, describe_files
from batterycell.result import to_json
from batterycell.summary import stage_notes, summarize_stages
from batterycell.tables import write_csv

from .movie_draw import draw_chemistry, draw_prepared
from .movie_maps import Grid, write_maps
from .objects_draw import Drawn
from .stages import SUMMARY_FILE, seal, write_json

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


def write_movie_folder(result: MovieResult, folder: Path, sources: Sources, progress: Progress) -> dict[str, Any]:
    """Write what came of a movie into an existing folder.

    Args:
        result: What came of it.
        folder: Where to write.
        sources: What it was made from.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The summary, as in ``summary.json``.
    """
    from batterycell.report.movie import write_movie_report

    stages = result.stages
    _write_tables(stages, folder)
    _write_maps(result, folder, progress.part(0.0, 0.4))
    progress.report(0.4, "drawing")
    drawn = _draw(result, folder)
    result.recipe.save(folder / "recipe.json")
    summary = summarize_movie(result)
    write_json(folder / SUMMARY_FILE, summary)
    said = describe_files(to_json(asdict(result.recipe)), sources, progress.part(0.7, 0.95))
    provenance = seal({**said, "reading": sources.reading, **_read(result)}, None, folder)
    write_movie_report(stages, summary, provenance, drawn, folder)
    progress.report(1.0, "done")
    return summary


def summarize_movie(result: MovieResult) -> dict[str, Any]:
    """What was found, in JSON's types."""
    stages = result.stages
    head = {
        "batterycell_version": batterycell.__version__,
        "verb": result.recipe.verb,
        **_read(result),
        **(_of_lithium(result) if result.prepared is None else _of_frames(result.prepared)),
    }
    values: dict[str, Any] = to_json({**head, **summarize_stages(stages)})
    return {**values, "notes": [*dict.fromkeys([*stage_notes(stages), *_lithium_notes(result)])]}


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


def _read(result: MovieResult) -> dict[str, Any]:
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


def _write_tables(stages: tuple[Stage, ...], folder: Path) -> None:
    write_csv(quantity_table(stages), folder / "quantities.csv")
    for stage in stages:
        for name, table in stage.tables.items():
            write_csv(table, folder / f"{name}.csv")


def _write_maps(result: MovieResult, folder: Path, progress: Progress) -> None:
    if result.prepared is not None:
        write_maps(_frame_maps(result.prepared, result.chemistry), Grid.of_prepared(result.prepared), folder, progress)
    if result.kinetics is not None:
        from .movie_kinetics import kinetics_maps

        write_maps(kinetics_maps(result.kinetics), Grid.of_lithium(result.lithium[0]), folder, progress)
    if result.law is not None:
        from .movie_law import write_law_maps

        write_law_maps(result.law, result.lithium, folder, progress)


def _draw(result: MovieResult, folder: Path) -> list[Drawn]:
    drawn: list[Drawn] = []
    if result.law is not None:
        from .movie_law import draw_law

        drawn += draw_law(result.law, result.lithium, folder)
    if result.kinetics is not None:
        from .movie_kinetics import draw_kinetics

        drawn += draw_kinetics(result.kinetics, folder)
    if result.chemistry is not None:
        drawn += draw_chemistry(result.chemistry, folder)
    return drawn + (draw_prepared(result.prepared, folder) if result.prepared is not None else [])


def _frame_maps(prepared: Prepared, found: Chemistry | None) -> dict[str, NDArray[Any]]:
    """Maps by the names of their files."""
    if found is None:
        return {"optical_density": prepared.density}
    return {
        "lithium": found.fraction,
        "lithium_sigma": found.sigma,
        "lithium_unbounded": found.free,
        "amount": found.total,
        "amount_sigma": found.total_sigma,
        "residual_od": found.residual,
        **({"chi_square": found.chi_square} if np.isfinite(found.chi_square).any() else {}),
    }
