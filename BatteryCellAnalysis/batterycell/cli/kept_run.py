"""What a measurement keeps beside its result until that is complete, and who helps with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell import __version__
from batterycell.errors import GOES_ON, Cancelled, InputError
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe

from .options import run_folder

if TYPE_CHECKING:
    from batterycell.io.kept import Keeper

    from .road import Call


@contextmanager
def kept_run(
    out: Path, source: Path, recipe: AnalyzeRecipe, call: Call, others: Sequence[Path] = ()
) -> Iterator[Keeper]:
    """Keep what is done, and say so where it is stopped; nothing is kept of an image that cannot be measured.

    Args:
        out: The result folder to be; what is kept lies beside it.
        source: The image.
        recipe: The settings.
        call: How it was asked for.
        others: Further files from which is measured.
    """
    from batterycell.io.checks import check_exists
    from batterycell.io.kept import Keeper
    from batterycell.pipeline import RESULT

    check_exists(source)
    keeper = Keeper(run_folder(out, fresh=False), _job(source, recipe, call, others))
    if call.fresh:
        keeper.clear()
    keeper.forget(RESULT)
    keeper.forget_files()
    if keeper.kept:
        print(f"batterycell: going on with what {keeper.folder} keeps of a broken run", file=sys.stderr)
    try:
        yield keeper
    except InputError as error:
        if error.code not in GOES_ON or not keeper.kept:
            keeper.remove()
        raise
    except (Cancelled, KeyboardInterrupt) as stop:
        if not keeper.kept:
            keeper.remove()
            raise
        cancelled = Cancelled()
        cancelled.hint = f"What was measured is kept in {keeper.folder}: the same command goes on there."
        raise cancelled from stop


def helped(progress: Progress, keeper: Keeper, source: Path, recipe: AnalyzeRecipe, call: Call) -> Progress:
    """A progress that keeps what is done, and has pieces of it done by the workers of a cluster where there is one.

    Raises:
        InputError: if the workers do not see the keeper's folder.
    """
    if call.cluster is None:
        return replace(progress, keeper=keeper)
    from batterycell.cell_spread import CellRun, spread_over

    call.cluster.require_folder(keeper.folder)
    run = CellRun(source, call.options, recipe, keeper.folder, keeper.job)
    return replace(progress, keeper=keeper, filer=keeper.file, elsewhere=spread_over(call.cluster, run))


def _job(source: Path, recipe: AnalyzeRecipe, call: Call, others: Sequence[Path]) -> dict[str, Any]:
    """What decides on the pieces of a measurement."""
    from batterycell.io.kept import identity
    from batterycell.provenance import input_files

    job = {
        "batterycell": __version__,
        "image": [(str(file.resolve()), identity(file)) for file in input_files(source)],
        "reading": call.options.to_json(),
        "recipe": asdict(recipe),
    }
    return {**job, "others": [(str(file.resolve()), identity(file)) for file in others]} if others else job
