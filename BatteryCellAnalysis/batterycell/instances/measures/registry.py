"""All measures of instances by name."""

from __future__ import annotations

from collections.abc import Sequence

from batterycell.errors import UsageError
from batterycell.instances.bodies import feret, geodesic, hull
from batterycell.instances.outlines import contact, distance, euler, roundness, surface

from . import axes, intensity, place, size
from .context import Measure

# What costs little beside reading the volume.
_COMMON = (*size.MEASURES, *place.MEASURES, *axes.MEASURES, *intensity.MEASURES)
COMMON: tuple[str, ...] = tuple(measure.name for measure in _COMMON)
# What needs neighbours or whole objects.
_MORE = (
    *(*feret.MEASURES, *hull.MEASURES, *surface.MEASURES, *roundness.MEASURES),
    *(*geodesic.MEASURES, *euler.MEASURES, *contact.MEASURES, *distance.MEASURES),
)
MEASURES: dict[str, Measure] = {measure.name: measure for measure in (*_COMMON, *_MORE)}


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
