"""Movies as NRRD: a volume whose slices are frames, or Slicer's sequence of images (.seq.nrrd).

Source: https://teem.sourceforge.net/nrrd/format.html, and what Slicer 5.12 writes for a sequence.
"""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.movie.index import FrameIndex
from batterycell.movie.movie import Movie
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.volume import UM_PER_MM

from .options import MovieOptions

NRRD_SUFFIXES = (".nrrd",)
_HEADER_BYTES = 1 << 22
_LINE = re.compile(r"^([^#:\n][^:\n]*?):=?\s*(.*?)\s*$", re.MULTILINE)
_TYPES = {
    "uchar": "u1", "unsigned char": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2",
    "unsigned short": "u2", "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "unsigned int": "u4",
    "uint32": "u4", "float": "f4", "double": "f8",
}  # fmt: skip
_MAPPED = ("raw",)
ENERGIES_FIELD, TIMES_FIELD = "frame energies eV", "frame times s"


def read_nrrd(path: Path, options: MovieOptions, progress: Progress) -> Movie:
    """Read a file whose slices, or whose last axis, are frames; raw data are mapped, not read.

    Raises:
        InputError: if it is none, or is damaged.
    """
    progress.report(0.0, "loading the frames")
    fields, offset = _header(path)
    try:
        sizes = [int(word) for word in fields["sizes"].split()]
        array = _voxels(path, fields, offset, sizes)
        frames = _as_frames(array, fields.get("kinds", ""))
    except (KeyError, ValueError, EOFError, OSError, zlib.error) as error:
        raise _damaged(path) from error
    pixel = _pixel(fields)
    return Movie(
        SlabSource.of_array(frames),
        _index(fields, len(frames)),
        pixel,
        "NRRD header" if pixel else "not stated",
        path.name.split(".")[0],
    )


def read_stack(path: Path) -> tuple[NDArray[Any], tuple[str, str], NDArray[np.float64], tuple[float, float]]:
    """Maps of a result, mapped where the file allows.

    Returns:
        Values, shape (n, rows, columns); name and unit of what changes from one to the next; its values, shape (n,);
        height and width of a pixel in µm.

    Raises:
        InputError: if it is none, or is damaged.
    """
    movie = read_nrrd(path, MovieOptions(), Progress())
    fields, _ = _header(path)
    words = [re.findall(r'"([^"]*)"', fields.get(key, "")) for key in ("labels", "units")]
    name, unit = (one[-1] if one else "" for one in words)
    values = next((one for one in (movie.index.energies_ev, movie.index.times_s) if one is not None), None)
    places = np.arange(1.0, movie.count + 1) if values is None else values
    return movie.frames.read(0, movie.count), (name or "number", unit), places, movie.stated_pixel_um()


def _header(path: Path) -> tuple[dict[str, str], int]:
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    end = re.search(rb"\r?\n\r?\n", start)
    if not start.startswith(b"NRRD") or end is None:
        raise _damaged(path)
    text = start[: end.start()].decode("utf-8", "replace")
    return {key.strip(): value for key, value in _LINE.findall(text)}, end.end()


def _voxels(path: Path, fields: dict[str, str], offset: int, sizes: list[int]) -> NDArray[Any]:
    dtype = np.dtype(_TYPES[fields["type"]]).newbyteorder(">" if fields.get("endian") == "big" else "<")
    shape = tuple(reversed(sizes))
    if "data file" in fields or "datafile" in fields:
        raise ValueError("detached data")
    if fields["encoding"] in _MAPPED:
        return np.asarray(np.memmap(path, dtype, "r", offset, shape))
    if fields["encoding"] not in ("gzip", "gz"):
        raise ValueError(fields["encoding"])
    with path.open("rb") as file:
        file.seek(offset)
        data = gzip.decompress(file.read())
    return np.frombuffer(data, dtype).reshape(shape)


def _as_frames(array: NDArray[Any], kinds: str) -> NDArray[Any]:
    """Frames, shape (n, rows, columns); a list axis of files before Slicer 5 came first in the file."""
    if array.ndim == 4 and kinds.startswith(("list", "vector")):
        array = np.moveaxis(array, -1, 0)
    if array.ndim == 4:
        if array.shape[1] != 1:
            raise ValueError("frames are volumes")
        array = array[:, 0]
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3:
        raise ValueError(f"{array.ndim} axes")
    return array


def _index(fields: dict[str, str], count: int) -> FrameIndex:
    times, energies = (_floats(fields.get(name, "")) for name in (TIMES_FIELD, ENERGIES_FIELD))
    axis = next((key for key in fields if re.fullmatch(r"axis \d index values", key)), "")
    values = _floats(fields.get(axis, ""))
    units = re.findall(r'"([^"]*)"', fields.get("units", ""))
    if values is not None and len(values) == count:
        if "eV" in units:
            energies = values if energies is None else energies
        elif times is None and '"number"' not in fields.get("labels", ""):
            times = values
    return FrameIndex(times, energies, "NRRD header", "NRRD header")


def _floats(text: str) -> NDArray[np.float64] | None:
    try:
        return np.array(text.split(), float) if text else None
    except ValueError:
        return None


def _pixel(fields: dict[str, str]) -> tuple[float, float] | None:
    """Height and width of a pixel from the first two spatial axes, in Slicer's millimetres."""
    if "space directions" in fields:
        vectors = [np.array(one.split(","), float) for one in re.findall(r"\(([^)]*)\)", fields["space directions"])]
        lengths = [float(np.linalg.norm(one)) for one in vectors[:2]]
    else:
        lengths = [float(word) for word in fields.get("spacings", "").split() if word.lower() != "nan"][:2]
    if len(lengths) < 2 or lengths == [1.0, 1.0]:
        return None
    return lengths[1] * UM_PER_MM, lengths[0] * UM_PER_MM


def _damaged(path: Path) -> InputError:
    message = f"{path} is not readable as frames of an NRRD file."
    return InputError("image-unreadable", message, "It is damaged, cut off, or its data lie in another file.")
