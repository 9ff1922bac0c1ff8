"""The frames of an X-ray movie for the desktop, with what is known of them and where from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.movie.load import load_movie
from batterycell.movie.load.lithium_folder import FRACTION, fraction_file
from batterycell.movie.load.result import MapStack
from batterycell.movie.movie import Movie
from batterycell.movies import reading_of
from batterycell.mrml.movie.frames import MovieFacts
from batterycell.mrml.movie.looks import FRAMES
from batterycell.progress import Progress

from .jobs import RESULT_FOLDER, write_json

_FRAMES, _FACTS = "frames.npy", "movie.json"
# Bytes of frames that the desktop holds; of longer movies it shows every second frame, or fewer.
MOST_BYTES = 1 << 30
_BLOCK = 16
_UNKNOWN_UM = 1.0


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Read a movie; settings: ``input``, a file or folder, and ``reading``, as `MovieOptions`."""
    settings = job["settings"]
    path = _frames_of(Path(settings["input"]))
    movie = load_movie(path, reading_of(settings.get("reading") or {}), progress.part(0.0, 0.3))
    shown = np.arange(0, movie.count, _step(movie))
    frames = np.lib.format.open_memmap(out / _FRAMES, "w+", movie.frames.dtype, (len(shown), *movie.shape))
    for start in range(0, len(shown), _BLOCK):
        progress.report(0.3 + 0.7 * start / len(shown), "reading frames")
        for place in range(start, min(start + _BLOCK, len(shown))):
            frames[place] = movie.frames.read(int(shown[place]), int(shown[place]) + 1)[0]
    frames.flush()
    index, unit, places = _index(movie)
    is_lithium = path != Path(settings["input"])
    facts = replace(_facts(movie), lithium=is_lithium, name=path.parent.name if is_lithium else movie.name)
    told = {"map": FRACTION if is_lithium else FRAMES, "index": index, "unit": unit, "places": places[shown].tolist()}
    write_json(out / _FACTS, {**told, "facts": facts.to_json()})


def read_frames(folder: Path) -> tuple[MapStack, MovieFacts]:
    """The frames of a finished job, mapped, and what is known of them."""
    result = folder / RESULT_FOLDER
    told = json.loads((result / _FACTS).read_text(encoding="utf-8"))
    facts = MovieFacts.from_json(told["facts"])
    frames, places = np.load(result / _FRAMES, mmap_mode="r"), np.array(told["places"])
    pixel = facts.pixel_um or (_UNKNOWN_UM, _UNKNOWN_UM)
    return MapStack(told["map"], frames, (told["index"], told["unit"]), places, pixel), facts


def _frames_of(path: Path) -> Path:
    """The file with the fractions of a folder that holds lithium over time; any other path as it is."""
    return (fraction_file(path) or path) if path.is_dir() else path


def _step(movie: Movie) -> int:
    """Of so many frames one is shown."""
    size = int(np.prod(movie.frames.shape)) * movie.frames.dtype.itemsize
    return -(-size // MOST_BYTES)


def _index(movie: Movie) -> tuple[str, str, np.ndarray[Any, np.dtype[np.float64]]]:
    """What tells frames apart: time, else energy, else their number."""
    index = movie.index
    for name, unit, values in (("time", "s", index.times_s), ("energy", "eV", index.energies_ev)):
        if values is not None and len(np.unique(values)) == movie.count:
            return name, unit, values
    return "frame", "", np.arange(1.0, movie.count + 1)


def _facts(movie: Movie) -> MovieFacts:
    index, notes = movie.index, list(movie.notes)
    try:
        points = movie.points()
        count, energies = len(points.frames), tuple(float(one) for one in points.energies_ev if np.isfinite(one))
    except InputError as error:
        count, energies = 0, ()
        notes.append(f"{error.message} {error.hint}")
    seconds = None if index.times_s is None else (float(index.times_s[0]), float(index.times_s[-1]))
    return MovieFacts(
        movie.name,
        movie.count,
        (movie.shape[0], movie.shape[1]),
        count,
        energies,
        seconds,
        movie.pixel_um,
        movie.pixel_source,
        index.times_source,
        index.energies_source,
        _step(movie),
        tuple(notes),
    )
