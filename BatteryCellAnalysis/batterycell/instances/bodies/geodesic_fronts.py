"""Shortest ways through objects from one block of each, in all objects of a frame at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.runs import Ints

from .geodesic_frame import STEPS, Frame, touching


class Fronts:
    """Length of the shortest way from a block of each object to all of its blocks, and where it comes from.

    Dijkstra's way with buckets as wide as the shortest step (Dial 1969, Commun. ACM 12, 632), whose blocks are all
    final when their turn comes, and are therefore passed on together.

    Args:
        frame: The objects.
        sources: Place of one block of each, shape (n,).
    """

    def __init__(self, frame: Frame, sources: Ints) -> None:
        self._frame, self._offsets = frame, frame.offsets()
        self._lengths = np.linalg.norm(2 * np.array(STEPS) * frame.size, axis=1).astype(np.float32)
        self.far = np.full(len(frame.codes), -1, np.float32)
        self.far[frame.nodes] = np.inf
        self.far[sources] = 0
        self._came = np.zeros(len(frame.codes), np.uint8)
        self._turn = np.zeros(len(frame.codes), np.int32)
        self._run(sources)

    def _run(self, sources: Ints) -> None:
        waiting, limit, width = sources, np.float32(0), self._lengths.min()
        while len(waiting):
            limit = max(limit + width, self.far[waiting].min() + width)
            ready = self.far[waiting] < limit
            now, waiting = _once(waiting[ready], self._turn), waiting[~ready]
            waiting = np.concatenate([waiting, *self._pass_on(now)])

    def _pass_on(self, now: Ints) -> list[Ints]:
        """Reach the neighbours of some blocks; those that are now nearer."""
        found, codes, nearest = [], self._frame.codes, self.far[now]
        for n, (offset, length) in enumerate(zip(self._offsets, self._lengths, strict=True)):
            places, far = now + offset, nearest + length
            better = np.flatnonzero(self.far[places] > far)
            better = better[touching()[n, codes[now[better]], codes[places[better]]]]
            reached = places[better]
            self.far[reached], self._came[reached] = far[better], n
            found.append(reached)
        return found

    def farthest(self) -> Ints:
        """Place of the block of each object that is farthest from its source, of those that can be reached."""
        nodes = self._frame.nodes
        far = np.where(np.isfinite(self.far[nodes]), self.far[nodes], -1)
        begins = np.flatnonzero(np.diff(self._frame.which, prepend=-1))
        most = np.flatnonzero(far == np.maximum.reduceat(far, begins)[self._frame.which])
        return np.asarray(nodes[most[np.searchsorted(self._frame.which[most], np.arange(len(begins)))]])

    def ways(self, ends: Ints) -> tuple[Ints, Ints]:
        """The shortest ways back to the sources.

        Returns:
            Which object each block of a way is of, rising, and its place; each way from its end to its source.
        """
        which, here = np.arange(len(ends)), ends
        objects, places = [which], [here]
        while True:
            on = self.far[here] > 0
            which, here = which[on], here[on]
            if not len(here):
                break
            here = here - self._offsets[self._came[here]]
            objects.append(which)
            places.append(here)
        order = np.argsort(np.concatenate(objects), kind="stable")
        return np.concatenate(objects)[order], np.concatenate(places)[order]


def _once(places: Ints, turn: NDArray[np.int32]) -> Ints:
    """Each place once."""
    numbers = np.arange(len(places), dtype=np.int32)
    turn[places] = numbers
    return np.asarray(places[turn[places] == numbers])
