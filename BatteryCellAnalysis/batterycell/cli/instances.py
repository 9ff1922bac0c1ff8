"""``batterycell instances``: every region of a class as one object, with its measures."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe

from . import objects_call
from .cluster import add_cluster_option, chosen_cluster
from .dry_run import add_dry_run_option, workers_of
from .objects_call import ObjectsCall, write_labels_result
from .objects_options import add_label_options, add_object_options, changed, label_reading, object_words
from .options import Parser, Subparsers, add_verb

__all__ = ["add_parser", "describe", "run"]

_WRITES = """writes into DIR:
  instances.csv    one row an object: number, class, border, weight, and its measures (or instances.parquet)
  instances.nrrd   the objects' numbers as a label volume, instances.ctbl its colours
  quantities.csv   counts, densities and sizes of each class with their 95 % intervals
  labels.png, sizes.png, shapes.png, report.html
  summary.json, provenance.json, recipe.json"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    example = "batterycell instances cathode.seg.nrrd --of particle --separate watershed --min-size 0.5 --out particles"
    parser = add_verb(subparsers, "instances", "Measure every region of a class as one object.", example, _WRITES)
    add_label_options(parser, default="<labels>-instances in the current folder")
    parser.add_argument("--of", metavar="NAME,...", help="classes whose regions are objects (default: every one)")
    image = "grey values on the labels' grid: least, mean, greatest and deviation in every object; may be repeated"
    parser.add_argument("--image", type=Path, nargs="+", default=[], metavar="IMAGE", help=image)
    numbered = "every value is an object already, as other programs number them; gaps are closed"
    parser.add_argument("--numbered", action="store_true", help=numbered)
    add_object_options(parser)
    names = "measures by name; common and all stand for several (default: common)"
    parser.add_argument("--measures", metavar="NAME,...", help=names)
    edits = "merges, splits and removals of objects (JSON), as the desktop saves them"
    parser.add_argument("--edits", type=Path, metavar="FILE", help=edits)
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", help="of the table (default: csv)")
    add_cluster_option(parser)
    add_dry_run_option(parser)
    _add_list(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Measure the objects and write their folder; return its summary."""
    from batterycell.io.labels import stem

    given = {**object_words(args), "of": _names(args.of), "measures": _names(args.measures)}
    given |= {"numbered": args.numbered or None}
    call = ObjectsCall(
        args.labels,
        changed(ObjectsRecipe(), given),
        label_reading(args),
        images=args.image,
        edits=args.edits,
        format=args.format,
        words=args.words,
        fresh=args.fresh,
    )
    if args.dry_run:
        return {"dry_run": _dry_run(call, workers_of(args), progress)}
    out = args.out or Path(f"{stem(args.labels)}-instances")
    with chosen_cluster(args) as cluster:
        return write_labels_result(replace(call, cluster=cluster), out, args.overwrite, progress)


def describe(result: dict[str, Any]) -> str:
    """The quantities as a table, and where everything is."""
    if "dry_run" not in result:
        return objects_call.describe(result)
    from batterycell.cluster.dry_run import describe_dry_run

    return describe_dry_run(result["dry_run"])


def _dry_run(call: ObjectsCall, workers: int, progress: Progress) -> dict[str, Any]:
    from batterycell.objects import Asked

    from .dry_run_samples import instances_dry_run

    return instances_dry_run(call.file.open(progress), Asked(call.recipe), workers).to_json()


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(word.strip() for word in text.split(",") if word.strip())


class _ListMeasures(argparse.Action):
    """Print what can be measured, and leave."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from batterycell.instances.measures.registry import COMMON, MEASURES

        for one in MEASURES.values():
            mark = "*" if one.name in COMMON else " "
            print(f"{mark} {one.name}: {one.title}. {one.formula} [{one.source}]")
        print("* common")
        parser.exit()


def _add_list(parser: Parser) -> None:
    text = "name every measure with its formula and source, and leave"
    parser.add_argument("--list-measures", action=_ListMeasures, nargs=0, help=text)
