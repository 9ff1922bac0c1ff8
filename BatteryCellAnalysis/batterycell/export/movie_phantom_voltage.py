"""The voltages of generated cells: of movies whose particles share one potential of the lithium around."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from batterycell.movie.law.told import MV_PER_KT
from batterycell.phantom.movie.law import LawPhantom

# Of the generated law's μ(½) against lithium; about that of LiFePO4.
LEVEL_V = 3.42


def write_voltages(made: LawPhantom, folder: Path) -> tuple[str, ...]:
    """Write ``voltage-N.csv`` of each movie; none where particles have potentials of their own. Their names."""
    written = []
    for number, (movie, reservoir) in enumerate(zip(made.movies, made.reservoir_kt, strict=True), 1):
        if not np.allclose(reservoir, reservoir[:, :1]):
            continue
        volts = LEVEL_V - 1e-3 * MV_PER_KT * reservoir[:, 0]
        rows = [f"{time:.9g},{volt:.6f}" for time, volt in zip(movie.times_s, volts, strict=True)]
        text = "\n".join(["time_s,voltage_V", *rows]) + "\n"
        written.append(f"voltage-{number}.csv")
        (folder / written[-1]).write_text(text, encoding="utf-8")
    return tuple(written)
