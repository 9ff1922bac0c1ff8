"""The main job from a file to a result folder, as the verbs for one cell and for many call it."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from batterycell.errors import UsageError
from batterycell.output import check_room, result_folder
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe

from .ends import chosen_ends
from .kept_run import helped, kept_run

if TYPE_CHECKING:
    from batterycell.cluster import Cluster
    from batterycell.io import LoadOptions
    from batterycell.provenance import Sources
    from batterycell.tolerance import Tolerances

# The scene's file is packed from an unpacked copy beside it; of a large volume it holds a preview.
_SCENE_COPIES = 2
_PICTURES_BYTES = 20_000_000


class Call(NamedTuple):
    """How a result was asked for.

    Args:
        options: How to read the image.
        words: The words of the command line.
        overwrite: Whether an older result may be replaced.
        fresh: Whether to begin anew where a broken run would go on.
        cluster: Whose workers do pieces of it; None for this process alone.
    """

    options: LoadOptions
    words: list[str]
    overwrite: bool
    fresh: bool = False
    cluster: Cluster | None = None

    def sources(self, image: Path) -> Sources:
        """Where a result that was made from an image comes from."""
        from batterycell.provenance import Sources, input_files

        command = shlex.join(["batterycell", *self.words])
        return Sources(input_files(image), command, reading=self.options.to_json())


def measure_file(
    source: Path,
    out: Path,
    recipe: AnalyzeRecipe,
    call: tuple[LoadOptions, list[str], bool] | Call,
    progress: Progress,
    tolerances: Tolerances | None = None,
) -> dict[str, Any]:
    """Measure one image and write its result folder, whole or not at all.

    What is done is kept beside it until it is complete: after an end of any kind the same call goes on from there.

    Args:
        source: The image.
        out: The result folder to be.
        recipe: The settings.
        call: How it was asked for, a `Call`.
        progress: Told how far it is; asked whether to stop.
        tolerances: What the cell is judged by; None for the hard rule on negative overhang alone.

    Returns:
        The summary.
    """
    from batterycell.io import load_kept
    from batterycell.io.mapped import letting_go
    from batterycell.mrml.lessened import LARGEST_SCENE_BYTES
    from batterycell.pipeline import analyze, write_results

    asked = Call(*call)
    with result_folder(out, asked.overwrite) as folder, kept_run(out, source, recipe, asked) as keeper:
        progress = helped(progress, keeper, source, recipe, asked)
        progress.report(0.0, "reading the cell")
        shared = asked.cluster is not None
        volume = load_kept(source, asked.options, keeper, progress.part(0.0, 0.05), shared)
        check_room(folder, _SCENE_COPIES * min(volume.array.nbytes, LARGEST_SCENE_BYTES) + _PICTURES_BYTES)
        with letting_go(volume.array):
            result = analyze(volume, recipe, progress.part(0.05, 0.75), tolerances)
            summary = write_results(result, folder, asked.sources(source), progress.part(0.75, 1.0))
    keeper.remove()
    return summary


def add_measuring_options(parser: argparse.ArgumentParser) -> None:
    """Add what the verbs that measure a cell ask for."""
    parser.add_argument(
        "--angles", type=int, metavar="N", help=f"half-planes around the axis (default: {AnalyzeRecipe().angles})"
    )
    parser.add_argument(
        "--voxel-size-uncertainty",
        type=float,
        metavar="PERCENT",
        help="half width of the voxel size's 95 %% interval, in every length's interval then (default: exact)",
    )
    parser.add_argument("--tolerances", type=Path, metavar="FILE", help="limits to judge the cell by (TOML or JSON)")


def chosen_recipe(args: argparse.Namespace, recipe: AnalyzeRecipe) -> AnalyzeRecipe:
    """A recipe with what the words of `add_measuring_options` and `ends.add_ends_options` change in it.

    Raises:
        UsageError: if it cannot be measured so.
        InputError: if there is no such model.
    """
    from batterycell.end_sources import settle_ends

    given = {"angles": args.angles, "voxel_size_percent": args.voxel_size_uncertainty}
    changes = {**{name: value for name, value in given.items() if value is not None}, **chosen_ends(args)}
    try:
        return settle_ends(replace(recipe, **changes))
    except ValueError as error:
        raise UsageError("measuring", f"{error}", "--help says what can be given") from error


def load_tolerances(args: argparse.Namespace) -> Tolerances | None:
    """The tolerances that were named; None for none.

    Raises:
        InputError: if they cannot be read.
    """
    from batterycell.tolerance import read_tolerances

    return read_tolerances(args.tolerances) if args.tolerances else None


def verdict_code(summary: dict[str, Any]) -> int:
    """The exit code of a judged cell: 4 where it fails by tolerances that were given, else 0."""
    verdict = summary.get("verdict") or {}
    return 4 if verdict.get("tolerances") and verdict["outcome"] == "fail" else 0
