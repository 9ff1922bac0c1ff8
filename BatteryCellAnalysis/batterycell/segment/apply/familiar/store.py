"""What a model knows the look of, as a file of its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.output import replace_file
from batterycell.segment.model.contents import read_file, read_manifest, write_manifest
from batterycell.segment.model.fields import Fields, damaged

from .descriptor import NUMBERS
from .statistics import Judge, Statistics

FAMILIARITY = "configs/familiarity.json"
# Another description of windows needs another number here.
_FORMAT = 1
_MOST_UNITS = 64
_DIGITS = 4


def write_statistics(folder: Path, statistics: Statistics) -> None:
    """Put them into a model's folder, and onto its list of checksums.

    Raises:
        OutputError: if they cannot be written.
    """
    text = json.dumps(to_json(statistics), separators=(",", ":")) + "\n"

    def write(path: Path) -> None:
        path.write_text(text, encoding="utf-8", newline="\n")

    replace_file(folder / FAMILIARITY, write)
    write_manifest(folder)


def read_statistics(folder: Path) -> Statistics | None:
    """Those of a model; None where it has none, or where there is no such folder.

    Raises:
        InputError: if they are damaged.
    """
    place = folder / FAMILIARITY
    if not place.is_file():
        return None
    data = read_file(folder, FAMILIARITY, read_manifest(folder).get(FAMILIARITY, "unknown"))
    try:
        values = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise damaged(str(place), "it is no JSON") from error
    return from_json(values, str(place))


def to_json(statistics: Statistics) -> dict[str, Any]:
    """In JSON's types."""
    return {
        "format": _FORMAT,
        "limit": _rounded([statistics.limit]),
        "middle": _rounded(statistics.middle),
        "spread": _rounded(statistics.spread),
        "judges": [
            {
                "weights": _rounded(judge.weights),
                "offsets": _rounded(judge.offsets),
                "rule": _rounded(judge.rule),
                "offset": _rounded([judge.offset]),
            }
            for judge in statistics.judges
        ],
    }


def from_json(values: Any, place: str) -> Statistics:
    """What `to_json` gave.

    Raises:
        InputError: if a value is missing or cannot be one.
    """
    fields = Fields(values, place)
    fields.whole("format", _FORMAT, _FORMAT)
    middle, spread = (np.array(fields.numbers(name, NUMBERS)) for name in ("middle", "spread"))
    judges = tuple(_judge(one) for one in fields.objects("judges"))
    if not judges or spread.min() <= 0:
        raise damaged(place, "it judges nothing")
    return Statistics(middle, spread, judges, fields.numbers("limit", 1)[0])


def _judge(fields: Fields) -> Judge:
    rule = fields.values.get("rule")
    units = len(rule) if isinstance(rule, list) else 0
    if not 1 <= units <= _MOST_UNITS:
        raise fields.wrong("rule", f"1 to {_MOST_UNITS} numbers")
    weights = np.array(fields.rows("weights", units))
    if weights.shape != (NUMBERS, units):
        raise fields.wrong("weights", f"{NUMBERS} rows")
    offsets, counts = (np.array(fields.numbers(name, units)) for name in ("offsets", "rule"))
    return Judge(weights, offsets, counts, fields.numbers("offset", 1)[0])


def _rounded(values: NDArray[np.float64] | list[float]) -> Any:
    return np.round(values, _DIGITS).tolist()
