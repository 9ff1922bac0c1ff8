"""Times and energies that people give beside a movie."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.movie.index import FrameIndex

Floats = NDArray[np.float64]
_TIME_NAMES = {"time_s": 1.0, "times_s": 1.0, "time": 1.0, "t_s": 1.0, "time_min": 60.0, "time_h": 3600.0}
_ENERGY_NAMES = {"energy_ev": 1.0, "energies_ev": 1.0, "energy": 1.0, "ev": 1.0, "energy_kev": 1000.0}
_TIMES_HINT = "Give seconds from frame to frame, or a file with one number a frame."


def said_index(path: Path, frames: int, options: Any) -> FrameIndex:
    """What was said in words, else what a side file says.

    A side file is named by ``options.index``, or has the movie's name with ``.csv`` or ``.json``, or lies in its folder
    as ``frames.csv`` or ``frames.json``. CSV: a header row with ``time_s`` and/or ``energy_eV``; JSON: lists of these
    names.

    Raises:
        InputError: if they cannot be read.
    """
    words = FrameIndex(
        _times(options.times, frames) if options.times else None,
        _energies(options.energies, frames) if options.energies else None,
        "--times",
        "--energies",
    )
    beside = options.index or side_file(path)
    return words if beside is None else words.or_else(read_index(beside))


def read_index(path: Path) -> FrameIndex:
    """Times and energies from a CSV or JSON file.

    Raises:
        InputError: if it holds neither.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        columns = _from_json(text) if path.suffix.lower() == ".json" else _from_csv(text)
        times, energies = (_column(columns, names) for names in (_TIME_NAMES, _ENERGY_NAMES))
    except OSError as error:
        raise InputError("movie-index", f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise _no_index(path) from error
    if times is None and energies is None:
        raise _no_index(path)
    return FrameIndex(times, energies, path.name, path.name)


def side_file(path: Path) -> Path | None:
    """The file beside a movie that says times and energies, where there is one."""
    stem = path.name.split(".")[0]
    places = [path.parent / f"{stem}{kind}" for kind in (".csv", ".json")]
    if path.is_dir():
        places += [path / f"frames{kind}" for kind in (".csv", ".json")]
    return next((place for place in places if place.is_file()), None)


def _from_json(text: str) -> dict[str, Sequence[Any]]:
    return {str(name).lower(): values for name, values in json.loads(text).items() if isinstance(values, list)}


def _from_csv(text: str) -> dict[str, Sequence[Any]]:
    lines = [line for line in text.splitlines() if line.strip()]
    rows = list(csv.DictReader(lines))
    names = list(rows[0]) if rows else []
    return {name.strip().lower(): [row[name] for row in rows] for name in names if name}


def _column(columns: dict[str, Sequence[Any]], names: dict[str, float]) -> Floats | None:
    for name, scale in names.items():
        if name in columns:
            return np.asarray([float(value) for value in columns[name]]) * scale
    return None


def _times(words: str, frames: int) -> Floats:
    if Path(words).is_file():
        return _numbers(Path(words))
    try:
        step = float(words)
    except ValueError as error:
        raise InputError("movie-times", f"--times {words} is no file and no number.", _TIMES_HINT) from error
    if step <= 0:
        raise InputError("movie-times", "The interval between frames is not positive.", _TIMES_HINT)
    return np.arange(frames, dtype=float) * step


def _energies(words: str, frames: int) -> Floats:
    if Path(words).is_file():
        values = _numbers(Path(words))
    else:
        try:
            values = np.array([float(word) for word in words.split(",")])
        except ValueError as error:
            hint = "Give eV with commas, or a file."
            raise InputError("movie-energies", f"--energies {words}: no file and no numbers.", hint) from error
    repeats, rest = divmod(frames, len(values))
    return np.tile(values, repeats) if repeats > 1 and not rest else values


def _numbers(path: Path) -> Floats:
    try:
        return np.array(path.read_text(encoding="utf-8-sig").replace(",", " ").split(), float)
    except (OSError, ValueError) as error:
        raise InputError("movie-index", f"{path} is no list of numbers.", "Give one number a frame.") from error


def _no_index(path: Path) -> InputError:
    hint = "A CSV needs a header row with time_s and/or energy_eV, a JSON file lists of these names."
    return InputError("movie-index", f"{path} says neither times nor energies of frames.", hint)
