"""What work would take: in how many pieces, with how much memory, and how long, before any of it starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_STEPS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))
_GB = 1e9


@dataclass(frozen=True)
class DryRun:
    """What work would take.

    Args:
        pieces: Number of pieces that can be done side by side.
        kind: What a piece is, in the plural: "cells", "blocks", "slabs".
        voxels: Of all of it.
        memory: Bytes of memory that a worker needs.
        disk: Bytes written, those included that are removed at the end.
        seconds: Of each piece, on one worker; or of all pieces together, where they are alike.
        workers: How many there would be.
        known: How the time is known, one sentence.
        notes: What else must be told, one sentence each.
        alone: Seconds of what one process does before and after the pieces.
    """

    pieces: int
    kind: str
    voxels: int
    memory: float
    disk: float
    seconds: Sequence[float]
    workers: int
    known: str
    notes: Sequence[str] = field(default_factory=tuple)
    alone: float = 0.0

    @property
    def wall_seconds(self) -> float:
        """The time on the clock: the longest piece, or an even share of all, and what one process does alone."""
        busy = max(1, min(self.workers, self.pieces))
        longest = max(self.seconds, default=0.0) if len(self.seconds) > 1 else sum(self.seconds) / max(1, self.pieces)
        return self.alone + max(longest, sum(self.seconds) / busy)

    def to_json(self) -> dict[str, Any]:
        """The same in JSON's types."""
        return {
            "pieces": self.pieces,
            "kind": self.kind,
            "voxels": self.voxels,
            "workers": self.workers,
            "memory_bytes": round(self.memory),
            "disk_bytes": round(self.disk),
            "seconds": float(f"{self.wall_seconds:.3g}"),
            "known": self.known,
            "notes": list(self.notes),
        }


def describe_dry_run(found: dict[str, Any]) -> str:
    """The words of `DryRun.to_json` for people."""
    workers = found["workers"]
    rows = {
        "work": f"{found['pieces']:,} {found['kind']}, {found['voxels']:.3g} voxels",
        "workers": f"{workers}" if workers > 1 else "this process",
        "memory": f"about {found['memory_bytes'] / _GB:.2g} GB" + (" a worker" if workers > 1 else ""),
        "disk": f"up to {found['disk_bytes'] / _GB:.2g} GB",
        "time": f"about {duration(found['seconds'])}",
        "known from": found["known"],
    }
    notes = (f"{'note':12}{note}" for note in found["notes"])
    return "\n".join([*(f"{name:12}{value}" for name, value in rows.items()), *notes, "Nothing was done."])


def duration(seconds: float) -> str:
    """A time in the unit that suits it, in two digits."""
    for length, unit in _STEPS:
        if seconds >= 2 * length:
            return f"{_two_digits(seconds / length)} {unit}"
    return f"{_two_digits(seconds)} s"


def _two_digits(value: float) -> str:
    if value <= 0:
        return "0"
    digits = 1 - math.floor(math.log10(value))
    return f"{round(value, max(0, digits)):g}" if digits > -1 else f"{round(value, digits):.0f}"
