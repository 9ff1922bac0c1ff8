"""``batterycell models``: the library of models."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.progress import Progress

from .options import Parser, Subparsers, add_group, add_verb

if TYPE_CHECKING:
    from batterycell.segment.model import Model

# What a card does not say: it goes with the model wherever that goes.
_BESIDE_CARD = ("kind", "folder", "sha256")
_MODEL = "name, name@version, or folder of a model"
_WHERE = """Models lie in the folder BATTERYCELL_MODELS names, else in the user's data folder.
A model is data: nothing in it is ever run."""


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb and the verbs behind it."""
    kinds = add_group(subparsers, "models", "The library of models.", "batterycell models list")
    _add_list(kinds)
    _add_named(kinds, "show", "Show what a model says of itself, once its files were checked.", '"Cell top"')
    _add_import(kinds)
    parser = _add_named(kinds, "export", "Write a model as a zip file to pass on.", '"Cell top" --out cell_top.zip')
    parser.add_argument("--out", type=Path, default=Path(), metavar="FILE", help="zip file (default: <name>.zip here)")
    parser.add_argument("--overwrite", action="store_true", help="replace an older file")
    _add_named(kinds, "remove", "Remove a model of your own from the library.", '"Cell top@1.0.0"')
    _add_publish(kinds)


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Do what was asked for."""
    return _DO[args.kind](args)


def describe(result: dict[str, Any]) -> str:
    """The result in lines for people."""
    if "models" in result:
        return _list_text(result)
    card = str(result.get("card", ""))
    facts = {name: value for name, value in result.items() if name in _BESIDE_CARD} if card else result
    rows = {name: _text(value) for name, value in facts.items()}
    width = max(map(len, rows))
    return card + "\n".join(f"{name:{width}}  {text}" for name, text in rows.items() if text)


def _add_list(kinds: Subparsers) -> None:
    parser = add_verb(kinds, "list", "List the models.", "batterycell models list overhang", _WHERE)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only those with these words in name, class or text")
    parser.add_argument("--drafts", action="store_true", help="list trained models that were not published yet")


def _add_import(kinds: Subparsers) -> None:
    example = "batterycell models import cell_top.zip"
    parser = add_verb(kinds, "import", "Take a model into the library.", example, _WHERE)
    parser.add_argument("source", type=Path, metavar="PATH", help="a model's folder, or a zip file of it")
    parser.add_argument("--name", default="", metavar="NAME", help="another name for it")
    parser.add_argument("--overwrite", action="store_true", help="replace the model of the same name and version")


def _add_publish(kinds: Subparsers) -> None:
    words = '"cell 7" --name "Cell top" --licence CC-BY-4.0'
    parser = _add_named(kinds, "publish", "Take a draft or a trained model into the library.", words)
    parser.add_argument("--name", default="", metavar="NAME", help="its name (default: the draft's)")
    parser.add_argument("--description", default="", metavar="TEXT", help="what it is for")
    parser.add_argument("--licence", default="", metavar="SPDX", help="who may use it how, e.g. CC-BY-4.0")
    parser.add_argument("--version", default="", metavar="N.N.N", help="default: the one after the newest")
    parser.add_argument("--overwrite", action="store_true", help="replace the model of the same name and version")


def _add_named(kinds: Subparsers, name: str, summary: str, words: str) -> Parser:
    parser = add_verb(kinds, name, summary, f"batterycell models {name} {words}")
    parser.add_argument("model", metavar="MODEL", help=_MODEL)
    return parser


def _list(args: argparse.Namespace) -> dict[str, Any]:
    from batterycell.segment.model import library_folder, list_broken, list_drafts, list_models, search_models

    models = search_models(" ".join(args.words), list_drafts() if args.drafts else list_models())
    broken = [{"folder": str(one.folder), "problem": one.problem} for one in list_broken()]
    return {"library": str(library_folder()), "models": [_row(model) for model in models], "broken": broken}


def _show(args: argparse.Namespace) -> dict[str, Any]:
    from batterycell.segment.model import check_bundle, find_model
    from batterycell.segment.model.card import write_card

    model = find_model(args.model)
    info = check_bundle(model.folder)
    return {
        **_row(model),
        "description": info.description,
        "licence": info.licence,
        "channels": list(info.channel_names),
        "voxel_size_um": list(info.voxel_size_um),
        "grey_range": [list(pair) for pair in info.levels],
        "network": f"{info.network.dimension} U-Net, features {list(info.network.features)}",
        "frames": list(info.frames),
        "training": info.training,
        "parent": info.parent,
        "created": info.created,
        "sha256": model.hash,
        "limits": list(info.limits),
        "figures": [asdict(one) for one in info.figures],
        "card": f"{write_card(info)}\n",
    }


def _import(args: argparse.Namespace) -> dict[str, Any]:
    from batterycell.segment.model import import_model

    return _row(import_model(args.source, args.name, args.overwrite))


def _export(args: argparse.Namespace) -> dict[str, Any]:
    from batterycell.segment.model import export_model, find_model

    return {"file": str(export_model(find_model(args.model), args.out, args.overwrite))}


def _remove(args: argparse.Namespace) -> dict[str, Any]:
    from batterycell.segment.model import remove_model

    return {"removed": remove_model(args.model).key}


def _publish(args: argparse.Namespace) -> dict[str, Any]:
    from batterycell.segment.model import Publication, find_model, publish

    said = Publication(args.name, args.description, args.licence, args.version)
    return _row(publish(find_model(args.model), said, args.overwrite))


_DO: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "list": _list,
    "show": _show,
    "import": _import,
    "export": _export,
    "remove": _remove,
    "publish": _publish,
}


def _row(model: Model) -> dict[str, Any]:
    """What a list shows of a model, in JSON's types."""
    dice = {name: value if math.isfinite(value) else None for name, value in model.info.dice.items()}
    return {
        "name": model.info.name,
        "version": model.info.version,
        "kind": model.kind,
        "classes": [one.name for one in model.info.classes],
        "dice": dice,
        "folder": str(model.folder),
    }


def _list_text(result: dict[str, Any]) -> str:
    models = result["models"]
    lines = [f"{_label(row):{max(map(len, map(_label, models)))}}  {_summary(row)}" for row in models]
    broken = [f"damaged: {one['folder']}: {one['problem']}" for one in result["broken"]]
    return "\n".join([*lines, *broken]) or f"No models in {result['library']}"


def _label(row: dict[str, Any]) -> str:
    return f"{row['name']}@{row['version']}"


def _summary(row: dict[str, Any]) -> str:
    dice = [value for value in row["dice"].values() if value is not None]
    where = " on generated specimens" if row["kind"] == "shipped" else ""
    mean = f", mean Dice {sum(dice) / len(dice):.3f}{where}" if dice else ""
    return f"{row['kind']:8}{', '.join(row['classes'])}{mean}"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return f"{value:.4g}" if isinstance(value, float) else "–" if value is None else str(value)
