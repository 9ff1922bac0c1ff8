"""Result folders of movies, read back: maps over time and tables, the numbers as they were written."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.measured import QUANTITY_COLUMNS, Stage, quantities_from_table
from batterycell.tables import Column, Table, read_csv

from .nrrd import read_stack

Floats = NDArray[np.float64]
SUMMARY = "summary.json"
PARTICLES = "particles"
# The folders of a road that was gone step by step, in its order.
STEPS = ("prepare", "chemistry", "kinetics", "invert")
_STAGES = {
    "prepare": ("movie_frames", "Frames"),
    "chemistry": ("movie_chemistry", "Chemistry"),
    "kinetics": ("movie_kinetics", "Kinetics"),
    "invert": ("movie_law", "The reaction's law"),
}
_WORDS: dict[str, type] = dict.fromkeys(("quantity", "title", "units", "description"), str)
_HINT = "Give a folder that batterycell movie wrote."


@dataclass(frozen=True)
class MapStack:
    """One map over time, over energy, or over half cycles.

    Args:
        name: Machine name, that of its file.
        values: Shape (n, rows, columns), mapped where the file allows; NaN where there is no value.
        index: What changes from one image to the next, and its unit.
        places: Its values, shape (n,).
        pixel_um: Height and width of a pixel in µm.
    """

    name: str
    values: NDArray[Any]
    index: tuple[str, str]
    places: Floats
    pixel_um: tuple[float, float]


@dataclass(frozen=True)
class MovieFolder:
    """A result folder of one step.

    Args:
        folder: Where it lies.
        step: One of `STEPS`.
        sample: Name of the movie.
        stage: Its numbers, tables and notes.
        particles: Number of the particle of each pixel, as a single image.
        maps: All others, by name.
    """

    folder: Path
    step: str
    sample: str
    stage: Stage
    particles: MapStack
    maps: dict[str, MapStack]


def is_movie_result(path: Path) -> bool:
    """Whether a folder is a result of `batterycell movie`, or holds results of its steps."""
    return path.is_dir() and bool(_folders(path))


def read_movie_results(path: Path) -> tuple[MovieFolder, ...]:
    """Read a result folder with that of the chemistry it began with, or the folders of several steps.

    Raises:
        InputError: if there is none, or one is damaged.
    """
    found = _folders(path)
    if not found:
        raise InputError("no-result", f"{path} is no result of a movie.", _HINT)
    return tuple(_read(folder, step) for folder, step in found)


def _folders(path: Path) -> list[tuple[Path, str]]:
    """Folders of results with their steps, in the order of the road."""
    own = _step(path)
    places = [path / "chemistry", path] if own else [path / step for step in STEPS]
    return [(place, step) for place in places if (step := _step(place))]


def _step(folder: Path) -> str:
    """Last word of a result's verb; empty of what is no result."""
    try:
        verb = str(json.loads((folder / SUMMARY).read_text(encoding="utf-8")).get("verb", ""))
    except (OSError, ValueError, AttributeError):
        return ""
    kind, _, step = verb.partition(" ")
    return step if kind == "movie" and step in STEPS else ""


def _read(folder: Path, step: str) -> MovieFolder:
    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    place = _maps_folder(folder)
    stacks = {stack.name: stack for stack in _stacks(place)}
    if PARTICLES not in stacks:
        raise InputError("no-result", f"{folder} holds no particles.nrrd.", _HINT)
    particles = stacks.pop(PARTICLES)
    return MovieFolder(folder, step, str(summary.get("sample", folder.name)), _stage(folder, step), particles, stacks)


def _maps_folder(folder: Path) -> Path:
    """Where the maps lie: of several movies the first one's."""
    if (folder / f"{PARTICLES}.nrrd").is_file():
        return folder
    return next((one.parent for one in sorted(folder.glob(f"*/{PARTICLES}.nrrd"))), folder)


def _stacks(folder: Path) -> Iterator[MapStack]:
    for path in sorted(folder.glob("*.nrrd")):
        frames, index, places, pixel = read_stack(path)
        yield MapStack(path.name.split(".")[0], frames, index, places, pixel)


def _stage(folder: Path, step: str) -> Stage:
    name, title = _STAGES[step]
    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    try:
        quantities = quantities_from_table(read_csv(folder / "quantities.csv", QUANTITY_COLUMNS, _WORDS))
        paths = [path for path in sorted(folder.glob("*.csv"), key=_rank) if path.stem != "quantities"]
        tables = {path.stem: _table(path) for path in paths}
    except (OSError, ValueError) as error:
        raise InputError("no-result", f"{folder} cannot be read.", _HINT) from error
    return Stage(name, title, quantities, tables, (), tuple(map(str, summary.get("notes", ()))))


def _rank(path: Path) -> tuple[int, str]:
    """Known tables in their order, then all others."""
    known = list(_known_columns())
    return known.index(path.stem) if path.stem in known else len(known), path.stem


def _table(path: Path) -> Table:
    known = {column.name: column for column in _known_columns().get(path.stem, ())}
    with path.open(newline="", encoding="utf-8") as file:
        names, *rows = list(csv.reader(file))
    columns = tuple(known.get(name) or Column(name, name.replace("_", " "), "", "") for name in names)
    return Table(columns, {name: _values([row[n] for row in rows]) for n, name in enumerate(names)})


def _known_columns() -> dict[str, tuple[Column, ...]]:
    """What the columns of each table mean."""
    from batterycell.movie.chemistry.particles import PARTICLE_COLUMNS
    from batterycell.movie.kinetics import columns as kinetics
    from batterycell.movie.law import tables as law
    from batterycell.movie.stage import FRAME_COLUMNS

    return {
        "particles": PARTICLE_COLUMNS,
        "particle_kinetics": kinetics.POINT_COLUMNS,
        "half_cycles": kinetics.HALF_COLUMNS,
        "uniformity": kinetics.COMPOSITION_COLUMNS,
        "law": law.LAW_COLUMNS,
        "law_particles": law.PARTICLE_COLUMNS,
        "law_points": law.POINT_COLUMNS,
        "law_reservoir": law.RESERVOIR_COLUMNS,
        "frames": FRAME_COLUMNS,
    }


def _values(texts: list[str]) -> NDArray[Any]:
    """A column as it was: whole numbers are written without a point, what is no number is empty."""
    for kind, empty in ((np.int64, None), (np.float64, "nan")):
        try:
            return np.array([text or empty or text for text in texts]).astype(kind) if texts else np.empty(0)
        except ValueError:
            continue
    return np.array(texts, str)
