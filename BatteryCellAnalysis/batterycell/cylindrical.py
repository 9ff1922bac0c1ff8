"""The stages of a cylindrical cell, one after another: each builds on what was found, and none stops the others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from .errors import InputError
from .measured import Stage
from .orient import Cell
from .overhang import measure_overhang, overhang_pieces
from .progress import Progress
from .recipe import AnalyzeRecipe
from .result import no_overhang
from .tables import Table
from .volume import Volume
from .winding import Windings, trace_windings

T = TypeVar("T")
FOREIGN = "image-foreign"
Work = Callable[[Progress], Any]
FindEnds = Callable[[Volume, Cell, int, Progress, Windings | None], Table]


@dataclass(frozen=True)
class Found:
    """What the stages build on.

    Args:
        volume: The cell.
        cell: Where it stands.
        windings: Its traced windings, or why they cannot be traced.
        overhang: Every overhang, or why none can be measured.
    """

    volume: Volume
    cell: Cell
    windings: Windings | InputError
    overhang: Table | InputError

    @property
    def table(self) -> Table:
        """Every overhang; no rows where none can be measured."""
        return no_overhang() if isinstance(self.overhang, InputError) else self.overhang


def find_sheets(
    volume: Volume, cell: Cell, recipe: AnalyzeRecipe, progress: Progress, find_ends: FindEnds | None = None
) -> Found:
    """Trace the windings and measure the overhang, as far as the recipe's stages need them."""
    in_pieces, find_ends = find_ends is None, find_ends or measure_overhang
    windings: Windings | InputError = InputError("windings-not-traced", "The windings were not traced.")
    overhang: Table | InputError = no_overhang()
    if set(recipe.stages) - {"can"}:
        tracing = progress.part(0.0, 0.3)
        windings = _attempt(lambda: tracing.kept("windings", lambda: trace_windings(volume, cell, tracing)))
    before, ahead = Found(volume, cell, windings, overhang), 0.95 if in_pieces else 0.5
    progress.part(0.3, ahead).ahead(lambda: find_pieces(before, recipe, progress, in_pieces))
    if _needs_overhang(recipe):
        traced = None if isinstance(windings, InputError) else windings
        part = progress.part(0.3 if progress.elsewhere is None else ahead, 1.0)
        overhang = _attempt(lambda: part.kept("overhang", lambda: find_ends(volume, cell, recipe.angles, part, traced)))
    return Found(volume, cell, windings, overhang)


def find_pieces(found: Found, recipe: AnalyzeRecipe, progress: Progress, overhang: bool = True) -> dict[str, Work]:
    """What of a cell can be measured side by side once its windings are traced, by the names under which it is kept.

    Args:
        found: The cell and its windings; its overhang is not looked at.
        recipe: The settings.
        progress: Keeps what several pieces need.
        overhang: Whether the overhang is measured at the edges of the image, which is done in pieces.
    """
    stages: dict[str, Work] = {
        step.kept_as: partial(step.measure, found) for step in STEPS if step.name in _ALONE & set(recipe.stages)
    }
    sheets = _sheet_pieces(found, recipe, progress, overhang and _needs_overhang(recipe))
    return stages | {name: _silent(work) for name, work in sheets.items()}


def stage_pieces(found: Found, recipe: AnalyzeRecipe) -> dict[str, Work]:
    """The recipe's stages, each as a whole, once all that they build on is found, by the names they are kept under."""
    return {step.kept_as: partial(step.measure, found) for step in STEPS if step.name in recipe.stages}


def _sheet_pieces(
    found: Found, recipe: AnalyzeRecipe, progress: Progress, overhang: bool
) -> dict[str, Callable[[], Any]]:
    """Blocks of half-planes, and parts of the roll; none of what cannot be measured."""
    from .inclusions import inclusion_pieces

    volume, cell, windings = found.volume, found.cell, found.windings
    traced, pieces = (None if isinstance(windings, InputError) else windings), dict[str, Callable[[], Any]]()
    with suppress(InputError):
        if overhang:
            pieces |= overhang_pieces(volume, cell, recipe.angles, progress, traced)
    with suppress(InputError):
        if "inclusions" in recipe.stages and traced is not None:
            pieces |= inclusion_pieces(volume, cell, traced, progress)
    return pieces


