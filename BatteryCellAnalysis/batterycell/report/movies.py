"""The page of several movies: what became of each, their numbers side by side, and pictures."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.measured import QUANTITY_COLUMNS, Quantity, quantities_from_table
from batterycell.pictures.lot_chart import LotChart, lot_chart
from batterycell.pictures.save import save_figure
from batterycell.tables import Table, read_csv
from batterycell.told import rounded

from .movie import FACTS
from .page import data_url, page_colors, template

# The first two of these that a folder holds tell most of it; those of later steps come first.
_PICTURES = {
    "law.png": "exchange current and chemical potential",
    "k.png": "reactivity",
    "rate.png": "rates",
    "uniformity.png": "uniformity over composition",
    "kinetics.png": "fraction and C-rate over time",
    "lithium.png": "lithium",
    "lithium_mean.png": "lithium of the particles",
    "particles.png": "particles",
    "drift.png": "drift",
}
_EACH, _MOST_DRAWN, _MOST_CHARTS = 2, 12, 6
_WORDS: dict[str, type] = dict.fromkeys(("quantity", "title", "units", "description"), str)


@dataclass(frozen=True)
class _Movie:
    """What is known of one movie."""

    row: dict[str, Any]
    quantities: dict[str, Quantity]
    pictures: list[tuple[str, str]]


def write_movies_report(table: Table, provenance: dict[str, Any], out: Path, path: Path) -> None:
    """Write the page.

    Args:
        table: One row a movie, as in ``movies.csv``.
        provenance: Of `batterycell.provenance.describe_files`.
        out: The folder with the movies' folders.
        path: The file.
    """
    movies = [_movie({name: table[name][n].item() for name in table.data}, n, out) for n in range(len(table))]
    measured = [one for one in movies if one.quantities]
    page = template("movies.html.jinja").render(
        name=out.resolve().name,
        movies=movies,
        measured=measured,
        rows=_rows(measured),
        charts=_charts(measured),
        provenance=provenance,
        colors=page_colors(),
        files=[],
    )
    path.write_text(page, encoding="utf-8")


def _movie(row: dict[str, Any], number: int, out: Path) -> _Movie:
    if not row["folder"]:
        return _Movie(row, {}, [])
    folder = out / row["folder"]
    found = quantities_from_table(read_csv(folder / "quantities.csv", QUANTITY_COLUMNS, _WORDS))
    shown = [name for name in _PICTURES if (folder / name).is_file()][: _EACH if number < _MOST_DRAWN else 0]
    pictures = [(data_url(folder / name), f"{row['movie']}: {_PICTURES[name]}") for name in shown]
    return _Movie(row, {one.name: one for one in found}, pictures)


def _rows(movies: list[_Movie]) -> list[tuple[Quantity, list[str]]]:
    """Every quantity, and its value in each movie."""
    every = {name: one for movie in movies for name, one in movie.quantities.items()}
    return [(one, [_value(movie.quantities.get(name)) for movie in movies]) for name, one in every.items()]


def _value(one: Quantity | None) -> str:
    return "" if one is None else rounded(one.value, one.uncertainty)


def _charts(movies: list[_Movie]) -> list[tuple[str, str]]:
    """The numbers that everybody wants, over the movies."""
    if len(movies) < 2:
        return []
    names = [name for name in FACTS if not name.endswith("_count") and sum(_is_known(one, name) for one in movies) > 1]
    with tempfile.TemporaryDirectory() as folder:
        return [_chart(movies, name, Path(folder) / "chart.png") for name in names[:_MOST_CHARTS]]


def _is_known(movie: _Movie, name: str) -> bool:
    return bool(np.isfinite(_number(movie, name, "value")))


def _chart(movies: list[_Movie], name: str, path: Path) -> tuple[str, str]:
    one = next(movie.quantities[name] for movie in movies if name in movie.quantities)
    values, u = (np.array([_number(movie, name, part) for movie in movies]) for part in ("value", "uncertainty"))
    names, nothing = [movie.row["movie"] for movie in movies], np.zeros(len(movies), bool)
    limits = (-np.inf, np.inf)
    save_figure(lot_chart(LotChart(one.title, one.units, names, values, u, limits, np.nan, nothing)), path)
    return data_url(path), f"{one.title}. {one.description}"


def _number(movie: _Movie, name: str, part: str) -> float:
    one = movie.quantities.get(name)
    return np.nan if one is None else float(getattr(one, part))
