"""``batterycell overhang``, ``can``, ``winding``, ``inclusions``: one stage of the measurement on its own."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.output import result_folder
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe

from .cluster import add_cluster_option, chosen_cluster
from .display import text_table
from .dry_run import add_dry_run_option, workers_of
from .dry_run_cell import cell_dry_run
from .ends import add_ends_options
from .kept_run import helped, kept_run
from .options import (
    Parser,
    Subparsers,
    add_input_options,
    add_output_options,
    add_region_option,
    add_verb,
    load_options,
)
from .road import Call, add_measuring_options, chosen_recipe, load_tolerances, verdict_code

if TYPE_CHECKING:
    from batterycell.cylindrical import FindEnds
    from batterycell.io.kept import Keeper
    from batterycell.result import AnyResult

# What each verb measures, an example of its options, and what it writes beside the files of every stage.
_VERBS = {
    "overhang": ("Measure the overhang of every winding at every angle.", "--angles 72", "overhang.csv"),
    "can": ("Measure the can: diameters, wall, ovality, dents.", "--tolerances limits.toml", ""),
    "winding": ("Measure the windings: count, pitch, deviation from the ideal spiral, gaps, core.", "--json", ""),
    "inclusions": ("Find foreign particles and voids, and where in the winding they lie.", "--quiet", ""),
}

_ON_SLICES = ("can", "winding")
_IN_PIECES = ("overhang", "inclusions")


def add_parser(subparsers: Subparsers) -> None:
    """Add the verbs."""
    for verb, (summary, options, file) in _VERBS.items():
        example = f"batterycell {verb} scans/cell_7 --voxel-size 20,10,10 {options} --out results/cell_7_{verb}"
        tables = f"  {file}\n" if file else ""
        writes = f"writes into DIR:\n{tables}  quantities.csv, verdict.csv, and every table and map (.csv, .png)\n"
        parser = add_verb(subparsers, verb, summary, example, f"{writes}  summary.json, provenance.json, recipe.json")
        _add_arguments(parser)
        if verb == "overhang":
            add_ends_options(parser, with_labels=True)
        if verb in _IN_PIECES:
            add_cluster_option(parser)
            add_dry_run_option(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Measure the stage and write its folder; return its summary."""
    from batterycell.export import write_stage_folder

    options = replace(load_options(args), single=args.verb in _ON_SLICES)
    recipe = chosen_recipe(args, AnalyzeRecipe(stages=(args.verb,)))
    if args.dry_run:
        return {"dry_run": cell_dry_run(args.cell, _out(args), recipe, options, workers_of(args)).to_json()}
    with chosen_cluster(args) as cluster, result_folder(_out(args), args.overwrite) as folder:
        call = Call(options, args.words, args.overwrite, cluster=cluster)
        with kept_run(_out(args), args.cell, recipe, call, _labels(args)) as keeper:
            part = helped(progress, keeper, args.cell, recipe, call).part(0.0, 0.8)
            result = _measure(args, recipe, call, keeper, part)
            sources = call.sources(args.cell)
            sources = replace(sources, files=[*sources.files, *_label_files(args, result.recipe)])
            summary = write_stage_folder(result, folder, sources, progress.part(0.8, 1.0))
    keeper.remove()
    for note in summary["notes"]:
        print(f"batterycell: {note}", file=sys.stderr)
    return {**summary, "folder": str(_out(args))}


def describe(result: dict[str, Any]) -> str:
    """The quantities as a table, the verdict if asked for, and where everything is; or what it would take."""
    if "dry_run" in result:
        from batterycell.cluster.dry_run import describe_dry_run

        return describe_dry_run(result["dry_run"])
    from batterycell.told import is_judged, rounded

    found = result["quantities"].items()
    rows = [(name, rounded(one["value"], one["uncertainty"]), one["units"]) for name, one in found]
    verdict = result["verdict"]
    told = [verdict["text"]] if is_judged(verdict) else []
    return "\n".join([text_table(("quantity", "value ± 95 %", "unit"), rows), *told, f"Folder: {result['folder']}"])


def exit_code(result: dict[str, Any]) -> int:
    """4 where the cell fails by the tolerances that were given."""
    return verdict_code(result)


def _add_arguments(parser: Parser) -> None:
    parser.add_argument("cell", type=Path, metavar="CELL", help="an image, or a folder with its slices")
    add_input_options(parser)
    add_region_option(parser)
    add_output_options(parser, default="<cell>-<verb> in the current folder")
    add_measuring_options(parser)
    parser.set_defaults(cluster=None, dry_run=False)


def _measure(
    args: argparse.Namespace, recipe: AnalyzeRecipe, call: Call, keeper: Keeper, progress: Progress
) -> AnyResult:
    from batterycell.io import load_kept
    from batterycell.io.mapped import letting_go
    from batterycell.pipeline import analyze

    tolerances = load_tolerances(args)
    volume = load_kept(args.cell, call.options, keeper, progress.part(0.0, 0.1), call.cluster is not None)
    with letting_go(volume.array):
        result = analyze(volume, recipe, progress.part(0.1, 1.0), None, _find_ends(args))
    # A stack has a stage of its own, whatever was asked for.
    stages = {*recipe.stages, *(stage.name for stage in result.stages)}
    return replace(result, tolerances=tolerances.of_stages(stages)) if tolerances else result


def _labels(args: argparse.Namespace) -> list[Path]:
    """The segmentation from which the overhang is measured."""
    return [args.labels] if getattr(args, "labels", None) else []


def _find_ends(args: argparse.Namespace) -> FindEnds | None:
    """How the overhang is measured, where labels of this one cell say it."""
    from batterycell.end_sources import ends_from_labels

    return ends_from_labels(*_labels(args)) if _labels(args) else None


def _label_files(args: argparse.Namespace, recipe: AnalyzeRecipe) -> list[Path]:
    """The files of the segmentation, or of the model, from which the overhang was measured."""
    if _labels(args) or not recipe.model:
        return _labels(args)
    from batterycell.segment.model import find_model

    return sorted(path for path in find_model(recipe.model).folder.rglob("*") if path.is_file())


def _out(args: argparse.Namespace) -> Path:
    return args.out or Path(f"{args.cell.resolve().name.split('.')[0] or 'cell'}-{args.verb}")
