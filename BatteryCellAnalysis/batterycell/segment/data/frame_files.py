"""Frames in a project folder: frames.json, or one for each run of labelled slices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.segment.frames import ROLES, Frame
from batterycell.segment.image import Image

from .json_files import damaged, entries, numbers, read_json, write_json

FRAMES_FILE = "frames.json"
_SQUARE = 1e-3


def read_frames(path: Path, images: Mapping[str, Image]) -> tuple[Frame, ...]:
    """Read frames.json: a list of frames, each with ``image`` and a place, and optionally ``name``, ``role``, ``full``.

    A place is ``slice`` (a whole slice, the first is 0), ``start`` and ``stop`` (voxels, slices first, the last one not
    included), or ``centre_mm``, ``axes`` and ``size_mm`` as of `Frame`.

    Args:
        path: The file.
        images: The project's images by name.

    Raises:
        InputError: if it cannot be used, or names an image that is not there.
    """
    frames = tuple(_frame(n, one, path, images) for n, one in enumerate(entries(read_json(path), "frames", path)))
    names = [frame.name for frame in frames]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise damaged(path, f"two frames are called {twice!r}")
    return frames


def write_frames(path: Path, frames: Sequence[Frame]) -> None:
    """Write frames.json."""
    write_json(path, {"frames": [asdict(frame) for frame in frames]})


def frames_of_labels(image: Image, labelled: Sequence[bool]) -> tuple[Frame, ...]:
    """A mixed frame for each run of labelled slices of an image."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(labelled, int), [0]]))).reshape(-1, 2)
    return tuple(_run(image, int(start), int(stop), len(edges) == 1) for start, stop in edges)


def _run(image: Image, start: int, stop: int, alone: bool) -> Frame:
    name = image.name if alone else f"{image.name} {start + 1}" + (f"-{stop}" if stop > start + 1 else "")
    rows, columns = image.grid.array.shape[1:]
    frame = Frame.of_voxels(name, image.name, image.grid, (start, 0, 0), (stop, rows, columns))
    return frame.with_role("mixed")


def _frame(number: int, values: dict[str, Any], path: Path, images: Mapping[str, Image]) -> Frame:
    name, role, full = values.get("name", f"frame {number + 1}"), values.get("role", "mixed"), values.get("full", False)
    image = values.get("image")
    if not isinstance(image, str) or image not in images:
        message = f"{path}: the frame {name} lies in an image {image!r}, which is not there."
        raise InputError("image-unknown", message, f"The images are {', '.join(images)}.")
    if not isinstance(name, str) or not name.strip() or not isinstance(full, bool):
        raise damaged(path, f"frame {number + 1} needs a text as its name, and true or false as full")
    if role not in ROLES:
        raise damaged(path, f"the role {role!r} of the frame {name} is none of {', '.join(ROLES)}")
    return replace(_place(name, values, path, images[image]), role=role, full=full)


def _place(name: str, values: dict[str, Any], path: Path, image: Image) -> Frame:
    if "centre_mm" in values:
        return _in_mm(name, values, path, image)
    shape = image.grid.array.shape
    first, last = _voxels(name, values, path, shape)
    if any(low >= high or high <= 0 or low >= size for low, high, size in zip(first, last, shape, strict=True)):
        message = f"{path}: the frame {name} lies outside the image {image.name}, or is empty."
        raise InputError("frame-outside", message, f"The image has {' × '.join(map(str, shape))} voxels (z, y, x).")
    frame = Frame.of_voxels(name, image.name, image.grid, first, last)
    return _facing(frame, np.subtract(last, first))


def _facing(frame: Frame, counts: NDArray[np.int64]) -> Frame:
    """The frame of a block one voxel thick, (k, j, i) voxels large, as a rectangle seen from the front."""
    thin = int(counts.argmin())
    if thin == 0 or counts[thin] > 1 or counts[0] == 1:
        return frame
    # Of (columns, rows, slices): slices become the rows, the thin axis becomes the slices.
    order = [0, 2, 1] if thin == 1 else [1, 2, 0]
    axes = np.array(frame.axes)[:, order].tolist()
    width, height, depth = (frame.size_mm[axis] for axis in order)
    return replace(frame, axes=tuple((x, y, z) for x, y, z in axes), size_mm=(width, height, depth))


def _voxels(
    name: str, values: dict[str, Any], path: Path, shape: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """First voxel (k, j, i) of a frame, and one past the last."""
    if "slice" in values:
        start = int(numbers([values["slice"]], 1, path, f"the slice of the frame {name}")[0])
        return (start, 0, 0), (start + 1, *shape[1:])
    first, last = (numbers(values.get(key), 3, path, f"{key} of the frame {name}") for key in ("start", "stop"))
    return tuple(map(int, first)), tuple(map(int, last))


def _in_mm(name: str, values: dict[str, Any], path: Path, image: Image) -> Frame:
    x, y, z = numbers(values["centre_mm"], 3, path, f"centre_mm of the frame {name}")
    width, height, depth = numbers(values.get("size_mm"), 3, path, f"size_mm of the frame {name}")
    rows = values.get("axes")
    if not isinstance(rows, list) or len(rows) != 3:
        raise damaged(path, f"axes of the frame {name} is not three rows of three numbers")
    axes = tuple(numbers(row, 3, path, f"axes of the frame {name}") for row in rows)
    if not np.allclose(np.array(axes).T @ np.array(axes), np.eye(3), atol=_SQUARE):
        raise damaged(path, f"the axes of the frame {name} are not at right angles and of length 1")
    if min(width, height, depth) <= 0:
        raise damaged(path, f"the frame {name} has no size")
    return Frame(name, image.name, (x, y, z), _three(axes), (width, height, depth))


def _three(rows: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, float, float], ...]:
    return tuple((x, y, z) for x, y, z in rows)
