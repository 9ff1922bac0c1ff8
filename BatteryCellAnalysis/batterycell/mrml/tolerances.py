"""The tolerances by which a cell is judged, kept with its volume."""

from __future__ import annotations

import json
from typing import Any

from batterycell.tolerance import Limit, Tolerances

_TOLERANCES = "BatteryCell.Tolerances"


def set_tolerances(volume_node: Any, tolerances: Tolerances | None) -> None:
    """Keep tolerances with a cell; None forgets them."""
    values = {"source": tolerances.source, **tolerances.to_json()} if tolerances else None
    volume_node.SetAttribute(_TOLERANCES, json.dumps(values) if values else None)


def tolerances_of(volume_node: Any) -> Tolerances | None:
    """The tolerances of `set_tolerances`; None where there are none, or none that can be read."""
    try:
        values = json.loads(volume_node.GetAttribute(_TOLERANCES) or "")
        limits = tuple(Limit(name, **limit) for name, limit in values["limits"].items())
        return Tolerances(limits, values["title"], values["source"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
