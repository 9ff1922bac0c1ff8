"""``batterycell train``: a model from the painted images of a project."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from batterycell.errors import UsageError
from batterycell.output import check_free, result_folder
from batterycell.progress import Progress
from batterycell.segment.division import KEY as DIVISIONS
from batterycell.segment.division import read_divisions
from batterycell.segment.settings import EFFORTS, Augmentation, Dimension, Loss, TrainSettings

from .options import Parser, add_output_options, add_verb, run_folder, voxel_size

if TYPE_CHECKING:
    from batterycell.segment.data.project import Project
    from batterycell.segment.model import ModelInfo

_READ, _TRAINED = 0.05, 0.98
_DETAILS = """PROJECT is a folder:
  images/         one file an image, or one sub-folder of files a channel
  labels/         labels of the same names: .seg.nrrd, a label volume, PNG or TIFF; 0 = unknown unless --full
  classes.json    optional: names and colours
  frames.json     optional: which parts train and validate; without it, part of every labelled slice validates

writes into DIR a model (a MONAI bundle: batterycell segment IMAGE --model DIR) and
  training.csv             loss, learning rate, validation Dice of each class, an epoch a row
  loss.png, dice.png       their curves
  report.html              curves, Dice, frames: one file to mail
  rounds.json              this training, and those of the models it goes on from
  provenance.json
While it runs, DIR.run holds its state. Interrupted in any way, the same command goes on from there.

more examples:
  batterycell train project --out model --dimension 2.5d --patch 256 --batch 16 --epochs 50
  batterycell train project --out model_2 --from model --effort quick"""


def add_parser(subparsers: argparse._SubParsersAction[Parser]) -> None:
    """Add the verb."""
    example = "batterycell train project --effort quick --out model"
    parser = add_verb(subparsers, "train", "Train a network from painted images.", example, _DETAILS)
    parser.add_argument("project", type=Path, metavar="PROJECT", help="folder with images/ and labels/")
    parser.add_argument("--full", action="store_true", help="unpainted pixels are background, not unknown")
    size = "voxel size of all images in µm, where their files do not state it"
    parser.add_argument("--voxel-size", type=voxel_size, metavar="Z,Y,X", help=size)
    efforts = "about 2, 10 or 60 minutes (default: standard; --epochs goes without limit of time)"
    parser.add_argument("--effort", choices=EFFORTS, default="standard", help=efforts)
    parser.add_argument("--from", dest="parent", metavar="MODEL", help="model to go on from: its folder or its name")
    parser.add_argument("--name", default="", metavar="NAME", help="name of the model (default: its classes)")
    parser.add_argument("--fresh", action="store_true", help="begin anew where an interrupted training would go on")
    parser.add_argument("--device", metavar="auto|cpu|cuda[:N]", help="default: auto, a GPU where there is one")
    seed = "with --epochs, the same seed trains the same model on a CPU (default: 0)"
    parser.add_argument("--seed", type=int, metavar="N", help=seed)
    _add_expert(parser)
    add_output_options(parser)


def _add_expert(parser: Parser) -> None:
    group = parser.add_argument_group("for experts (by default sized to the data and the machine)")
    group.add_argument("--dimension", choices=get_args(Dimension), help="what the network sees (default: 2d)")
    group.add_argument("--epochs", type=_count, metavar="N", help="epochs")
    group.add_argument("--minutes", type=_positive, metavar="N", help="longest time")
    group.add_argument("--steps", type=_count, metavar="N", help="steps an epoch")
    group.add_argument("--patch", type=_count, metavar="N", help="edge of a patch in pixels")
    group.add_argument("--batch", type=_count, metavar="N", help="patches a step")
    group.add_argument("--lr", dest="learning_rate", type=_positive, metavar="RATE", help="highest learning rate")
    group.add_argument("--loss", choices=get_args(Loss), help="what is minimised (default: dice+ce)")
    group.add_argument("--augmentation", choices=get_args(Augmentation), help="how images are varied (default: light)")
    group.add_argument("--width", type=_count, metavar="N", help="features of the network's first level")
    group.add_argument("--depth", type=_count, metavar="N", help="levels of the network")
    group.add_argument("--patience", type=_count, metavar="N", help="epochs without progress after which it ends")
    part = "part of the labels that validates, where frames.json does not say (default: 0.25)"
    group.add_argument("--validation-part", type=_positive, metavar="PART", help=part)
    precision = "compute in 16 bits (default: where the device is faster so)"
    group.add_argument("--mixed-precision", action=argparse.BooleanOptionalAction, help=precision)


def _count(text: str) -> int:
    """Read a positive whole number.

    Raises:
        argparse.ArgumentTypeError: if it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _positive(text: str) -> float:
    """Read a positive number.

    Raises:
        argparse.ArgumentTypeError: if it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return value


def run(args: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Train, and say how well it went."""
    from batterycell.segment.data.project import make_dataset, read_project
    from batterycell.segment.needs import require_packages
    from batterycell.segment.train import train

    check_free(args.out, args.overwrite)
    require_packages()
    settings, parent = _settings(args), _parent(args.parent)
    project = read_project(args.project, args.full, args.voxel_size, progress.part(0.0, _READ / 2))
    size = _voxel_size(parent[1], settings, project) if parent else None
    earlier = read_divisions(parent[1].training.get(DIVISIONS)) if parent else ()
    dataset = make_dataset(project, settings, progress.part(_READ / 2, _READ), size, earlier)
    folder = run_folder(args.out, args.fresh)
    model = train(dataset, settings, folder, progress.part(_READ, _TRAINED), start_from=parent[0] if parent else None)
    with result_folder(args.out, args.overwrite) as out:
        _write(model, folder, project, args, out)
    shutil.rmtree(folder, ignore_errors=True)
    return _result(args.out)


