"""Ending what a process started: Slicer's Python runs as the child of a launcher."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress


def endDescendants(pid: int) -> None:
    """End every process below ``pid``, deepest first."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(pid)], capture_output=True, check=False)
        return
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
    for child in descendants(pid, parseProcesses(listing)):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def parseProcesses(listing: str) -> dict[int, int]:
    """Each process's parent, from lines of two numbers: the process and its parent."""
    pairs = (line.split() for line in listing.splitlines() if line.strip())
    return {int(process): int(parent) for process, parent in pairs}


def descendants(pid: int, parents: dict[int, int]) -> Iterator[int]:
    """Every process below ``pid``, deepest first; ``parents`` maps each process to its parent."""
    for child in [process for process, parent in parents.items() if parent == pid]:
        yield from descendants(child, parents)
        yield child
