"""Write the folder of a movie: maps, tables, pictures, summary, provenance, report."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Stage, quantity_table
from batterycell.progress import Progress
from batterycell.provenance import Sources, describe_files
from batterycell.result import to_json
from batterycell.tables import write_csv

from .movie_draw import draw_chemistry, draw_prepared
from .movie_maps import Grid, write_maps
from .movie_result import MovieResult, reading_of, summarize_movie
from .objects_draw import Drawn
from .stages import SUMMARY_FILE, seal, write_json

if TYPE_CHECKING:
    from batterycell.movie.chemistry import Chemistry
    from batterycell.movie.prepare import Prepared

__all__ = ["MovieResult", "summarize_movie", "write_movie_folder"]


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
    provenance = seal({**said, "reading": sources.reading, **reading_of(result)}, None, folder)
    write_movie_report(stages, summary, provenance, drawn, folder)
    progress.report(1.0, "done")
    return summary


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