def describe(result: dict[str, Any]) -> str:
    """The Dice of each class, and what one should know."""
    rows = [*result["dice"].items(), ("mean", result["mean_dice"])]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:{width}}  Dice {value:.4f}" for name, value in rows]
    when = f"epoch {result['best_epoch']} of {result['epochs']}, {result['minutes']:.1f} minutes"
    return "\n".join([*lines, f"best at {when}", *result["notes"], f"model: {result['model']}"])


def _settings(args: argparse.Namespace) -> TrainSettings:
    """The effort's settings, with all that was said."""
    from batterycell.segment.train import settings_for

    if args.validation_part is not None and args.validation_part >= 1.0:
        raise UsageError("validation-part", "--validation-part must be below 1.", "0.25 keeps a quarter of the labels.")
    settings = settings_for(args.effort)
    if args.epochs is not None:
        settings = replace(settings, minutes=None, patience=None)
    names = {one.name for one in fields(TrainSettings)}
    return replace(
        settings, **{name: value for name, value in vars(args).items() if name in names and value is not None}
    )


def _parent(name: str | None) -> tuple[Path, ModelInfo] | None:
    """The model to go on from: its folder, and what it says of itself."""
    from batterycell.segment.model import find_model

    if not name:
        return None
    model = find_model(Path(name) if Path(name).is_dir() else name)
    return model.folder, model.info


def _voxel_size(info: ModelInfo, settings: TrainSettings, project: Project) -> tuple[float, float, float] | None:
    """The size (z, y, x) in µm at which the model learnt; z 0 in 2D, where the distance of slices does not matter.

    None where it takes the pixels of all images as they are.
    """
    sizes = [size for image in project.images for size in image.voxel_size_um[1:]]
    if info.pixel_range_um and info.pixel_range_um[0] <= min(sizes) <= max(sizes) <= info.pixel_range_um[1]:
        return None
    z, y, x = info.voxel_size_um
    return (0.0 if settings.dimension == "2d" else z), y, x


def _write(model: Path, run: Path, project: Project, args: argparse.Namespace, out: Path) -> None:
    from batterycell.pictures.training_curves import save_training_curves
    from batterycell.segment.model.contents import copy_files
    from batterycell.segment.train import HISTORY_FILE, read_history

    copy_files(model, out)
    for name in (HISTORY_FILE, "rounds.json"):
        shutil.copyfile(run / name, out / name)
    save_training_curves(read_history(run / HISTORY_FILE, project.classes), project.classes, out)
    _write_provenance(project, args, out)


def _write_provenance(project: Project, args: argparse.Namespace, out: Path) -> None:
    from batterycell.provenance import Sources, describe
    from batterycell.report.training import write_training_report
    from batterycell.segment.model import read_info

    files = sorted(path for path in args.project.rglob("*") if path.is_file() and not path.name.startswith("."))
    sources = Sources(files, shlex.join(["batterycell", *args.words]))
    settings = read_info(out).training["settings"]
    values = describe(project.images[0].grid, settings, sources)
    (out / "provenance.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    write_training_report(out, values)


def _result(out: Path) -> dict[str, Any]:
    from batterycell.segment.model import model_hash, read_info

    info = read_info(out)
    facts = {name: info.training[name] for name in ("mean_dice", "best_epoch", "epochs", "minutes", "notes")}
    return {"model": str(out), "name": info.name, "hash": model_hash(out), "dice": info.dice, **facts}
