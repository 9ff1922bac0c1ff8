"""Limits of the quantities of a cell."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

Severity = Literal["critical", "major", "minor"]
SEVERITIES: tuple[str, ...] = get_args(Severity)

EVERY_OVERHANG = "overhang"
_LEAST_READ_PERCENT = 50.0


@dataclass(frozen=True)
class Limit:
    """What is allowed of one quantity, or of every overhang, in the units of the quantity.

    Args:
        quantity: Name of the quantity; "overhang", "overhang.top" ... for every single overhang.
        lower: Least value that is allowed; -inf where there is none.
        upper: Greatest value that is allowed; inf where there is none.
        nominal: What it should be; NaN where nothing is said.
        severity: Whether the cell fails with it: "critical" and "major" fail, "minor" is only told.
        read_percent: For every overhang: the least share that must be readable for a pass.
    """

    quantity: str
    lower: float = -math.inf
    upper: float = math.inf
    nominal: float = math.nan
    severity: Severity = "major"
    read_percent: float = _LEAST_READ_PERCENT

    @property
    def is_row(self) -> bool:
        """Whether it holds for every single overhang."""
        return self.quantity.split(".")[0] == EVERY_OVERHANG

    @property
    def end(self) -> str:
        """For which end of the cell every overhang is limited; "" for all ends."""
        return self.quantity.partition(".")[2]


@dataclass(frozen=True)
class Tolerances:
    """The limits of a file.

    Args:
        limits: In the order of the file.
        title: What the file says about itself, e.g. the drawing.
        source: Name of the file.
    """

    limits: tuple[Limit, ...]
    title: str = ""
    source: str = ""

    def of_stages(self, stages: Iterable[str]) -> Tolerances:
        """Only the limits of some stages, by the first word of their quantities: for what measures one stage."""
        from .known import stage_of

        wanted = set(stages)
        kept = tuple(limit for limit in self.limits if stage_of(limit.quantity) in wanted)
        return Tolerances(kept, self.title, self.source)

    def limit_of(self, quantity: str) -> Limit | None:
        """The limit of a quantity."""
        return next((limit for limit in self.limits if limit.quantity == quantity), None)

    def to_json(self) -> dict[str, Any]:
        """In JSON's types, as `read_tolerances` reads them."""
        return {"title": self.title, "limits": {limit.quantity: _to_json(limit) for limit in self.limits}}


def _to_json(limit: Limit) -> dict[str, Any]:
    numbers = {name: getattr(limit, name) for name in ("nominal", "lower", "upper")}
    told: dict[str, Any] = {name: value for name, value in numbers.items() if math.isfinite(value)}
    if limit.is_row:
        told["read_percent"] = limit.read_percent
    return {**told, "severity": limit.severity}
