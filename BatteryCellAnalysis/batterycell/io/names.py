"""Names of slices: their natural order, and the numbers that are missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from batterycell.errors import InputError

_NUMBER = re.compile(r"(\d+)")
_MOST_NAMED = 5


def order_slices(files: list[Path]) -> list[Path]:
    """Slices in natural order (im2 before im10).

    Raises:
        InputError: if a number is missing in the sequence or comes twice, or names of several stacks are mixed.
    """
    ordered = sorted(files, key=natural_key)
    _check_one_stack(ordered)
    rows = [[int(number) for number in _NUMBER.findall(file.stem)] for file in ordered]
    columns = list(zip(*rows, strict=False))
    counting = [place for place, numbers in enumerate(columns) if len(set(numbers)) > 1]
    if counting:
        # Of several numbers in the name, the one with the fewest gaps counts the slices.
        place = min(counting, key=lambda place: _count_gaps(columns[place]))
        _check_sequence(ordered, columns[place], place)
    return ordered


def natural_key(path: Path) -> list[tuple[int, str]]:
    """Sorts digits as numbers and letters without regard to case."""
    parts = _NUMBER.split(path.name.lower())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _template(path: Path) -> str:
    return _NUMBER.sub("#", path.stem.lower())


def _check_one_stack(files: list[Path]) -> None:
    kinds = Counter(_template(file) for file in files)
    if len(kinds) in (1, len(files)):
        return
    odd = min(kinds, key=lambda kind: kinds[kind])
    example = next(file.name for file in files if _template(file) == odd)
    raise InputError(
        "mixed-names",
        f"{files[0].parent} mixes slices of different names: {kinds[odd]} like {example} among {len(files)}.",
        "Keep the slices of one stack in one folder.",
    )


def _steps(numbers: Sequence[int]) -> list[int]:
    return [after - before for before, after in pairwise(numbers)]


def _usual_step(numbers: Sequence[int]) -> int:
    return Counter(_steps(numbers)).most_common(1)[0][0]


def _count_gaps(numbers: Sequence[int]) -> int:
    usual = _usual_step(numbers)
    return sum(step != usual for step in _steps(numbers))


def _check_sequence(files: list[Path], numbers: Sequence[int], place: int) -> None:
    usual = max(1, _usual_step(numbers))
    missing: list[str] = []
    for file, number, step in zip(files, numbers, _steps(numbers), strict=False):
        if step < 1:
            raise InputError("slice-twice", f"{file.parent}: number {number} comes twice.", "Remove one of the two.")
        missing += [_renumbered(file, place, number + shift) for shift in range(usual, step, usual)]
    if missing:
        named = ", ".join(missing[:_MOST_NAMED]) + (" …" if len(missing) > _MOST_NAMED else "")
        raise InputError(
            "slice-missing",
            f"{files[0].parent}: {len(missing)} missing of {len(files) + len(missing)} slices: {named}.",
            "Add what is missing, or renumber the files if nothing is.",
        )


def _renumbered(file: Path, place: int, number: int) -> str:
    """The name of the file with another number at the place of one of its numbers."""
    found = list(_NUMBER.finditer(file.stem))[place]
    return file.name[: found.start()] + str(number).zfill(len(found[0])) + file.name[found.end() :]
