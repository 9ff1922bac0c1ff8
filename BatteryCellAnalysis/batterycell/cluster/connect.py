"""Open a cluster, see that its workers can do the work, and close what was opened."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import batterycell
from batterycell.errors import InputError

from . import calls
from .place import ClusterPlace
from .reach import require_scheduler
from .safety import own_keys, require_package

_CONNECT_S, _WORKERS_S = 20, 60
_LOUD = ("distributed", "tornado", "asyncio")
# A cluster of our own shows no pages, and does not watch itself 50 times a second: it took a 20th of a processor.
_CALM = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
}


@dataclass(frozen=True)
class Cluster:
    """A cluster that can be given work.

    Args:
        place: Where it is.
        client: dask's own.
    """

    place: ClusterPlace
    client: Any

    @property
    def workers(self) -> int:
        """How many workers there are now."""
        return len(self.client.scheduler_info(n_workers=-1)["workers"])

    def require_folder(self, folder: Path) -> None:
        """See that every worker reads and writes the folder that this process does.

        Raises:
            InputError: if one does not.
        """
        folder.mkdir(parents=True, exist_ok=True)
        token = folder / f".cluster-{uuid.uuid4().hex}"
        token.touch()
        try:
            self._require_seen([token], folder)
        finally:
            token.unlink(missing_ok=True)

    def require_inputs(self, paths: Iterable[Path]) -> None:
        """See that every worker has the files and folders that this process has; what nobody has is told elsewhere.

        Raises:
            InputError: if one lacks one.
        """
        self._require_seen([path for path in paths if path.exists()])

    def _require_seen(self, paths: Sequence[Path], told: Path | None = None) -> None:
        unseen = self.client.run(_first_unseen, [str(path.resolve()) for path in paths])
        blind = sorted(address for address, path in unseen.items() if path)
        if blind:
            place = told or unseen[blind[0]]
            message = f"{len(blind)} of {len(unseen)} workers, such as {blind[0]}, do not see {place}."
            raise InputError("cluster-folder", message, "Images and results must lie where all workers have them.")


@contextmanager
def open_cluster(place: ClusterPlace) -> Iterator[Cluster]:
    """Open a cluster for the time of the block.

    Args:
        place: Where the workers are.

    Raises:
        InputError: if dask is not installed, nobody answers, no worker comes, or workers have another version.
    """
    require_package("distributed", "dask.distributed")
    with _quiet(), _opened(place) as client:
        cluster = Cluster(place, client)
        _check_workers(cluster)
        yield cluster


@contextmanager
def _opened(place: ClusterPlace) -> Iterator[Any]:
    if place.kind == "scheduler":
        require_scheduler(place, _CONNECT_S)
        with _client(place, place.address) as client:
            _wait_for_workers(client, place)
            yield client
    elif place.kind == "slurm":
        from .slurm import open_jobs

        with open_jobs(place.file) as jobs, _client(place, jobs) as client:
            yield client
    else:
        with _local(place.workers) as processes, _client(place, processes) as client:
            yield client


@contextmanager
def _client(place: ClusterPlace, where: Any) -> Iterator[Any]:
    from distributed import Client

    try:
        client = Client(where, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError) as error:
        message = f"No scheduler answers at {place.words}."
        raise InputError("cluster-gone", message, "Check the address, and that dask's scheduler runs.") from error
    try:
        yield client
    finally:
        with suppress(Exception):  # of a cluster that is gone, nothing can be closed
            client.close(timeout=5)


def _local(workers: int) -> Any:
    """Processes of this machine, on its loopback alone."""
    import dask
    from distributed import LocalCluster

    with dask.config.set(_CALM):
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=logging.CRITICAL,
            security=own_keys(),
            preload=[calls.__name__],
        )


def _wait_for_workers(client: Any, place: ClusterPlace) -> None:
    try:
        client.wait_for_workers(1, timeout=_WORKERS_S)
    except TimeoutError as error:
        message = f"The scheduler at {place.words} has no workers."
        raise InputError("cluster-empty", message, "Start some: dask worker ADDRESS --nthreads 1") from error


def _check_workers(cluster: Cluster) -> None:
    """Refuse workers without this program, or with another version of it: their numbers might be others."""
    try:
        versions = cluster.client.run(_version, on_error="return")
    except OSError as error:
        raise InputError("cluster-gone", f"{cluster.place.words} does not answer.", "Start it again.") from error
    for address, version in sorted(versions.items()):
        if version != batterycell.__version__:
            found = f"batterycell {version}" if isinstance(version, str) else "no batterycell"
            message = f"The worker {address} has {found}, not {batterycell.__version__}."
            raise InputError("cluster-version", message, "Install the same version for all workers.")


def _version() -> str:
    return batterycell.__version__


def _first_unseen(paths: list[str]) -> str:
    """The first of some paths at which there is nothing on this worker; empty where there is none."""
    return next((path for path in paths if not Path(path).exists()), "")


@contextmanager
def _quiet() -> Iterator[None]:
    """What goes wrong on workers is told as one line of ours, not as dask's many."""
    import distributed  # noqa: F401 - which gives some of its loggers levels of their own

    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.split(".")[0] in _LOUD]
    before = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)
