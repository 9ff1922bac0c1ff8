"""``--cluster``: work on the workers of a cluster, in the words of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from batterycell.errors import UsageError

if TYPE_CHECKING:
    from batterycell.cluster import Cluster, ClusterPlace


def add_cluster_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--cluster``."""
    parser.add_argument(
        "--cluster",
        type=_place,
        metavar="WHERE",
        help="spread the work: local[:N] processes, tcp:// or tls://HOST:PORT of a scheduler, or slurm:FILE",
    )


@contextmanager
def chosen_cluster(args: argparse.Namespace) -> Iterator[Cluster | None]:
    """The cluster that was asked for, open for the time of the block; None where none was."""
    if args.cluster is None:
        yield None
        return
    from batterycell.cluster import open_cluster

    with open_cluster(args.cluster) as cluster:
        yield cluster


def _place(text: str) -> ClusterPlace:
    from batterycell.cluster import parse_place

    try:
        return parse_place(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
