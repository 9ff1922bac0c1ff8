"""Spread tasks over the workers of a cluster, and hand out the answers as they come."""

from __future__ import annotations

import asyncio
import queue
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from batterycell.errors import Cancelled, InputError
from batterycell.progress import Progress

from .calls import TOPIC, Answer, Task, call, stop, write_call
from .connect import Cluster

_LOOK_EVERY_S = 0.25
# What a task may take to notice that it is to stop, before its worker is ended.
_GRACE_S = 10.0


def run_tasks(cluster: Cluster, tasks: Sequence[Task], progress: Progress) -> Iterator[tuple[int, Answer]]:
    """Run tasks on the workers of a cluster; a task whose worker is lost is done again on another one.

    Args:
        cluster: The cluster.
        tasks: The tasks, in any order.
        progress: Told how much is done, parts of tasks included; asked whether to stop.

    Yields:
        The number of a task, and its answer, as soon as it is there.

    Raises:
        InputError: if the scheduler is gone.
        Cancelled: if the user asked to stop; the workers are asked, too.
    """
    run = _Run(cluster, tasks)
    with run.told():
        futures = [run.submit(number, task) for number, task in enumerate(tasks)]
        try:
            yield from run.answers(futures, progress)
        finally:
            run.end(futures)


class _Run:
    """Tasks that were given to a cluster."""

    def __init__(self, cluster: Cluster, tasks: Sequence[Task]) -> None:
        self._cluster, self._client, self._tasks = cluster, cluster.client, tasks
        self._name = uuid.uuid4().hex
        self._finished: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._fractions: dict[int, float] = {}
        self._done: set[int] = set()

    def submit(self, number: int, task: Task) -> Any:
        """Give a task to the cluster."""
        words = (write_call(task), self._name, number)
        key = f"batterycell-{self._name}-{number}"
        future = self._client.submit(call, *words, key=key, pure=False, priority=-number)
        future.add_done_callback(partial(_put, self._finished, number))
        return future

    def answers(self, futures: Sequence[Any], progress: Progress) -> Iterator[tuple[int, Answer]]:
        """The answers as they come."""
        while len(self._done) < len(futures):
            progress.report(self._fraction(), self._told())
            number = self._next()
            if number is None or number in self._done:
                continue
            answer = self._answer(futures[number])
            if isinstance(answer.error, Cancelled):
                raise answer.error
            self._done.add(number)
            futures[number].release()
            yield number, answer

    @contextmanager
    def told(self) -> Iterator[None]:
        """Listen to what the tasks tell."""
        topic = f"{TOPIC}{self._name}"
        self._client.subscribe_topic(topic, self._hear)
        try:
            yield
        finally:
            with suppress(Exception):  # a scheduler that is gone tells nothing more
                self._client.unsubscribe_topic(topic)

    def end(self, futures: Sequence[Any]) -> None:
        """Call back what is not done, and give what runs a moment to tidy up."""
        open_ones = [future for number, future in enumerate(futures) if number not in self._done]
        if not open_ones or self._client.status != "running":
            return
        until = time.monotonic() + _GRACE_S
        with suppress(OSError, TimeoutError):  # the scheduler may be lost in this very moment
            self._client.run(stop, self._name, on_error="ignore")
            while not all(future.done() for future in open_ones) and time.monotonic() < until:
                time.sleep(_LOOK_EVERY_S)
            self._client.cancel(open_ones, force=True)

    def _next(self) -> int | None:
        try:
            return self._finished.get(timeout=_LOOK_EVERY_S)
        except queue.Empty:
            if self._client.status != "running":
                raise self._gone() from None
            return None

    def _answer(self, future: Any) -> Answer:
        """What came of a task that is finished, or whose workers or scheduler are lost."""
        from distributed.scheduler import KilledWorker

        try:
            answer: Answer = future.result(timeout=60)
            return answer
        except KilledWorker:
            message = "Every worker that took it ended in the middle, for want of memory most likely."
            return Answer(error=InputError("worker-lost", message, "Give fewer workers more memory each."))
        except (Exception, asyncio.CancelledError) as error:
            raise self._gone() from error

    def _gone(self) -> InputError:
        message = f"The cluster at {self._cluster.place.words} is gone."
        return InputError("cluster-gone", message, "The same command goes on where it stood.")

    def _hear(self, event: tuple[float, Any]) -> None:
        report = event[1]
        self._fractions[report["number"]] = report["fraction"]

    def _fraction(self) -> float:
        running = sum(part for number, part in list(self._fractions.items()) if number not in self._done)
        return (len(self._done) + running) / max(1, len(self._tasks))

    def _told(self) -> str:
        running = len(set(self._fractions) - self._done)
        told = f"{len(self._done)} of {len(self._tasks)} done, {running} running"
        return told if running or self._is_staffed() else f"{told}: no worker is there, waiting for one"

    def _is_staffed(self) -> bool:
        """Whether there is a worker; one that is gone with the scheduler is told elsewhere."""
        try:
            return self._cluster.workers > 0
        except (OSError, TimeoutError):
            return True


def _put(finished: queue.SimpleQueue[int], number: int, _: Any) -> None:
    finished.put(number)
