"""``batterycell microstructure``: the numbers of an electrode, each with its interval."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe

from .objects_call import ObjectsCall, describe, write_labels_result
from .objects_options import add_label_options, add_object_options, changed, label_reading, object_words
from .options import Subparsers, add_verb

__all__ = ["add_parser", "describe", "run"]

_WRITES = """writes into DIR:
  quantities.csv   fractions, ratios, sizes, surfaces, connectivity, tortuosity, fragmentation, with 95 % intervals
  instances.csv    one row a particle of the active materials; instances.nrrd, instances.ctbl
  *.csv, *.png     every distribution
  report.html, summary.json, provenance.json, recipe.json"""
# Particles of an electrode touch; what touches is not one of them.
_DEFAULT = ObjectsRecipe(verb="microstructure", separate="watershed")


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    example = (
        "batterycell microstructure labels.tif --voxel-size 0.1 --classes 0=pore,1=NMC,2=binder --active NMC "
        "--pore pore --out electrode"
    )
    summary = "Measure an electrode: fractions, sizes, surfaces, connectivity, fragmentation."
    parser = add_verb(subparsers, "microstructure", summary, example, _WRITES)
    add_label_options(parser, default="<labels>-microstructure in the current folder")
    active = (
        "class of active material, whose particles are measured; may be repeated (default: every one but the pores)"
    )
    parser.add_argument("--active", metavar="NAME", action="append", help=active)
    pore = "class of the pores (default: the one whose name begins with pore)"
    parser.add_argument("--pore", metavar="NAME", help=pore)
    unsure = "how unsure each label is, as of segment --uncertainty: it enters the intervals of fractions"
    parser.add_argument("--uncertainty", type=Path, metavar="FILE", help=unsure)
    parser.add_argument("--no-tortuosity", action="store_true", help="leave out what takes longest")
    add_object_options(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Measure the electrode and write its folder; return its summary."""
    from batterycell.io.labels import stem

    given = {**object_words(args), "of": args.active, "pore": args.pore}
    recipe = changed(_DEFAULT, {**given, "tortuosity": False if args.no_tortuosity else None})
    reading = label_reading(args)
    call = ObjectsCall(args.labels, recipe, reading, uncertainty=args.uncertainty, words=args.words, fresh=args.fresh)
    out = args.out or Path(f"{stem(args.labels)}-microstructure")
    return write_labels_result(call, out, args.overwrite, progress)
