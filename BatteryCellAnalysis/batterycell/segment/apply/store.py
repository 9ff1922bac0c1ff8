"""Results that grow block by block, on disk where work must be able to go on after it was broken off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.output import replace_file
from batterycell.progress import Progress
from batterycell.segment.image import Image

_SIGNATURE = "signature.json"
_FINISHED = "finished.txt"


class Store:
    """The arrays of a result, and which of its blocks are finished.

    Args:
        work: The folder that keeps them; None for memory.
        signature: What decides on the result, in JSON's types. What was kept under another one is written anew.
        shape: Of each array.
        names: One array a name, uint8.
    """

    def __init__(self, work: Path | None, signature: dict[str, Any], shape: tuple[int, ...], names: Sequence[str]):
        self._work = work
        self.finished: set[int] = set()
        kept = work is not None and _is_kept(work, signature, names)
        if work is not None and not kept:
            _prepare(work, signature)
        if work is not None and kept:
            self.finished = _tidy_finished(work / _FINISHED)
        self.arrays = {name: _array(work, name, shape, kept) for name in names}
        if work is not None and not kept:
            text = json.dumps(signature)
            replace_file(work / _SIGNATURE, lambda path: _write_text(path, text))

    def finish(self, block: int) -> None:
        """Note that a block is complete; from here on it survives whatever happens."""
        self.finished.add(block)
        if self._work is None:
            return
        for array in self.arrays.values():
            array.flush()  # type: ignore[attr-defined]
        with (self._work / _FINISHED).open("a", encoding="ascii") as file:
            file.write(f"{block}\n")


def hash_image(image: Image, progress: Progress) -> str:
    """A checksum of an image's voxels and place, in hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    for channel in image.channels:
        digest.update(repr((channel.array.shape, str(channel.array.dtype), channel.ijk_to_ras.tolist())).encode())
        for number, plane in enumerate(channel.array):
            progress.report(number / len(channel.array), "checksum of the image")
            digest.update(np.ascontiguousarray(plane).data)
    return digest.hexdigest()


def kept_signature(work: Path) -> dict[str, Any] | None:
    """What a work folder says it keeps; None where it keeps nothing that can be read."""
    try:
        values = json.loads((work / _SIGNATURE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) else None


def _is_kept(work: Path, signature: dict[str, Any], names: Sequence[str]) -> bool:
    same = kept_signature(work) == json.loads(json.dumps(signature))
    return same and all((work / f"{name}.npy").is_file() for name in names)


def _prepare(work: Path, signature: dict[str, Any]) -> None:
    """Forget what was kept, so that a break from here on leaves nothing that looks finished."""
    work.mkdir(parents=True, exist_ok=True)
    for name in (_SIGNATURE, _FINISHED):
        (work / name).unlink(missing_ok=True)


def _array(work: Path | None, name: str, shape: tuple[int, ...], kept: bool) -> NDArray[np.uint8]:
    if work is None:
        return np.zeros(shape, np.uint8)
    mode: Any = "r+" if kept else "w+"
    return np.lib.format.open_memmap(work / f"{name}.npy", mode, np.uint8, None if kept else shape)


def _tidy_finished(path: Path) -> set[int]:
    """The numbers of finished blocks; a line that was cut off counts for nothing, and goes."""
    text = path.read_text(encoding="ascii", errors="replace") if path.is_file() else ""
    lines = [line for line in text.splitlines(keepends=True) if line.endswith("\n") and line.strip().isdigit()]
    replace_file(path, lambda partial: _write_text(partial, "".join(lines)))
    return {int(line) for line in lines}


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
