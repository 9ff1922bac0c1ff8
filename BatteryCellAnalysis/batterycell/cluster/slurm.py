"""Workers as jobs in a SLURM queue, as a small file describes them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from batterycell.errors import InputError

from .safety import own_keys, require_package

_HINT = "docs/cluster.md shows an example."
_COUNTS, _LISTS = ("workers", "cores"), ("directives", "prologue")
_MOST = 10_000
_MEMORY = re.compile(r"\d+(\.\d+)? ?[KMGT]i?B", re.IGNORECASE)


@dataclass(frozen=True)
class SlurmSettings:
    """How jobs are asked for; each is a worker that does one task at a time.

    Args:
        workers: Number of jobs.
        memory: Of each, e.g. "16 GB".
        walltime: Of each, e.g. "04:00:00"; a job that ends is followed by another while there is work.
        cores: Processors of each.
        queue: Partition; empty for the default one.
        account: Who is billed; empty for the default one.
        interface: Network that reaches the nodes, e.g. "ib0"; empty for the default one.
        python: Python on the nodes that has this package; empty for the one that runs here.
        logs: Folder for what jobs print; empty for none of ours.
        directives: Further lines of ``#SBATCH``, e.g. "--constraint=avx2".
        prologue: Shell lines before the worker starts, e.g. "module load python/3.11".
    """

    workers: int
    memory: str
    walltime: str = "04:00:00"
    cores: int = 1
    queue: str = ""
    account: str = ""
    interface: str = ""
    python: str = ""
    logs: str = ""
    directives: tuple[str, ...] = ()
    prologue: tuple[str, ...] = ()

    def to_jobqueue(self) -> dict[str, Any]:
        """The same for ``dask_jobqueue.SLURMCluster``."""
        named = {
            "queue": self.queue,
            "account": self.account,
            "interface": self.interface,
            "python": self.python or sys.executable,
            "log_directory": self.logs,
        }
        return {
            # One thread: a task has its worker for itself, and uses the other processors as it likes.
            "cores": 1,
            "processes": 1,
            "job_cpu": self.cores,
            "memory": self.memory,
            "walltime": self.walltime,
            "job_extra_directives": list(self.directives),
            "job_script_prologue": [f"export OMP_NUM_THREADS={self.cores}", *self.prologue],
            **{name: value for name, value in named.items() if value},
        }


def read_slurm(path: Path) -> SlurmSettings:
    """Read the settings of jobs from a TOML file.

    Raises:
        InputError: if it cannot be read, lacks something, or says something else.
    """
    values = _parsed(path)
    unknown = sorted(set(values) - {item.name for item in fields(SlurmSettings)})
    if unknown:
        raise InputError("slurm-settings", f"{path}: {unknown[0]} is no setting of jobs.", _HINT)
    missing = [name for name in ("workers", "memory") if name not in values]
    if missing:
        raise InputError("slurm-settings", f"{path} does not say {missing[0]}.", _HINT)
    for name, value in values.items():
        _check(path, name, value)
    lists = {name: tuple(values[name]) for name in _LISTS if name in values}
    return SlurmSettings(**{**values, **lists})


@contextmanager
def open_jobs(path: Path) -> Iterator[Any]:
    """Ask for the jobs that a file describes, and end them after the block.

    Raises:
        InputError: if the file is wrong, or there is no SLURM on this machine.
    """
    settings = read_slurm(path)
    require_package("dask_jobqueue", "dask-jobqueue")
    if shutil.which("sbatch") is None:
        raise InputError("slurm-missing", "There is no SLURM here: no sbatch.", "Start this on the login node.")
    from dask_jobqueue import SLURMCluster

    if settings.logs:
        Path(settings.logs).mkdir(parents=True, exist_ok=True)
    # No page that shows what the workers do: anybody could read it.
    quiet = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
    try:
        jobs = SLURMCluster(**settings.to_jobqueue(), **_safe(settings), scheduler_options=quiet)
    except (RuntimeError, ValueError) as error:
        raise InputError("slurm-settings", f"{path} does not fit this machine: {error}.", _HINT) from error
    try:
        _require_taken(jobs.job_script(), path)
        jobs.adapt(minimum_jobs=settings.workers, maximum_jobs=settings.workers)
        yield jobs
    finally:
        with suppress(Exception):  # jobs that never began cannot be ended
            jobs.close()


def _require_taken(script: str, path: Path) -> None:
    """See that the queue would take a job: dask asks again and again without a word where it does not."""
    asked = subprocess.run(["sbatch", "--test-only"], input=script, capture_output=True, text=True, check=False)
    if asked.returncode:
        said = " ".join(asked.stderr.split())[:200]
        raise InputError("slurm-refused", f"SLURM does not take the jobs of {path}: {said}.", _HINT)


def _safe(settings: SlurmSettings) -> dict[str, Any]:
    """Keys of one's own for scheduler and workers, which find them in a folder that all of them see."""
    keys = own_keys()
    if keys is None:
        return {}
    return {"security": keys, "protocol": "tls://", "shared_temp_directory": settings.logs or str(Path.cwd())}


def _parsed(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return dict(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise InputError("slurm-unreadable", message, "Check the path.") from error
    except ValueError as error:
        raise InputError("slurm-unreadable", f"{path} is no TOML: {error}.", _HINT) from error


def _check(path: Path, name: str, value: Any) -> None:
    if name in _COUNTS:
        good, kind = isinstance(value, int) and 1 <= value <= _MOST, f"a whole number from 1 to {_MOST}"
    elif name == "memory":
        good, kind = isinstance(value, str) and bool(_MEMORY.fullmatch(value)), 'a size such as "16 GB"'
    elif name in _LISTS:
        good, kind = isinstance(value, list) and all(map(_is_line, value)), "a list of lines of text"
    else:
        good, kind = _is_line(value), "text on one line"
    if not good or isinstance(value, bool):
        raise InputError("slurm-settings", f"{path}: {name} must be {kind}, not {value!r}.", _HINT)


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\n" not in value
