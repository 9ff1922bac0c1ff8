"""Arrays that are maps of files: of them no more is held in memory than is worked on."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SECONDS = 0.1
_HELD_BYTES = 1_500_000_000
_BETWEEN_BYTES = 128_000_000
_STATM = Path("/proc/self/statm")


@contextmanager
def letting_go(array: NDArray[Any]) -> Iterator[None]:
    """Hold no more than some 1.5 GB of a mapped array; does nothing for an array in memory.

    The pages of the file stay in the system's own cache as long as nobody needs the room. To take them back from there
    costs as much as to work on them, so that they are let go of only when they are many.
    """
    mapped, done = _map_of(array), threading.Event()
    if mapped is None:
        yield
        return
    thread = threading.Thread(target=_keep_letting_go, args=(mapped, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _keep_letting_go(mapped: mmap.mmap, done: threading.Event) -> None:
    while not done.wait(_SECONDS):
        if _held_of_files() > _HELD_BYTES:
            _let_go(mapped)


def _held_of_files() -> float:
    """Bytes that this process holds of files; without end where the system does not tell."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[2]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError):
        return float("inf")


class Filled:
    """A mapped array that is filled slice by slice, and of which not more than some slices are held.

    Args:
        array: Shape (k, j, i).
    """

    def __init__(self, array: NDArray[Any]) -> None:
        self.shape, self._array, self._mapped, self._since = array.shape, array, _map_of(array), 0

    def __setitem__(self, index: int, image: NDArray[Any], /) -> None:
        self._array[index] = image
        self._since += self._array[index].nbytes
        if self._mapped is not None and self._since > _BETWEEN_BYTES:
            _let_go(self._mapped)
            self._since = 0


def _let_go(mapped: mmap.mmap) -> None:
    """Let go of what is held of a map that is shared with its file: what was written stays there."""
    with suppress(ValueError, OSError):
        mapped.madvise(mmap.MADV_DONTNEED)


def _map_of(array: NDArray[Any]) -> mmap.mmap | None:
    """The map of a file that an array's memory is and that writes into the file; None for any other memory."""
    base: Any = array
    is_shared = False
    while isinstance(base, np.ndarray):
        is_shared = is_shared or (isinstance(base, np.memmap) and base.mode in ("r", "r+", "w+"))
        base = base.base
    return base if isinstance(base, mmap.mmap) and is_shared and hasattr(mmap, "MADV_DONTNEED") else None
