"""Tables of figures that a model carries on its card: measured by scripts that anyone can run again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from batterycell.output import replace_file

from .fields import Fields, damaged

_LONGEST_TITLE, _LONGEST_NOTE, _LONGEST_CELL = 200, 2000, 200
_MOST_FIGURES, _MOST_ROWS, _MOST_HEADS = 30, 200, 20


@dataclass(frozen=True)
class Figure:
    """A table.

    Args:
        title: What it shows; no two of a model share one.
        heads: Heads of its columns.
        rows: Its cells, as they are read.
        note: What one must know to read it: data, date, how it was measured.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def figures_of(fields: Fields) -> tuple[Figure, ...]:
    """The figures that an object holds by that name, every value checked; none where it names none.

    Raises:
        InputError: if they are damaged.
    """
    if "figures" not in fields.values:
        return ()
    return tuple(_figure(one) for one in fields.objects("figures")[:_MOST_FIGURES])


def _figure(fields: Fields) -> Figure:
    heads = fields.texts("heads", _LONGEST_CELL)[:_MOST_HEADS]
    rows = fields.text_rows("rows", len(heads), _LONGEST_CELL)[:_MOST_ROWS]
    return Figure(fields.text("title", _LONGEST_TITLE), heads, rows, fields.text("note", _LONGEST_NOTE))


def write_figures(figures: Sequence[Figure], path: Path) -> None:
    """Write figures as JSON, for the card of a model: what a benchmark leaves.

    Raises:
        OutputError: if the file cannot be written.
    """
    text = json.dumps({"figures": [asdict(one) for one in figures]}, indent=1, ensure_ascii=False) + "\n"
    replace_file(path, lambda partial: _write_text(partial, text))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def read_figures(path: Path) -> tuple[Figure, ...]:
    """What `write_figures` wrote.

    Raises:
        InputError: if it is damaged.
    """
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise damaged(str(path), "it is no JSON") from error
    return figures_of(Fields(values, str(path)))


def with_figures(old: Sequence[Figure], new: Sequence[Figure]) -> tuple[Figure, ...]:
    """Figures with newer ones of the same title in their place, and the others after them."""
    newer = {one.title: one for one in new}
    return tuple({one.title: newer.get(one.title, one) for one in (*old, *new)}.values())


def markdown_table(figure: Figure) -> str:
    """The table in Markdown."""
    lines = [figure.heads, tuple("---" for _ in figure.heads), *figure.rows]
    return "\n".join(
        f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )
