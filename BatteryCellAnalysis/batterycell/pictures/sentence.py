"""What a picture shows, in one line over it."""

from __future__ import annotations

from batterycell.result import negative, readable
from batterycell.tables import Table


def finding(rows: Table) -> str:
    """Count, mean, standard deviation and negatives: ``118 read, mean 688 µm, sd 75 µm, 1 negative``."""
    values = rows["overhang_um"][readable(rows)]
    mean = [f"mean {values.mean():.0f} µm"] if len(values) else []
    spread = [f"sd {values.std(ddof=1):.0f} µm"] if len(values) > 1 else []
    return ", ".join([f"{len(values) or 'none'} read", *mean, *spread, f"{negative(rows).sum()} negative"])
