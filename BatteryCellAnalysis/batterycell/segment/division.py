"""How mixed frames were divided: a model keeps it, so that what taught it never judges it in a later round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

KEY = "divisions"
_WIDEST = 64
_NUMBERS = ("rows", "columns", "validates", "trains")
Place = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Division:
    """Which blocks of the mixed frames of one image, of the same rows and columns, train and which validate.

    Args:
        image: The image's name.
        rows: First row of each block, and one past the last; empty where the whole image is on one side.
        columns: Likewise.
        half_gap: Pixels at the border of a block that nobody uses where the next one is on the other side.
        validates: Numbers of the blocks that validate, row by row; of a whole image 0, or none.
        trains: Numbers of those that train. All others held no labels, and may become either.
    """

    image: str
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()
    half_gap: int = 0
    validates: tuple[int, ...] = ()
    trains: tuple[int, ...] = ()

    @property
    def place(self) -> Place:
        """The image, and rows and columns of the frames; none of a whole image."""
        return self.image, (self.rows[-1], self.columns[-1]) if self.rows else ()

    @property
    def is_sound(self) -> bool:
        """Whether it divides anything: a model may come from anywhere."""
        edges = (self.rows, self.columns)
        rises = all(not one or (one[0] == 0 and all(a < b for a, b in pairwise(one))) for one in edges)
        blocks = max(1, (len(self.rows) - 1) * (len(self.columns) - 1)) if rises else 0
        numbers = {*self.validates, *self.trains}
        twice = set(self.validates) & set(self.trains)
        same = bool(self.rows) == bool(self.columns) and 0 <= self.half_gap <= _WIDEST
        return rises and same and numbers <= set(range(blocks)) and not twice


def describe_divisions(divisions: tuple[Division, ...]) -> list[dict[str, Any]]:
    """Divisions in JSON's types."""
    return [asdict(one) for one in divisions]


def read_divisions(values: Any) -> tuple[Division, ...]:
    """What `describe_divisions` described; what cannot be used is left out."""
    return tuple(one for one in _divisions(values) if one.is_sound)


def _divisions(values: Any) -> Iterator[Division]:
    for one in values if isinstance(values, list) else []:
        if isinstance(one, dict) and isinstance(one.get("image"), str) and type(one.get("half_gap")) is int:
            rows, columns, validates, trains = (_wholes(one.get(name)) for name in _NUMBERS)
            yield Division(one["image"], rows, columns, one["half_gap"], validates, trains)


def _wholes(values: Any) -> tuple[int, ...]:
    return tuple(value for value in values if type(value) is int) if isinstance(values, list | tuple) else ()
