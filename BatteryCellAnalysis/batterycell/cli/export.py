"""``batterycell export``: the folder of a cell from a scene that was saved in Slicer."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.errors import InputError, OutputError
from batterycell.output import check_room, result_folder
from batterycell.progress import Progress

from .options import Parser, add_output_options, add_verb

if TYPE_CHECKING:
    from batterycell.export import ExportSettings

# The scene's file, its unpacked copy, and what is packed of it.
_SCENE_COPIES = 3
_PICTURES_BYTES = 50_000_000
_WRITES = """writes into DIR, as far as the scene holds it:
  overhang.csv, defects.csv, rulers.csv, quantities.csv
  *.csv, *.png      every table and map of the stages, verdict.csv
  pictures/         each view, the layout, every ruler on its own
  overview.png, overhang_map.png, longitudinal_*.png
  scene.mrb         the whole scene
  summary.json, provenance.json, recipe.json
  report.html       one file to mail"""


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell export cell_7.mrb --out results/cell_7 --width 2400"
    summary = "Write tables, pictures, scene and report from a scene saved in 3D Slicer."
    parser = add_verb(subparsers, "export", summary, example, _WRITES)
    parser.add_argument("scene", type=Path, metavar="SCENE", help="a scene of Slicer (.mrb, or .mrml with its files)")
    add_output_options(parser)
    parser.add_argument("--volume", metavar="NAME", help="the cell's volume, where the scene holds several")
    parser.add_argument("--width", type=int, default=1600, metavar="PIXELS", help="width of pictures (default: 1600)")
    parser.add_argument("--pictures-only", action="store_true", help="write nothing but the pictures")


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Export the scene and return the summary."""
    from batterycell import mrml
    from batterycell.export import ExportSettings

    settings = ExportSettings(args.width)
    _check_apart(args)
    with result_folder(args.out, args.overwrite) as folder:
        check_room(folder, _SCENE_COPIES * _size(args.scene) + _PICTURES_BYTES)
        scene = mrml.new_scene()
        try:
            progress.report(0.0, "reading the scene")
            mrml.load_scene(scene, args.scene)
            result = _export(scene, args, folder, settings, progress.part(0.1, 1.0))
        finally:
            mrml.close_scene(scene)
    for note in result["notes"]:
        print(f"batterycell: {note}", file=sys.stderr)
    return {**result, "folder": str(args.out)}


def describe(result: dict[str, Any]) -> str:
    """What was found, and where it is, in a few lines."""
    from batterycell.told import told_lines

    counts = [f"{result[name]['n']} {name}" for name in ("defects", "rulers") if name in result]
    return "\n".join([*told_lines(result), *([", ".join(counts)] if counts else []), f"Folder: {result['folder']}"])


def _export(
    scene: Any, args: argparse.Namespace, folder: Path, settings: ExportSettings, progress: Progress
) -> dict[str, Any]:
    from batterycell.export import export_pictures, export_scene, find_volume
    from batterycell.provenance import Sources

    node = find_volume(scene, args.volume)
    if args.pictures_only:
        return {"notes": export_pictures(scene, node, folder, settings, progress)}
    is_bundle = args.scene.suffix.lower() == ".mrb"
    words = shlex.join(["batterycell", *args.words])
    sources = Sources((args.scene,), words, args.scene if is_bundle else None)
    return export_scene(scene, node, folder, settings, sources, progress)


def _check_apart(args: argparse.Namespace) -> None:
    if not args.scene.is_file():
        raise InputError("scene-missing", f"{args.scene} is no file.", "Name a scene saved in Slicer (.mrb or .mrml).")
    if args.out.resolve() in args.scene.resolve().parents:
        raise OutputError("output-holds-input", f"{args.out} holds the input {args.scene}", "Choose another --out.")


def _size(scene: Path) -> int:
    """Bytes of a scene; those of the files beside an .mrml are not known before it is read."""
    return scene.stat().st_size
