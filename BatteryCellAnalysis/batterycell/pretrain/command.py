"""``python -m batterycell.pretrain``: words, and what is said at the end."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from batterycell.cli.command import run_verb, run_words
from batterycell.cli.options import Parser, Subparsers
from batterycell.progress import Progress

from .plan import PRETRAININGS

_PROGRAM = "python -m batterycell.pretrain"
_CARD, _FAMILIAR = "card", "familiarity"
_DETAILS = """Specimens are drawn by the processor; the network is trained on a GPU where there is one. Interrupted in
any way, the same command goes on from where it was: DIR.run holds its state.

writes into DIR a model (a MONAI bundle: batterycell segment IMAGE --model DIR) and
  docs/README.md        its card, with figures on held-out specimens
  docs/training.csv     loss, learning rate, validation Dice of each class, an epoch a row
  docs/training.json    seeds, settings, versions of packages, checksum of the generator's sources"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code, as `batterycell.cli.main`."""
    return run_words(argv, make_parser, partial(run_verb, sys.modules[__name__]))


def make_parser() -> Parser:
    """The parser: the models, ``card`` and ``familiarity``."""
    summary = "Train a model that ships with BatteryCell, on generated specimens only."
    parser = Parser(prog=_PROGRAM, description=summary, formatter_class=argparse.RawDescriptionHelpFormatter)
    subparsers = parser.add_subparsers(dest="verb", metavar="NAME", required=True)
    for name in PRETRAININGS:
        _add_model(subparsers, name)
    card = _add(subparsers, _CARD, "Put figures of benchmarks on a model's card.", f"{_PROGRAM} card DIR figures.json")
    card.add_argument("model", type=Path, metavar="DIR", help="the model's folder")
    card.add_argument("figures", type=Path, nargs="*", metavar="FILE", help="what a benchmark wrote with --figures")
    example = f"{_PROGRAM} {_FAMILIAR} DIR --keep CACHE"
    known = _add(subparsers, _FAMILIAR, "Learn anew what looks familiar to a model that was made before.", example)
    known.add_argument("model", type=Path, metavar="DIR", help="the model's folder")
    _add_machine(known)
    return parser


def _add_machine(parser: Parser) -> None:
    parser.add_argument("--threads", type=int, metavar="T", help="that compute (default: one a core)")
    parser.add_argument("--keep", type=Path, metavar="CACHE", help="folder that keeps the specimens for other runs")


def _add_model(subparsers: Subparsers, name: str) -> None:
    example = f"{_PROGRAM} {name} --out out/models/{name}\n\n{_DETAILS}"
    parser = _add(subparsers, name, f"Train {name}.", example)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the model")
    parser.add_argument("--overwrite", action="store_true", help="replace an older model in that folder")
    parser.add_argument("--images", type=int, metavar="N", help="specimens to train on (default: the plan's)")
    parser.add_argument("--validation", type=int, metavar="N", help="specimens to validate and calibrate on")
    parser.add_argument("--held-out", type=int, metavar="N", help="specimens to judge by")
    parser.add_argument("--minutes", type=float, metavar="M", help="of training at most (default: the plan's, or 40)")
    epochs = "epochs instead of minutes: on a CPU, the same seed and threads train the same model"
    parser.add_argument("--epochs", type=int, metavar="N", help=epochs)
    parser.add_argument("--seed", type=int, metavar="S", help="everything random follows from it (default: the plan's)")
    _add_machine(parser)


def _add(subparsers: Subparsers, name: str, summary: str, example: str) -> Parser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = subparsers.add_parser(
        name, help=summary, description=summary, epilog=f"example:\n  {example}", formatter_class=raw
    )
    for option, words in (("--json", "print the result as JSON"), ("--quiet", "show no progress")):
        parser.add_argument(option, action="store_true", help=words)
    parser.add_argument("--debug", action="store_true", help="show where in the code an error came from")
    return parser


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Train a model, or write a card; return what the model says of itself."""
    if args.verb == _CARD:
        from batterycell.segment.model.figures import read_figures

        from .shipping import rewrite_card

        info = rewrite_card(args.model.resolve(), [one for path in args.figures for one in read_figures(path)])
        return {"model": str(args.model), "dice": info.dice, "figures": [one.title for one in info.figures]}
    return _refresh(args, progress) if args.verb == _FAMILIAR else _pretrain(args, progress)


def _refresh(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    from batterycell.segment.model import read_info

    from .familiar import refresh_familiarity

    with nullcontext(args.keep) if args.keep else tempfile.TemporaryDirectory() as cache:
        refresh_familiarity(args.model.resolve(), Path(cache), args.threads or os.cpu_count() or 1, progress)
    info = read_info(args.model)
    return {"model": str(args.model), "dice": info.dice, "figures": [one.title for one in info.figures]}


def _pretrain(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    from batterycell.segment.model import model_hash, read_info

    from .familiar import other_plans
    from .run import pretrain
    from .settings import PretrainSettings

    plan = PRETRAININGS[args.verb]()
    asked = zip((args.images, args.validation, args.held_out), plan.specimens, strict=True)
    training, validation, held_out = (own if given is None else given for given, own in asked)
    counts = (training, validation, held_out)
    seed = plan.settings.seed if args.seed is None else args.seed
    foreign = tuple(other_plans(plan))
    chosen = (args.out, counts, args.minutes, seed, args.threads, args.keep, args.overwrite, args.epochs, foreign)
    folder = pretrain(plan, PretrainSettings(*chosen), progress)
    info = read_info(folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {
        "model": str(folder),
        "hash": model_hash(folder),
        "megabytes": round(size / 2**20, 2),
        "dice": info.dice,
        "figures": [one.title for one in info.figures],
    }


def describe(result: dict[str, Any]) -> str:
    """The Dice of each class, and where the model is."""
    width = max(map(len, result["dice"]))
    lines = [f"{name:{width}}  Dice {value:.4f} on what validated it" for name, value in result["dice"].items()]
    card = f"card: {Path(result['model']) / 'docs' / 'README.md'}, with {'; '.join(result['figures'])}"
    return "\n".join([*lines, card, f"model: {result['model']}"])
