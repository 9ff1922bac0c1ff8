"""``batterycell segment``: a model on images."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.errors import Cancelled
from batterycell.progress import Progress

from .cluster import add_cluster_option, chosen_cluster
from .dry_run import add_dry_run_option, workers_of
from .options import Parser, add_input_options, add_verb, load_options

if TYPE_CHECKING:
    from batterycell.cluster import Cluster
    from batterycell.segment.apply import ApplySettings
    from batterycell.segment.apply.inputs import ImageFiles
    from batterycell.segment.model.bundle import LoadedModel
    from batterycell.segment_lot import SegmentLot

_WRITES = """IMAGE is a file, a folder of slices (one volume), or a folder of volumes; in a project (images/ beside
labels/), each picture is an image. Channels of one image are joined by +, as in se.png+bse.png, or lie in a folder a
channel that is called like the model's, with files of the same names.

writes into DIR, for each image:
  NAME.seg.nrrd          the classes, with names and colours, for Slicer
  NAME.uncertainty.nrrd  with --uncertainty: percent, 0 sure, 100 two classes equally likely
  provenance.json        files with checksums, model, settings
A broken run goes on where it stood; what was made from the same files, model and settings is kept.
Exit code 3 where an image failed; the others are done."""


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell segment scans/cell_7 --voxel-size 20,10,10 --model cell_top --out labels"
    parser = add_verb(subparsers, "segment", "Segment images with a trained model.", example, _WRITES)
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="file, folder of slices, or folder of images")
    parser.add_argument("--model", required=True, metavar="NAME|DIR", help="a model of the library, or its folder")
    add_input_options(parser)
    parser.add_argument(
        "--out", type=Path, default=Path("segmented"), metavar="DIR", help="folder for the results (default: segmented)"
    )
    parser.add_argument("--overwrite", action="store_true", help="make again what was made before")
    parser.add_argument("--region", type=region, metavar="Z:Z,Y:Y,X:X", help="only these voxels, the last not included")
    parser.add_argument("--uncertainty", action="store_true", help="write where the model is not sure")
    parser.add_argument("--flips", action="store_true", help="mean over mirrored images: four times the time, steadier")
    ways, said = (
        ("auto", "k", "j", "i", "around"),
        "axis across the slices, or half-planes around a cell's axis",
    )
    parser.add_argument("--along", choices=ways, default="auto", help=said)
    parser.add_argument("--foreign", action="store_true", help="also images that look like nothing the model knows")
    parser.add_argument("--device", default="auto", metavar="NAME", help="auto (default), cpu, cuda or cuda:N")
    add_cluster_option(parser)
    add_dry_run_option(parser)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Segment the images and return a row for each."""
    from batterycell.segment.apply.inputs import find_inputs
    from batterycell.segment_lot import SegmentLot

    progress.report(0.0, "loading the model")
    model = _load(args.model)
    images = find_inputs(args.images, model.info.channel_names)
    command = shlex.join(["batterycell", *args.words])
    lot = SegmentLot(args.out, _settings(args), load_options(args), args.overwrite, command)
    if args.dry_run:
        return {"images": [], "dry_run": _dry_run(images, model, lot, workers_of(args))}
    try:
        with chosen_cluster(args) as cluster:
            rows = _rows(cluster, images, model, lot, progress.part(0.02, 1.0))
    except (Cancelled, KeyboardInterrupt) as stop:
        cancelled = Cancelled()
        cancelled.hint = f"What was segmented is kept in {args.out}: the same command goes on there"
        raise cancelled from stop
    _tell(rows)
    return {"out": str(args.out), "model": model.info.name, "hash": model.hash, "images": rows}


def exit_code(result: dict[str, Any]) -> int:
    """3 where an image could not be segmented."""
    return 3 if any(row["status"] == "failed" for row in result["images"]) else 0


def describe(result: dict[str, Any]) -> str:
    """One line an image, and where the results are."""
    if "dry_run" in result:
        from batterycell.cluster.dry_run import describe_dry_run

        return describe_dry_run(result["dry_run"])
    width = max(len(row["image"]) for row in result["images"])
    lines = [f"{row['image']:{width}}  {_words(row)}" for row in result["images"]]
    return "\n".join([*lines, f"Folder: {result['out']}"])


def region(text: str) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Read ``Z:Z,Y:Y,X:X`` in voxels.

    Raises:
        argparse.ArgumentTypeError: if these are not three spans.
    """
    try:
        (z, back), (y, bottom), (x, right) = (map(int, part.split(":")) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not Z:Z,Y:Y,X:X in voxels, e.g. 10:20,0:512,0:512") from None
    return (z, y, x), (back, bottom, right)


def _load(name: str) -> LoadedModel:
    from batterycell.segment.model import find_model, load_model

    return load_model(find_model(name).folder)


def _settings(args: argparse.Namespace) -> ApplySettings:
    from batterycell.segment.apply import ApplySettings

    chosen = args.region, args.uncertainty, args.flips, args.along, args.device
    return ApplySettings(*chosen, foreign=args.foreign)


def _rows(
    cluster: Cluster | None, images: list[ImageFiles], model: LoadedModel, lot: SegmentLot, progress: Progress
) -> list[dict[str, Any]]:
    """Segment here, or on a cluster: image beside image where every worker has one, else block beside block."""
    from batterycell.segment_lot import segment_lot

    if cluster is None:
        return segment_lot(images, model, lot, progress)
    from batterycell.segment_lot.images import segment_lot_on
    from batterycell.segment_lot.pieces import spread_over

    cluster.require_folder(lot.out)
    cluster.require_inputs([model.folder, *(file for one in images for file in one.files)])
    if len(images) >= cluster.workers:
        return segment_lot_on(cluster, images, model, lot, progress)
    spread = replace(lot, apply=replace(lot.apply, spread=spread_over(cluster, lot.out)))
    return segment_lot(images, model, spread, progress)


def _dry_run(images: list[ImageFiles], model: LoadedModel, lot: SegmentLot, workers: int) -> dict[str, Any]:
    from .dry_run_samples import segment_dry_run

    return segment_dry_run(images, model, lot, workers).to_json()


def _tell(rows: list[dict[str, Any]]) -> None:
    """What people should know, each sentence once."""
    told = [f"{row['image']}: {row['message']}" for row in rows if row["status"] == "failed"]
    notes = dict.fromkeys(note for row in rows if row["status"] == "segmented" for note in row["notes"])
    for line in (*notes, *told):
        print(f"batterycell: {line}", file=sys.stderr)


def _words(row: dict[str, Any]) -> str:
    if row["status"] == "failed":
        return f"failed: {row['message']}"
    parts = ", ".join(f"{name} {100 * part:.1f} %" for name, part in row["parts"].items())
    return f"{row['status']}: {parts}"