def _silent(work: Callable[[], Any]) -> Work:
    return lambda _: work()


def measure_stages(found: Found, recipe: AnalyzeRecipe, progress: Progress) -> tuple[Stage, ...]:
    """What every stage of the recipe finds; one that cannot measure becomes a note that says why.

    Raises:
        InputError: if no stage can measure anything.
    """
    steps = [step for step in STEPS if step.name in recipe.stages]
    last = 0.0 if progress.elsewhere is None else 0.9  # what others do of the stages, they do before
    progress.part(0.0, last).ahead(lambda: stage_pieces(found, recipe))
    progress = progress.part(last, 1.0)
    measured: list[Stage | InputError] = []
    for n, step in enumerate(steps):
        part = progress.part(n / len(steps), (n + 1) / len(steps))
        part.report(0.0, f"measuring the {step.title.lower()}")
        work = partial(step.measure, found, part)
        measured.append(_attempt(partial(part.kept, step.kept_as, work)))
    errors = [one for one in measured if isinstance(one, InputError)]
    if errors and len(errors) == len(measured):
        raise errors[0]
    return tuple(_noted(*pair) for pair in zip(steps, measured, strict=True))


@dataclass(frozen=True)
class Step:
    """A stage of the road.

    Args:
        name: Of the recipe's stages.
        title: Title for people.
        measure: Measures it.
    """

    name: str
    title: str
    measure: Callable[[Found, Progress], Stage]

    @property
    def kept_as(self) -> str:
        """The name under which what it finds is kept."""
        return f"stage-{self.name}"


def _overhang(found: Found, progress: Progress) -> Stage:
    from .overhang.stage import overhang_stage

    return overhang_stage(found.volume, found.cell, _needed(found.overhang))


def _can(found: Found, progress: Progress) -> Stage:
    from .can import measure_can

    return measure_can(found.volume, found.cell, progress)


def _winding(found: Found, progress: Progress) -> Stage:
    from .winding import measure_winding

    return measure_winding(found.volume, found.cell, _needed(found.windings), progress)


def _inclusions(found: Found, progress: Progress) -> Stage:
    from .inclusions import find_inclusions

    overhang = found.table if len(found.table) else None
    return find_inclusions(found.volume, found.cell, _needed(found.windings), progress, overhang)


def _objects(found: Found, progress: Progress) -> Stage:
    from .overhang import measure_objects

    return measure_objects(found.volume, found.cell, _needed(found.overhang), progress)


STEPS = (
    Step("overhang", "Overhang", _overhang),
    Step("can", "Can", _can),
    Step("winding", "Winding", _winding),
    Step("inclusions", "Inclusions", _inclusions),
    Step("objects", "Overhang regions", _objects),
)
# Of these, what builds on the windings at most, and is done as a whole.
_ALONE = {"can", "winding"}


def _needs_overhang(recipe: AnalyzeRecipe) -> bool:
    return bool({"overhang", "objects"} & set(recipe.stages))


def _noted(step: Step, measured: Stage | InputError) -> Stage:
    if isinstance(measured, InputError):
        return Stage(step.name, step.title, notes=(f"Not measured. {measured}",))
    return measured


def _attempt(work: Callable[[], T]) -> T | InputError:
    """What some work finds, or why it cannot.

    Raises:
        InputError: if the image is foreign to the model that was asked for: then the rest of it is doubtful, too.
    """
    try:
        return work()
    except InputError as error:
        if error.code == FOREIGN:
            raise
        return error


def _needed(value: T | InputError) -> T:
    if isinstance(value, InputError):
        raise value
    return value
