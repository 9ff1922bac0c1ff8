"""Names and colours of labels, as OME-Zarr keeps them in ``image-label`` (ngff.openmicroscopy.org/0.4/#label-md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from batterycell.io.segments import Segment

_UNNAMED = "#999999"


def segments_of(label: dict[str, Any]) -> tuple[Segment, ...]:
    """The segments that a store names; none where it names none."""
    colors = {entry.get("label-value"): _hex(entry.get("rgba")) for entry in _entries(label.get("colors"))}
    found = []
    for entry in _entries(label.get("properties")):
        value, name = entry.get("label-value"), entry.get("name", entry.get("class"))
        if isinstance(value, int) and value > 0 and isinstance(name, str):
            found.append(Segment(name, colors.get(value, _UNNAMED), value))
    return tuple(found)


def label_of(segments: Sequence[Segment]) -> dict[str, Any]:
    """The attributes ``image-label`` that name segments."""
    colors = [{"label-value": one.value, "rgba": [*bytes.fromhex(one.color[1:]), 255]} for one in segments]
    properties = [{"label-value": one.value, "name": one.name} for one in segments]
    return {"version": "0.4", "colors": colors, "properties": properties}


def _entries(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _hex(rgba: Any) -> str:
    if not isinstance(rgba, list) or len(rgba) < 3 or not all(isinstance(one, int) and 0 <= one < 256 for one in rgba):
        return _UNNAMED
    return "#" + bytes(rgba[:3]).hex()
