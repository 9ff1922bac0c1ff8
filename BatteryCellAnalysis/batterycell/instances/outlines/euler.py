"""Euler number of instances: parts less tunnels plus hollows."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, Measure
from batterycell.tables import Column

from .windows import WindowPass, Windows

Ints = NDArray[np.int64]


class Euler:
    """Euler number with neighbours by corners, too (26, in 2D 8): the complex of closed voxels.

    Each corner, edge, face and voxel of the grid is the part of a window between its first corner and some of its
    axes. An instance has it where any voxel of that part is its own; χ is their number with alternating signs. Of the
    voxels of an instance in a part, the first stands for it.
    """

    name = "euler_number"
    by_rows = True

    def __init__(self, context: Context) -> None:
        self._sums = np.zeros(context.count + 1)
        self._corners = range(1 << context.dimension)
        self._tables = [_first_of_parts(corner, context.dimension) for corner in self._corners]
        context.share(WindowPass).feed(self)

    def take(self, windows: Windows) -> None:
        """Count the corners, edges, faces and voxels in some windows."""
        for corner in self._corners:
            labels = windows.labels[corner]
            code = _code(labels, windows.labels[:corner])
            self._sums += np.bincount(labels.astype(np.intp), self._tables[corner][code], len(self._sums))

    def add(self, slab: object) -> None:
        """Nothing to do: the windows are passed on by their finder."""

    def result(self) -> dict[str, NDArray[Any]]:
        """The column of the Euler number."""
        return {self.name: self._sums[1:].astype(np.int64)}


class EulerOfFaces(Euler):
    """Euler number with neighbours by faces alone (6, in 2D 4): voxels, less pairs, plus squares, less cubes."""

    name = "euler_number_6"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._table = _whole_parts(context.dimension)

    def take(self, windows: Windows) -> None:
        """Count the voxels, pairs, squares and cubes in some windows, each at its first voxel."""
        labels = windows.labels[0]
        code = _code(labels, windows.labels[1:])
        self._sums += np.bincount(labels.astype(np.intp), self._table[code], len(self._sums))


def _code(labels: NDArray[Any], others: NDArray[Any]) -> NDArray[np.uint8]:
    """Which of the others are equal to the labels, a bit each."""
    code = np.zeros(len(labels), np.uint8)
    for bit, other in enumerate(others):
        code |= (labels == other).view(np.uint8) << np.uint8(bit)
    return code


def _parts(dimension: int) -> list[tuple[int, int]]:
    """The parts of a window that hold its first corner: axes as bits, and how many."""
    axes = range(dimension)
    return [(sum(1 << axis for axis in some), n) for n in range(dimension + 1) for some in combinations(axes, n)]


def _first_of_parts(corner: int, dimension: int) -> Ints:
    """What a corner's instance gains: the signed number of the parts in which no earlier corner is of the instance.

    Returns:
        By the set of earlier corners of the same instance, shape (2^corner,).
    """
    holding = [(part, n) for part, n in _parts(dimension) if corner & part == corner]
    return np.array(
        [
            sum(
                (-1) ** (dimension - n)
                for part, n in holding
                if not any(alike >> earlier & 1 and earlier & part == earlier for earlier in range(corner))
            )
            for alike in range(1 << corner)
        ]
    )


def _whole_parts(dimension: int) -> Ints:
    """The signed number of parts that are all of the first corner's instance, by the set of corners that are."""
    corners = range(1, 1 << dimension)
    return np.array(
        [
            sum(
                (-1) ** n
                for part, n in _parts(dimension)
                if all(alike >> corner - 1 & 1 for corner in corners if corner & part == corner)
            )
            for alike in range(1 << len(corners))
        ]
    )


def _column(name: str, neighbours: str) -> tuple[Column, ...]:
    text = f"Parts less tunnels plus hollows (2D: parts less holes), {neighbours}."
    return (Column(name, "Euler number", "", text),)


_SOURCE = "Kong and Rosenfeld 1989, CVGIP 48, 357; Ohser, Nagel and Schladitz 2002, LNP 600, 275."

MEASURES = (
    Measure(
        "euler",
        "Euler number",
        lambda _: _column(Euler.name, "voxels that share a corner being connected (26; 2D: 8)"),
        "χ = corners − edges + faces − voxels of the closed voxels (2D: corners − edges + pixels).",
        _SOURCE,
        lambda context: context.share(Euler),
    ),
    Measure(
        "euler_6",
        "Euler number, neighbours by faces",
        lambda _: _column(EulerOfFaces.name, "only voxels that share a face being connected (6; 2D: 4)"),
        "χ = voxels − pairs + squares − cubes that are wholly of the object (2D: pixels − pairs + squares).",
        _SOURCE,
        lambda context: context.share(EulerOfFaces),
    ),
)
