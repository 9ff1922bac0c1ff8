"""Objects as files: the table as CSV or Parquet, the label volume, its colour table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.errors import UsageError
from batterycell.instances.find.room import release
from batterycell.mrml.raw_nrrd import write_packed_nrrd
from batterycell.progress import Progress
from batterycell.tables import Table, write_csv
from batterycell.volume import Volume

FORMATS = ("csv", "parquet")
_SPACE = re.compile(r"\s+")


def check_format(name: str) -> None:
    """Refuse a format that cannot be written here, before long work rather than at its end.

    Raises:
        UsageError: if the package that writes it is not installed.
    """
    if name == "parquet":
        try:
            import pyarrow  # noqa: F401
        except ImportError as error:
            hint = "pip install 'batterycell[parquet]', or choose --format csv."
            raise UsageError("parquet-missing", "Parquet files need the package pyarrow.", hint) from error


def write_table(table: Table, path: Path) -> None:
    """Write a table; the suffix of the path, ``.csv`` or ``.parquet``, chooses how."""
    if path.suffix == ".parquet":
        write_parquet(table, path)
    else:
        write_csv(table, path)


def write_parquet(table: Table, path: Path) -> None:
    """Write a table as Apache Parquet; each column's field carries its title, units and description."""
    import pyarrow
    from pyarrow import parquet

    fields = []
    for column in table.columns:
        meaning = {"title": column.title, "units": column.units, "description": column.description}
        fields.append(pyarrow.field(column.name, _arrow_type(table[column.name]), metadata=meaning))
    arrays = [pyarrow.array(table[field.name], field.type, from_pandas=True) for field in fields]
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields)), path)


def read_parquet(path: Path) -> Table:
    """Read a table of `write_parquet`."""
    from pyarrow import parquet

    from batterycell.tables import Column

    read = parquet.read_table(path)
    columns = []
    for field in read.schema:
        meaning = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        columns.append(Column(field.name, *(meaning.get(key, "") for key in ("title", "units", "description"))))
    data = {column.name: _values(read.column(column.name)) for column in columns}
    return Table(tuple(columns), data)


def write_instances(instances: Volume, path: Path, progress: Progress) -> None:
    """Write the objects' label volume as compressed NRRD, one number an object."""
    for share in write_packed_nrrd(instances.array, instances.ijk_to_ras, path):
        release(instances.array)  # of a map of a file, every page that was read would be held
        progress.report(share, "writing the objects")


def write_color_table(classes: NDArray[Any], path: Path) -> None:
    """Write the colours of objects as a colour table of Slicer (.ctbl): number, name, red, green, blue, opacity.

    Args:
        classes: Name of each object's class, shape (n,).
        path: Where to.
    """
    colors = palette.object_colors(len(classes)).tolist()
    names = ["Background", *(f"{_SPACE.sub('_', name)}_{n}" for n, name in enumerate(classes.tolist(), 1))]
    lines = [
        f"{n} {name} {r} {g} {b} {255 if n else 0}"
        for n, (name, (r, g, b)) in enumerate(zip(names, colors, strict=True))
    ]
    head = [f"# Color table file {path.name}", f"# {len(lines)} values"]
    path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


def _arrow_type(values: NDArray[Any]) -> Any:
    import pyarrow

    return pyarrow.string() if values.dtype.kind == "U" else pyarrow.from_numpy_dtype(values.dtype)


def _values(column: Any) -> NDArray[Any]:
    values = column.to_numpy()
    return values.astype(str) if values.dtype == object else np.asarray(values)
