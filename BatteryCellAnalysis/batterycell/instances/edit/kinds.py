"""What can be corrected by hand, in words that are kept as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from batterycell.errors import InputError

Kind = Literal["merge", "split", "remove"]
_HINT = 'Give [{"kind": "merge", "ids": [3, 8]}, {"kind": "split", "ids": [5], "points": [[i, j, k], ...]}, ...].'


@dataclass(frozen=True)
class Edit:
    """One correction.

    Args:
        kind: "merge" makes all of ``ids`` the one of the lowest number; "split" divides the only one of ``ids``, at its
            narrowest place into two, or into one part a point; "remove" turns ``ids`` into nothing.
        ids: Numbers of the objects, as they are when all edits before were done.
        points: Voxels (i, j, k) inside the object, one in each part; for a split only.

    Raises:
        InputError: if it makes no sense.
    """

    kind: Kind
    ids: tuple[int, ...]
    points: tuple[tuple[int, int, int], ...] = ()

    def __post_init__(self) -> None:
        require(self.kind in get_args(Kind), f"There is no edit {self.kind!r}")
        require(len(set(self.ids)) == len(self.ids), f"An object is named twice in {self.kind} {self.ids}")
        require(self.kind != "merge" or len(self.ids) > 1, "One object alone cannot be merged")
        require(self.kind != "split" or len(self.ids) == 1, "Objects are split one at a time")
        require(self.kind != "remove" or bool(self.ids), "No object is named that is to be removed")
        require(self.kind == "split" or not self.points, f"Points make no sense in {self.kind}")
        require(len(self.points) != 1, "One point does not split an object")

    @classmethod
    def from_json(cls, value: Any) -> Edit:
        """An edit as `to_json` gives it.

        Raises:
            InputError: if it is none.
        """
        require(isinstance(value, dict) and set(value) <= {"kind", "ids", "points"}, f"{value!r} is no edit")
        ids, points = value.get("ids", ()), value.get("points", ())
        require(_are_whole(ids), f"{ids!r} are no numbers of objects")
        require(isinstance(points, list | tuple) and all(_are_whole(one, 3) for one in points), "Points are (i, j, k)")
        return cls(value.get("kind"), tuple(ids), tuple((i, j, k) for i, j, k in points))

    def to_json(self) -> dict[str, Any]:
        """The edit in JSON's types."""
        points = {"points": [list(one) for one in self.points]} if self.points else {}
        return {"kind": self.kind, "ids": list(self.ids), **points}


def read_edits(values: Any) -> tuple[Edit, ...]:
    """Edits as JSON lists them.

    Raises:
        InputError: if they are none.
    """
    require(isinstance(values, list | tuple), "Edits are a list")
    return tuple(one if isinstance(one, Edit) else Edit.from_json(one) for one in values)


def _are_whole(values: Any, count: int = -1) -> bool:
    whole = isinstance(values, list | tuple) and all(type(one) is int and one >= 0 for one in values)
    return whole and count in (-1, len(values))


def require(holds: bool, message: str, hint: str = _HINT) -> None:
    """Refuse an edit.

    Raises:
        InputError: unless it holds.
    """
    if not holds:
        raise InputError("instances-edit", f"{message}.", hint)
