"""Several samples side by side: before and after cycling, lot against lot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError, UsageError
from batterycell.measured import Quantity, Stage
from batterycell.tables import Column, Table

COLUMNS = (
    Column("quantity", "Quantity", "", "Machine name of what is compared."),
    Column("title", "Title", "", "Name for people."),
    Column("units", "Units", "", "Units of values, differences and uncertainties."),
    Column("sample", "Sample", "", "Name of the sample."),
    Column("value", "Value", "", "The sample's value, in the units of its row."),
    Column("uncertainty", "Uncertainty (95 %)", "", "Half width of the value's 95 % interval; empty where unknown."),
    Column("difference", "Difference", "", "Value minus that of the first sample; empty for the first."),
    Column("u_difference", "Difference, uncertainty (95 %)", "", "Both uncertainties in quadrature."),
    Column(
        "differs",
        "Differs",
        "",
        "yes: by more than the difference's 95 % interval; no: within it; unknown without one, as of bare counts.",
    ),
)  # fmt: skip
_SAMPLE = Column("sample", "Sample", "", "Name of the sample.")
# Tables of distributions, which are put one under the other.
_DISTRIBUTIONS = ("microstructure_sizes", "microstructure_pores")
_TEXTS = ("quantity", "title", "units", "sample", "differs")
Row = dict[str, Any]


def compare(samples: Mapping[str, Sequence[Stage]]) -> Stage:
    """Put samples side by side; the first is what the others are held against.

    Two values differ at 95 % where the interval of their difference, the two half widths in quadrature (independent
    samples; JCGM 100:2008, 5.1), leaves out zero. That two intervals overlap does not mean that values agree.

    Args:
        samples: What was found in each, by its name.

    Returns:
        The stage "comparison" with the table ``comparison``, a row a quantity and sample, and
        ``comparison_sizes`` and ``comparison_pores``, the distributions of all samples, where there are some.

    Raises:
        UsageError: if there are fewer than two samples.
        InputError: if no two of them have a quantity in common.
    """
    if len(samples) < 2:
        raise UsageError("compare-one", "One sample cannot be compared.", "Name two results or more.")
    values = {name: {one.name: one for stage in stages for one in stage.quantities} for name, stages in samples.items()}
    _require_common(values)
    rows = [row for quantity in _all_names(values) for row in _rows(quantity, values)]
    data = {c.name: np.array([row[c.name] for row in rows], str if c.name in _TEXTS else float) for c in COLUMNS}
    tables = {"comparison": Table(COLUMNS, data), **_distributions(samples)}
    return Stage("comparison", "Comparison", tuple(_quantities(rows)), tables, (), tuple(_notes(rows, values)))


def _require_common(values: Mapping[str, Mapping[str, Quantity]]) -> None:
    if all(sum(name in found for found in values.values()) < 2 for name in _all_names(values)):
        hint = "Name their classes alike, e.g. --classes 0=pore,1=NMC, and measure them by the same verb."
        raise InputError("compare-nothing", "The results have no quantity in common.", hint)


def _all_names(values: Mapping[str, Mapping[str, Quantity]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for found in values.values() for name in found))


def _rows(name: str, values: Mapping[str, Mapping[str, Quantity]]) -> Iterator[Row]:
    """One row a sample that has the quantity."""
    reference = next(iter(values.values())).get(name)
    for n, (sample, found) in enumerate(values.items()):
        if name in found:
            one = found[name]
            row = {"quantity": name, "title": one.title, "units": one.units, "sample": sample}
            yield {
                **row,
                "value": one.value,
                "uncertainty": one.uncertainty,
                **_difference(one, reference if n else None),
            }


def _difference(one: Quantity, reference: Quantity | None) -> Row:
    if reference is None:
        return {"difference": np.nan, "u_difference": np.nan, "differs": ""}
    difference, half = one.value - reference.value, float(np.hypot(one.uncertainty, reference.uncertainty))
    # What was counted in an image is exact, and says nothing of the material: it has no interval to be held against.
    known = np.isfinite(difference) and np.isfinite(half) and half > 0
    differs = ("yes" if abs(difference) > half else "no") if known else "unknown"
    return {"difference": difference, "u_difference": half, "differs": differs}


def _quantities(rows: Sequence[Row]) -> Iterator[Quantity]:
    held = [row for row in rows if row["differs"] in ("yes", "no")]
    told = "Quantities of samples held against the first sample, both with an interval."
    yield Quantity("comparison_compared_count", "Compared", float(len(held)), 0.0, "", told)
    told = "How many of them differ from the first sample at 95 %."
    differing = sum(row["differs"] == "yes" for row in held)
    yield Quantity("comparison_differs_count", "Differ", float(differing), 0.0, "", told)


def _notes(rows: Sequence[Row], values: Mapping[str, Mapping[str, Quantity]]) -> Iterator[str]:
    held = sum(row["differs"] in ("yes", "no") for row in rows)
    if held:
        yield f"Of {held} comparisons at 95 %, about {held / 20:.0f} may be said to differ by chance alone."
    partial = [name for name in _all_names(values) if not all(name in found for found in values.values())]
    if partial:
        yield f"Not in every sample, and left as they are: {len(partial)} quantities, such as {partial[0]}."


def _distributions(samples: Mapping[str, Sequence[Stage]]) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for name in _DISTRIBUTIONS:
        tables = {
            sample: stage.tables[name] for sample, stages in samples.items() for stage in stages if name in stage.tables
        }
        if tables:
            found[name.replace("microstructure", "comparison")] = _stacked(tables)
    return found


def _stacked(tables: Mapping[str, Table]) -> Table:
    """Tables of the same columns one under the other, the sample's name in front."""
    columns = next(iter(tables.values())).columns
    names = np.concatenate([np.full(len(table), sample) for sample, table in tables.items()])
    data: dict[str, NDArray[Any]] = {c.name: np.concatenate([one[c.name] for one in tables.values()]) for c in columns}
    return Table((_SAMPLE, *columns), {"sample": names, **data})
