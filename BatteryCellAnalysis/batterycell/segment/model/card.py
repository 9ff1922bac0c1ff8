"""The model card: what a model is for, what it learned from, how good it was, and where it ends."""

from __future__ import annotations

import math

from .figures import markdown_table
from .info import ModelInfo

_MOST_FRAMES = 50
_DIMENSIONS = {"2d": "2D, slice by slice", "2.5d": "2.5D, slice by slice with its neighbours", "3d": "3D"}


def write_card(info: ModelInfo) -> str:
    """The card in Markdown.

    Args:
        info: What the model says of itself.
    """
    about = info.description or f"Tells {_names(info)} apart in grey images."
    licence = info.licence or "None was chosen: ask whoever made the model before you use it or pass it on."
    parts = [
        f"# {_cell(info.name)} {info.version}\n\n{about}",
        f"## Classes\n\n{_classes(info)}",
        *_figures(info),
        f"## Trained on\n\n{_trained(info)}",
        f"## Limits\n\n{_limits(info)}",
        f"## Use\n\n{_use(info)}",
        f"## Licence\n\n{licence}",
    ]
    return "\n\n".join(parts) + "\n"


def _names(info: ModelInfo) -> str:
    return ", ".join(one.name for one in info.classes)


def _classes(info: ModelInfo) -> str:
    rows = [
        f"| {number} | {_cell(one.name)} | {one.color} | {_score(info.dice.get(one.name, math.nan))} |"
        for number, one in enumerate(info.classes, start=1)
    ]
    where = "generated specimens" if info.trained_on else "the frames"
    note = f"Dice on {where} that validated it: 1 is full agreement. In labels 0 means unknown."
    return "\n".join(["| value | class | colour | Dice |", "|---|---|---|---|", *rows, "", note])


def _figures(info: ModelInfo) -> list[str]:
    if not info.figures:
        return []
    tables = [f"### {_cell(one.title)}\n\n{one.note}\n\n{markdown_table(one)}" for one in info.figures]
    return ["\n\n".join(["## Figures", *tables])]


def _trained(info: ModelInfo) -> str:
    levels = zip(info.channel_names, info.levels, strict=True)
    grey = "; ".join(f"{name}: {low:g} to {high:g}" for name, (low, high) in levels)
    rows = {
        "Voxel size": f"{' × '.join(f'{size:.4g}' for size in info.voxel_size_um)} µm (z, y, x)",
        "Grey range, 1st to 99th percentile": grey,
        "Network": f"MONAI U-Net, {_DIMENSIONS[info.network.dimension]}, features {_list(info.network.features)}",
        "Began from": info.parent or "scratch",
        "Date": info.created or "not recorded",
        **{_words(name): value for name, value in info.training.items() if _is_short(value)},
    }
    lines = [f"- {name}: {_cell(_value(value))}" for name, value in rows.items()]
    about = [info.trained_on, ""] if info.trained_on else []
    return "\n".join([*about, *lines, *_frames(info)])


def _frames(info: ModelInfo) -> list[str]:
    if info.trained_on and not info.frames:
        return []
    frames = list(dict.fromkeys(info.frames))
    shown = [f"  - {_cell(name)}" for name in frames[:_MOST_FRAMES]]
    more = len(frames) - len(shown)
    return [f"- Frames: {len(frames)}", *shown, *([f"  - and {more} more"] if more else [])]


def _limits(info: ModelInfo) -> str:
    return "\n".join(
        [
            *(f"- {limit}" for limit in info.limits),
            f"- {_pixels(info)}",
            "- Each image is brought to its own grey range first, so another scanner's contrast is no hindrance by"
            " itself; images whose grey values are distributed otherwise (another detector, other materials, strong"
            " artefacts, much empty margin) look foreign, and the program says so.",
            "- The figures above hold for images like those they were measured on, and for nothing else: check a few"
            " slices of your own by hand before you rely on measurements.",
            "- It names every voxel after one of its classes, also where it shows something it never saw.",
        ]
    )


def _pixels(info: ModelInfo) -> str:
    if info.pixel_range_um is None:
        size = min(info.voxel_size_um[1:])
        return f"Images with voxels far from {size:.4g} µm in the slice are resampled; details below that are lost."
    low, high = info.pixel_range_um
    return (
        f"Pixels from {low:.4g} to {high:.4g} µm in the slice are taken as they are; images with others are resampled,"
        " and details that are lost by it are not found."
    )


def _use(info: ModelInfo) -> str:
    return "\n".join(
        [
            "- 3D Slicer: module BatterySegmentationWizard, *Apply*, choose the model.",
            f'- Command line: `batterycell segment IMAGE --model "{_cell(info.name)}"`.',
            "- MONAI: `configs/inference.json` describes the network in plain arguments"
            ' (`ConfigParser.get_parsed_content("network_def")`), `models/model.safetensors` holds its weights'
            " (`safetensors.torch.load_file`). Nothing in this folder needs to be run as code.",
        ]
    )


def _score(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"


def _list(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _value(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_short(value: object) -> bool:
    return isinstance(value, str | int | float) and len(str(value)) <= 120


def _cell(text: str) -> str:
    """Text that stays on its line and within its cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
