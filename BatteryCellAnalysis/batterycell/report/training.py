"""The page of a training: its curves, how good the model became, what it learned from, what it is made of."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from batterycell.segment.model import ModelInfo, model_hash, read_info

from .page import data_url, page_colors, template

_CURVES = {"dice.png": "Validation Dice of each class over the epochs.", "loss.png": "Loss over the epochs."}
_MOST_FRAMES, _MOST_FILES = 400, 400
_GOOD = 0.95
_DIMENSIONS = {"2d": "2D, slice by slice", "2.5d": "2.5D, slice by slice with its neighbours", "3d": "3D"}


def write_training_report(folder: Path, provenance: dict[str, Any]) -> None:
    """Write ``report.html`` into the folder of a trained model.

    Args:
        folder: The model; ``dice.png`` and ``loss.png`` in it are shown where they are there.
        provenance: Of `batterycell.provenance.describe` or `describe_files`.
    """
    info = read_info(folder)
    page = template("training.html.jinja").render(
        provenance=provenance,
        colors=page_colors(),
        info=info,
        verdict=_verdict(info),
        dice=[(one, _text(info.dice.get(one.name, math.nan))) for one in info.classes],
        mean=_text(_mean(info)),
        facts=_facts(info, model_hash(folder)),
        rounds=_rounds(info),
        notes=[str(note) for note in _list(info.training.get("notes"))],
        frames=info.frames[:_MOST_FRAMES],
        curves=[(data_url(folder / name), text) for name, text in _CURVES.items() if (folder / name).is_file()],
        files=provenance["inputs"][:_MOST_FILES],
    )
    (folder / "report.html").write_text(page, encoding="utf-8")


def _verdict(info: ModelInfo) -> dict[str, str]:
    known = {name: value for name, value in info.dice.items() if math.isfinite(value)}
    if not known:
        return {"kind": "unclear", "text": "No class was validated."}
    worst = min(known, key=lambda name: known[name])
    kind = "clear" if known[worst] >= _GOOD else "unclear"
    return {"kind": kind, "text": f"Mean validation Dice {_text(_mean(info))}; lowest {_text(known[worst])}: {worst}."}


def _facts(info: ModelInfo, weights: str) -> list[tuple[str, str]]:
    """What the card tells too, as (name, value)."""
    network, training = info.network, info.training
    levels = zip(info.channel_names, info.levels, strict=True)
    shown = {
        "Network": f"MONAI U-Net, {_DIMENSIONS[network.dimension]}, features {', '.join(map(str, network.features))}",
        "Began from": info.parent or "scratch",
        "Voxel size": f"{' × '.join(f'{size:.4g}' for size in info.voxel_size_um)} µm (z, y, x)",
        "Grey range": "; ".join(f"{name}: {low:g} to {high:g}" for name, (low, high) in levels),
        "Device": training.get("device", ""),
        "Epochs": _epochs(training),
        "Time": f"{training['minutes']:.1f} minutes" if _is_number(training.get("minutes")) else "",
        **_settings(training.get("settings")),
        "SHA-256 of the weights": weights,
    }
    return [(name, str(value)) for name, value in shown.items() if value not in ("", None)]


def _epochs(training: dict[str, Any]) -> str:
    best = training.get("best_epoch")
    return f"{training.get('epochs', '')}{f', the best one was {best}' if best else ''}"


def _settings(values: Any) -> dict[str, str]:
    """The settings in one line; what was left to the program is filled in by then."""
    if not isinstance(values, dict):
        return {}
    texts = [f"{name.replace('_', ' ')} {value}" for name, value in values.items() if value not in (None, "")]
    return {"Settings": ", ".join(texts)}


def _rounds(info: ModelInfo) -> list[dict[str, str]]:
    """The rounds of incremental learning, as far as they are known."""
    rows = [one for one in _list(info.training.get("rounds")) if isinstance(one, dict)]
    return [
        {
            "round": str(one.get("round", "")),
            "frames": str(len(_list(one.get("frames")))),
            "painted": f"{one['painted_pixels']:,}" if _is_number(one.get("painted_pixels")) else "–",
            "minutes": f"{one['minutes']:.1f}" if _is_number(one.get("minutes")) else "–",
            "dice": _text(one["mean_dice"]) if _is_number(one.get("mean_dice")) else "–",
        }
        for one in rows
    ]


def _mean(info: ModelInfo) -> float:
    known = [value for value in info.dice.values() if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _text(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"
