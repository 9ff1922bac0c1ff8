"""Write the folder of a movie: maps, tables, pictures, summary, provenance, report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import batterycell
from batterycell.measured import Stage, quantity_table
from batterycell.movie.chemistry import Chemistry
from batterycell.movie.prepare import Prepared
from batterycell.movie.recipe import MovieRecipe
from batterycell.movie.stage import chemistry_stage, prepared_stage
from batterycell.progress import Progress
from batterycell.provenance import Sources, describe_files
from batterycell.result import to_json
from batterycell.summary import stage_notes, summarize_stages
from batterycell.tables import write_csv

from .movie_draw import draw_chemistry, draw_prepared
from .movie_maps import write_maps
from .stages import SUMMARY_FILE, seal, write_json


@dataclass(frozen=True)
class MovieResult:
    """What came of a movie.

    Args:
        prepared: Its optical density.
        recipe: The settings.
        chemistry: Its chemistry; None where it was only prepared.
    """

    prepared: Prepared
    recipe: MovieRecipe
    chemistry: Chemistry | None = None

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What was found."""
        own = prepared_stage(self.prepared)
        return (own,) if self.chemistry is None else (chemistry_stage(self.chemistry), own)


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
    write_maps(_maps(result), result.prepared, folder, progress.part(0.0, 0.4))
    drawn = draw_prepared(result.prepared, folder)
    progress.report(0.6, "drawing")
    if result.chemistry is not None:
        drawn = [*draw_chemistry(result.chemistry, folder), *drawn]
    result.recipe.save(folder / "recipe.json")
    summary = summarize_movie(result)
    write_json(folder / SUMMARY_FILE, summary)
    said = describe_files(to_json(asdict(result.recipe)), sources, progress.part(0.7, 0.95))
    provenance = seal({**said, "reading": sources.reading, **_read(result.prepared)}, None, folder)
    write_movie_report(stages, summary, provenance, drawn, folder)
    progress.report(1.0, "done")
    return summary


def summarize_movie(result: MovieResult) -> dict[str, Any]:
    """What was found, in JSON's types."""
    prepared, stages = result.prepared, result.stages
    head = {
        "batterycell_version": batterycell.__version__,
        "sample": prepared.movie.name,
        "verb": result.recipe.verb,
        **_read(prepared),
        "frames": len(prepared.density),
        "shape": prepared.labels.shape,
        "points": len(prepared.points.frames),
        "energies_ev": prepared.points.energies_ev,
        "particles": prepared.particles,
    }
    values: dict[str, Any] = to_json({**head, **summarize_stages(stages)})
    return {**values, "notes": stage_notes(stages)}


def _read(prepared: Prepared) -> dict[str, Any]:
    movie = prepared.movie
    return {
        "pixel_size_yx_um": list(prepared.pixel_um),
        "pixel_size_source": movie.pixel_source,
        "times_source": movie.index.times_source,
        "energies_source": movie.index.energies_source,
    }


def _write_tables(stages: tuple[Stage, ...], folder: Path) -> None:
    write_csv(quantity_table(stages), folder / "quantities.csv")
    for stage in stages:
        for name, table in stage.tables.items():
            write_csv(table, folder / f"{name}.csv")


def _maps(result: MovieResult) -> dict[str, NDArray[Any]]:
    """Maps by the names of their files."""
    found = result.chemistry
    if found is None:
        return {"optical_density": result.prepared.density}
    return {
        "lithium": found.fraction,
        "lithium_sigma": found.sigma,
        "lithium_unbounded": found.free,
        "amount": found.total,
        "amount_sigma": found.total_sigma,
        "residual_od": found.residual,
        **({"chi_square": found.chi_square} if np.isfinite(found.chi_square).any() else {}),
    }
