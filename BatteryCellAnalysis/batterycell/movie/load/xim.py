"""STXM stacks of the Advanced Light Source: a header (.hdr) and one text file a frame (.xim).

Source: the self-describing format of STXM control at ALS beamlines 5.3.2 and 11.0.2 (Kilcoyne et al., J. Synchrotron
Rad. 10, 2003, 125), as its files state it.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io.names import natural_key
from batterycell.movie.index import FrameIndex
from batterycell.movie.movie import Movie
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .options import MovieOptions

Floats = NDArray[np.float64]
_POINTS = re.compile(r"Points\s*=\s*\(([^)]*)\)")
_TIME = re.compile(r'Image\d+\s*=\s*\{[^}]*?Time\s*=\s*"([^"]+)"')
_DIVIDER = re.compile(r"PMT_CounterDivider\s*=\s*([\d.]+)")
_LENGTHS = {"um": 1.0, "µm": 1.0, "nm": 1e-3, "mm": 1e3}


def read_xim(path: Path, options: MovieOptions, progress: Progress) -> Movie:
    """Read a stack by its header, by one of its frames, or by the folder that holds one header.

    Raises:
        InputError: if header and frames do not fit each other.
    """
    header = _header(path)
    text = header.read_text(encoding="latin-1")
    files = sorted(header.parent.glob(f"{header.stem}_a*.xim"), key=natural_key)
    if not files:
        raise InputError("movie-frames", f"There are no frames {header.stem}_a*.xim beside {header}.", "Add them.")
    columns, rows = (_axis(text, name, header) for name in ("PAxis", "QAxis"))
    stack = _stack(text, header, len(files))
    frames = _read_all(files, (len(rows), len(columns)), progress)
    divider = _DIVIDER.search(text)
    return Movie(
        SlabSource.of_array(frames),
        _index(text, stack, header.name),
        (_step(rows), _step(columns)),
        header.name,
        header.stem,
        counts_per_unit=float(divider[1]) if divider else None,
    )


def _header(path: Path) -> Path:
    if path.is_dir():
        found = sorted(path.glob("*.hdr"))
        if len(found) != 1:
            raise InputError("movie-headers", f"{path} holds {len(found)} headers.", "Give the .hdr file itself.")
        return found[0]
    if path.suffix.lower() != ".xim":
        return path
    header = path.with_name(f"{path.stem.rsplit('_', 1)[0]}.hdr")
    if not header.is_file():
        raise InputError("movie-headers", f"There is no header {header.name} beside {path}.", "Add it.")
    return header


def _axis(text: str, name: str, header: Path) -> Floats:
    """The places of pixels along an axis in µm."""
    start = text.find(f"{name} =")
    points = _POINTS.search(text, start) if start >= 0 else None
    if points is None:
        raise InputError("movie-header", f"{header} is no header of an STXM stack: it has no {name}.", "Give another.")
    unit = re.search(r'Unit\s*=\s*"([^"]*)"', text[start : points.start()])
    values = np.array(points[1].split(","), float)[1:]
    return np.asarray(values * _LENGTHS.get(unit[1], 1.0) if unit else values)


def _stack(text: str, header: Path, frames: int) -> tuple[str, Floats]:
    """Name of what changes from frame to frame, and its values."""
    start = text.find("StackAxis")
    name = re.search(r'Name\s*=\s*"([^"]*)"', text[start:]) if start >= 0 else None
    if name is None:
        raise InputError("movie-header", f"{header} is no header of a stack of images.", "Give an image stack.")
    values = _axis(text, "StackAxis", header)
    if len(values) != frames:
        message = f"{header} speaks of {len(values)} frames, but {frames} lie beside it."
        raise InputError("movie-frames", message, "Add what is missing.")
    return name[1].lower(), values


def _index(text: str, stack: tuple[str, Floats], source: str) -> FrameIndex:
    name, values = stack
    stamps = [datetime.strptime(stamp, "%Y %B %d %H:%M:%S") for stamp in _TIME.findall(text)]
    times = np.array([(stamp - stamps[0]).total_seconds() for stamp in stamps]) if stamps else None
    fits = times is not None and len(times) == len(values)
    energies = values if "energy" in name else None
    return FrameIndex(times if fits else None, energies, source if fits else "not stated", source)


def _step(places: Floats) -> float:
    return float(abs(np.median(np.diff(places))))


def _read_all(files: list[Path], shape: tuple[int, int], progress: Progress) -> NDArray[np.float32]:
    frames = np.empty((len(files), *shape), np.float32)
    for number, file in enumerate(files):
        frames[number] = _read(file, shape)
        progress.report((number + 1) / len(files), f"loading frame {number + 1} of {len(files)}")
    return frames


def _read(file: Path, shape: tuple[int, int]) -> Floats:
    try:
        values = np.array(file.read_text(encoding="ascii").split(), float)
    except (ValueError, OSError) as error:
        raise InputError("image-unreadable", f"{file} is no frame of numbers.", "It is damaged or cut off.") from error
    if values.size != shape[0] * shape[1]:
        message = f"{file} has {values.size} values, its header {shape[0]} × {shape[1]} pixels."
        raise InputError("slice-odd", message, "All frames of a stack need one size.")
    return values.reshape(shape)
