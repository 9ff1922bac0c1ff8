"""Where the workers are: on this machine, behind a scheduler that runs, or in the queue of a cluster."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from batterycell.errors import UsageError

Kind = Literal["local", "scheduler", "slurm"]
PLACES = "local[:N] | tcp://HOST:PORT | slurm:FILE"
_ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9A-Fa-f:]+\]|[\w.-]+):(\d{1,5})")
_MOST_WORKERS = 1024


@dataclass(frozen=True)
class ClusterPlace:
    """Where the workers are.

    Args:
        kind: "local" for processes of this machine, "scheduler" for one that runs already, "slurm" for jobs.
        workers: How many, of local ones.
        address: Of the scheduler.
        file: The settings of the jobs.
    """

    kind: Kind
    workers: int = 1
    address: str = ""
    file: Path = Path()

    @property
    def words(self) -> str:
        """As it is written on the command line."""
        return {"local": f"local:{self.workers}", "scheduler": self.address, "slurm": f"slurm:{self.file}"}[self.kind]


def parse_place(text: str) -> ClusterPlace:
    """Read `PLACES`.

    Raises:
        UsageError: if it is none of these.
    """
    head, _, rest = text.partition(":")
    if head == "local":
        return ClusterPlace("local", _count(rest, text) if ":" in text else processors())
    if head == "slurm" and rest:
        return ClusterPlace("slurm", file=Path(rest))
    address = _ADDRESS.fullmatch(text)
    if address and 0 < int(address[3]) < 65536:
        return ClusterPlace("scheduler", address=text)
    raise UsageError("cluster", f"{text!r} is no cluster.", f"Write --cluster {PLACES}.")


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _count(digits: str, text: str) -> int:
    if not digits.isdecimal() or not 1 <= int(digits) <= _MOST_WORKERS:
        message = f"{text!r} is no cluster: the number of workers is 1 to {_MOST_WORKERS}."
        raise UsageError("cluster", message, "Write --cluster local:4, for example.")
    return int(digits)
