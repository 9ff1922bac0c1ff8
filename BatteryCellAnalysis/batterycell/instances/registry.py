"""All measures of instances by name."""

from __future__ import annotations

from collections.abc import Sequence

from batterycell.errors import UsageError

from . import moments
from .context import Measure

MEASURES: dict[str, Measure] = {measure.name: measure for measure in (*moments.MEASURES,)}
COMMON: tuple[str, ...] = ("voxels", "volume")


def find_measures(names: Sequence[str]) -> tuple[Measure, ...]:
    """The measures of some names, each once, in that order.

    Raises:
        UsageError: if there is no measure of a name.
    """
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        message = f"There is no measure {', '.join(unknown)}."
        raise UsageError("measure-unknown", message, f"Choose from {', '.join(MEASURES)}.")
    return tuple(MEASURES[name] for name in dict.fromkeys(names))
