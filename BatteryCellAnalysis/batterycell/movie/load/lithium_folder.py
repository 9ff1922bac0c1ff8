"""The lithium fractions in a result folder, as they were written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io.load import permitted
from batterycell.movie.lithium import LithiumMovie, blank_points, mean_amount
from batterycell.movie.movie import Movie
from batterycell.progress import Progress

from .nrrd import read_nrrd
from .options import MovieOptions
from .said import said_index
from .tiff import read_tiff

FRACTION, SIGMA, PARTICLES, AMOUNT = "lithium_unbounded", "lithium_sigma", "particles", "amount"
# Sequences are mapped and hold their times; pictures of other programs do not.
_KINDS = (".seq.nrrd", ".nrrd", ".tif")
_OF_OTHERS = ("summary.json", "phantom.json")
_HINT = "Give a folder of movie chemistry, or one that phantom movie --lithium wrote."


def is_lithium_folder(path: Path) -> bool:
    """Whether a folder holds lithium fractions over time."""
    return path.is_dir() and fraction_file(path) is not None


def refuse_other_result(path: Path) -> None:
    """Refuse a folder of another step: its pictures and maps would be read as frames.

    Raises:
        InputError: if it is one.
    """
    if any((path / name).is_file() for name in _OF_OTHERS):
        raise InputError("lithium-folder", f"{path} holds no {FRACTION}.", _HINT)


def fraction_file(folder: Path) -> Path | None:
    """The file with the lithium fractions of a folder; None where it holds none."""
    return _file(folder, FRACTION)


def lithium_folder_files(folder: Path) -> list[Path]:
    """The files that `read_lithium_folder` reads."""
    files = [_file(folder, name) for name in (FRACTION, SIGMA, PARTICLES, AMOUNT)]
    summary = folder / "summary.json"
    return [*(file for file in files if file), *([summary] if summary.is_file() else [])]


def read_lithium_folder(folder: Path, reading: MovieOptions, progress: Progress) -> LithiumMovie:
    """Read back what ``movie chemistry`` wrote: the same numbers.

    Args:
        folder: Holds ``lithium_unbounded``, ``lithium_sigma`` and ``particles``, each as ``.seq.nrrd``, ``.nrrd`` or
            ``.tif``; optional ``amount``, and ``summary.json`` with ``sample``, ``pixel_size_yx_um`` and
            ``times_source``.
        reading: Pixel size and times that were said; they win over what the folder says.
        progress: Told while it reads.

    Raises:
        InputError: if a map is missing or damaged, or they do not fit each other.
    """
    said = _summary(folder)
    with permitted(folder):
        stack = _stack(folder, FRACTION, progress)
        sigma = _values(_stack(folder, SIGMA, progress))
        labels = _values(_stack(folder, PARTICLES, progress))[0]
        amount = mean_amount(_values(_stack(folder, AMOUNT, progress))) if _file(folder, AMOUNT) else None
    times = _times(folder, stack, reading, said)
    size = reading.pixel_um or said.get("pixel_size_yx_um")
    pixel = (float(size[0]), float(size[1])) if size else stack.stated_pixel_um()
    fraction, name = _values(stack), str(said.get("sample") or folder.resolve().name)
    numbers = labels.astype(np.int32)
    return LithiumMovie(fraction, sigma, numbers, times, pixel, name, amount, blank_points(fraction, numbers))


def _times(folder: Path, stack: Movie, reading: MovieOptions, said: dict[str, Any]) -> NDArray[np.float64]:
    times = stack.index.times_s if said.get("times_source") != "not stated" else None
    if reading.times:
        times = said_index(folder, stack.count, reading).times_s
    return np.full(stack.count, np.nan) if times is None else times


def _file(folder: Path, name: str) -> Path | None:
    return next((path for kind in _KINDS if (path := folder / f"{name}{kind}").is_file()), None)


def _stack(folder: Path, name: str, progress: Progress) -> Movie:
    path = _file(folder, name)
    if path is None:
        raise InputError("lithium-folder", f"{folder} holds no {name}.", _HINT)
    # A table beside it, such as particles.csv, says nothing of frames: the reader alone is asked.
    read = read_tiff if path.suffix == ".tif" else read_nrrd
    return read(path, MovieOptions(), progress)


def _values(stack: Movie) -> NDArray[np.float32]:
    return np.asarray(stack.frames.read(0, stack.count)).astype(np.float32, copy=False)


def _summary(folder: Path) -> dict[str, Any]:
    path = folder / "summary.json"
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("lithium-folder", f"{path} cannot be read.", _HINT) from error
    return found if isinstance(found, dict) else {}
