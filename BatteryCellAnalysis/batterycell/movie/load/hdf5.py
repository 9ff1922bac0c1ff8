"""Movies in HDF5 and NeXus files: data only, no link into another file is followed.

Source: https://manual.nexusformat.org, NXdata (signal, axes) and NXstxm.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.movie.index import FrameIndex
from batterycell.movie.movie import Movie
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .options import MovieOptions

Floats = NDArray[np.float64]
HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf", ".nxs", ".nx")
_ENERGY = ("energy", "energies", "photon_energy", "ev", "energy_ev")
_TIME = ("time", "times", "elapsed_time", "time_s", "timestamp")
_SIZES = (("sample_y", "y"), ("sample_x", "x"))
_UNITS = {"kev": 1e3, "ms": 1e-3, "min": 60.0, "h": 3600.0, "us": 1e-6}
_LENGTHS = {"um": 1.0, "µm": 1.0, "micron": 1.0, "microns": 1.0, "nm": 1e-3, "mm": 1e3, "m": 1e6}


def read_hdf5(path: Path, options: MovieOptions, progress: Progress) -> Movie:
    """Read the frames of a file: NeXus's default signal, the dataset that is named, or the only one with three axes.

    Raises:
        InputError: if there is none or several, or the file is damaged.
    """
    progress.report(0.0, "looking into the file")
    with _opened(path) as file:
        data = _kept_inside(_frames(file, options.dataset, path), path)
        name, shape, dtype = data.name, data.shape, data.dtype
        index, pixel = _index(data, path), _pixel(data)
    if dtype.kind not in "uif":
        raise InputError("voxel-type", f"{path}: {name} holds {dtype}, no numbers.", "Name another (--dataset).")
    source = SlabSource(shape, dtype, lambda start, stop: _read(path, name, start, stop))
    return Movie(source, index, pixel, f"{path.name}:{name}" if pixel else "not stated", path.name.split(".")[0])


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import h5py
    except ImportError as error:
        hint = "pip install 'batterycell[movie]'."
        raise InputError("hdf5-missing", "HDF5 files need the package h5py.", hint) from error
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, RuntimeError, KeyError) as error:
        reason = " ".join(str(error).split())[:160]
        message = f"{path} is not a readable HDF5 file: {reason}."
        raise InputError(
            "image-unreadable", message, "It is damaged, cut off, or packed by a missing filter."
        ) from error


def _read(path: Path, name: str, start: int, stop: int) -> NDArray[Any]:
    with _opened(path) as file:
        return np.asarray(file[name][start:stop])


def _frames(file: Any, wanted: str, path: Path) -> Any:
    """The dataset with the frames."""
    if wanted:
        found = file.get(wanted) if _is_inside(file, wanted) else None
        if found is None or not hasattr(found, "shape") or len(found.shape) != 3:
            hint = f"Those with three axes: {', '.join(_candidates(file)) or 'none'}."
            raise InputError("hdf5-dataset", f"{path} has no frames at {wanted}.", hint)
        return found
    found = _default(file) or _candidates(file)
    if len(found) != 1:
        hint = f"Name one with --dataset: {', '.join(found[:6])}." if found else "Give a file with frames."
        raise InputError("hdf5-dataset", f"{path} holds {len(found)} datasets with three axes.", hint)
    return file[found[0]]


def _kept_inside(data: Any, path: Path) -> Any:
    """A dataset, if its numbers lie in its own file: raw and virtual ones may name any file of the machine."""
    sources = data.virtual_sources() if data.is_virtual else ()
    if data.external or any(one.file_name != "." for one in sources):
        message = f"{path}: the numbers of {data.name} lie in other files."
        raise InputError("hdf5-elsewhere", message, "Copy them into one file, e.g. with h5repack.")
    return data


def _is_inside(file: Any, name: str) -> bool:
    import h5py

    return not isinstance(file.get(name, getlink=True), h5py.ExternalLink | type(None))


def _default(file: Any) -> list[str]:
    """Signals of NXdata groups, those of the default entry where it is said."""
    found: list[str] = []

    def visit(name: str, item: Any) -> None:
        signal = item.attrs.get("signal")
        if isinstance(signal, str) and signal in item and len(item[signal].shape) == 3:
            found.append(item[signal].name)

    file.visititems(visit)  # knows no links that lead out of the file
    return found


def _candidates(file: Any) -> list[str]:
    found: list[str] = []

    def visit(name: str, item: Any) -> None:
        if len(getattr(item, "shape", ())) == 3:
            found.append(item.name)

    file.visititems(visit)
    return found


def _index(data: Any, path: Path) -> FrameIndex:
    energies, times = (_beside(data, names, data.shape[0]) for names in (_ENERGY, _TIME))
    if times is not None:
        times = times - times[0]
    return FrameIndex(times, energies, path.name, path.name)


def _beside(data: Any, names: tuple[str, ...], length: int) -> Floats | None:
    """Values of an axis that lie in the group of the frames, in eV or s."""
    for name, item in data.parent.items():
        if name.lower() in names and getattr(item, "shape", None) == (length,) and item.dtype.kind in "uif":
            unit = item.attrs.get("units", "")
            scale = _UNITS.get(unit.lower(), 1.0) if isinstance(unit, str) else 1.0
            return np.asarray(item[()], float) * scale
    return None


def _pixel(data: Any) -> tuple[float, float] | None:
    steps = [_step(data, names, length) for names, length in zip(_SIZES, data.shape[1:], strict=True)]
    return (steps[0], steps[1]) if steps[0] and steps[1] else None


def _step(data: Any, names: tuple[str, ...], length: int) -> float | None:
    for name, item in data.parent.items():
        if name.lower() in names and getattr(item, "shape", None) == (length,) and length > 1:
            scale = _LENGTHS.get(str(item.attrs.get("units", "")).lower())
            step = float(abs(np.median(np.diff(np.asarray(item[()], float)))))
            return step * scale if scale and step else None
    return None
