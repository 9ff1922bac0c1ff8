"""Where the ends of the sheets are read, in the words of the command line: edges, labels, a model."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

from batterycell.errors import UsageError
from batterycell.recipe import EndsFrom


def add_ends_options(parser: argparse.ArgumentParser, with_labels: bool = False) -> None:
    """Add what the verbs that measure overhang ask for."""
    parser.add_argument(
        "--edges",
        choices=get_args(EndsFrom),
        help="read the sheets' ends at the edges of the image (default), or where a model sees them",
    )
    source = parser.add_mutually_exclusive_group() if with_labels else parser
    source.add_argument(
        "--model", metavar="MODEL", help="that model (name or folder), with --edges model; default: the shipped one"
    )
    if with_labels:
        labels = "read cathode and overhang in this segmentation (.seg.nrrd, label NRRD) instead"
        source.add_argument("--labels", type=Path, metavar="FILE", help=labels)


def chosen_ends(args: argparse.Namespace) -> dict[str, Any]:
    """What the words of `add_ends_options` change in a recipe.

    Raises:
        UsageError: if they contradict each other.
    """
    edges, model = getattr(args, "edges", None), getattr(args, "model", None)
    labels = getattr(args, "labels", None)
    if (labels and edges) or (model and edges == "edges"):
        word = "--labels" if labels else "--model"
        raise UsageError("ends", f"{word} and --edges {edges} contradict each other.", "Leave one of them out.")
    if model:
        return {"ends_from": "model", "model": model, "model_sha256": ""}
    if edges == "edges":
        return {"ends_from": "edges", "model": "", "model_sha256": ""}
    return {"ends_from": "model"} if edges else {}
