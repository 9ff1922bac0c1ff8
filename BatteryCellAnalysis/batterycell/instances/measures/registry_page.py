"""The page of all measures, docs/measures.md, written from their registry.

``python -m batterycell.instances.measures.registry_page docs/measures.md`` writes it anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from batterycell.slabs import SlabSource
from batterycell.tables import Column

from .context import Companions, Context, Measure
from .registry import COMMON, MEASURES

_HEAD = """# Measures of objects

Chosen by name: `batterycell instances LABELS --measures volume,axes`; `common` stands for {common}; `all` for all.
N is the number of voxels of an object, h the voxel size along an axis, d = 2 or 3 the dimension. `image` and `class`
in a column's name stand for the name of each image and of each class. A label without voxels has empty values.

Written by `python -m batterycell.instances.measures.registry_page docs/measures.md`.
"""


def measures_page() -> str:
    """All measures with title, columns in 3D and 2D, units, formula and source, in Markdown."""
    common = ", ".join(f"`{name}`" for name in COMMON)
    return "\n".join([_HEAD.format(common=common), *map(_section, MEASURES.values())])


def _section(measure: Measure) -> str:
    solid, flat = (measure.columns(_example(dimension)) for dimension in (3, 2))
    lines = ["| column | in | unit | title | what it is |", "|---|---|---|---|---|"]
    lines += [_line(column, "3D, 2D" if column in flat else "3D") for column in solid]
    lines += [_line(column, "2D") for column in flat if column not in solid]
    head = f"## {measure.title}: `{measure.name}`\n\n{measure.formula}\n\nSource: {measure.source}\n"
    return "\n".join([head, *lines, ""])


def _line(column: Column, dimensions: str) -> str:
    return f"| `{column.name}` | {dimensions} | {column.units} | {column.title} | {column.description} |"


def _example(dimension: int) -> Context:
    """A context with one image and one class, for the names of their columns."""
    source = SlabSource.of_array(np.zeros((1, 1, 1), np.uint8))
    along = Companions(dimension, None, np.zeros(1, int), {1: "class"}, source, {"image": source})
    return Context(0, (1.0, 1.0, 1.0), source, along)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(measures_page(), encoding="utf-8")
