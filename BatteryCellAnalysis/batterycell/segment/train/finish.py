"""The end of a training: its best weights as a model, with all that the model says of itself."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.output import replace_file
from batterycell.segment.division import KEY as DIVISIONS
from batterycell.segment.division import describe_divisions
from batterycell.segment.model.info import ModelInfo
from batterycell.segment.samples import Sample

from .checkpoint import load_tensors
from .patches import seen_by
from .session import Session
from .state import BEST_FILE

MODEL_FOLDER = "model"
ROUNDS_FILE = "rounds.json"
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def finish(session: Session) -> Path:
    """Write the model and its rounds; return the model's folder."""
    from batterycell.segment.model.bundle import write_bundle

    weights, _ = load_tensors(session.run / BEST_FILE)
    rounds = _rounds(session)
    text = json.dumps(rounds, indent=2, ensure_ascii=False) + "\n"
    replace_file(session.run / ROUNDS_FILE, lambda path: _write_text(path, text))
    write_bundle(session.run / MODEL_FOLDER, describe(session, rounds), weights)
    return session.run / MODEL_FOLDER


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def describe(session: Session, rounds: list[dict[str, Any]]) -> ModelInfo:
    """What the model says of itself."""
    dataset, state = session.dataset, session.state
    names = [one.name for one in dataset.classes]
    dice = {name: value for name, value in zip(names, state.best_dice, strict=True) if value is not None}
    return ModelInfo(
        name=session.settings.name or ", ".join(names)[:100],
        version=f"0.{len(rounds)}.0",
        classes=dataset.classes,
        channel_names=dataset.channel_names,
        network=session.learner.spec,
        voxel_size_um=_voxel_size(session),
        levels=_levels(session),
        quantiles=_quantiles(session),
        dice=dice,
        frames=tuple(_frames(session)),
        training=_facts(session, rounds),
        parent=f"{session.parent.info.name} {session.parent.hash}" if session.parent else "",
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )


def _facts(session: Session, rounds: list[dict[str, Any]]) -> dict[str, Any]:
    state = session.state
    return {
        "settings": asdict(session.settings),
        "device": session.learner.device.why,
        "epochs": state.epoch,
        "best_epoch": state.best_epoch,
        "mean_dice": state.best,
        "minutes": round(state.seconds / 60, 3),
        "notes": state.notes,
        "rounds": rounds,
        DIVISIONS: describe_divisions(session.dataset.divisions),
    }


def _rounds(session: Session) -> list[dict[str, Any]]:
    """The rounds of incremental learning: those of the parent, and this one."""
    before = session.parent.info.training.get("rounds", []) if session.parent else []
    painted = sum(int((sample.labels > 0).sum()) for sample in _learnt(session))
    this = {
        "round": len(before) + 1,
        "frames": _frames(session),
        "painted_pixels": painted,
        "minutes": round(session.state.seconds / 60, 3),
        "mean_dice": session.state.best,
        "parent": session.parent.hash if session.parent else "",
    }
    return [*before, this]


def _frames(session: Session) -> list[str]:
    """Each frame once, also where part of it trained and part of it validated."""
    return list(dict.fromkeys(f"{sample.source}/{sample.name}" for sample in _learnt(session)))


def _learnt(session: Session) -> list[Any]:
    return [sample for sample in session.dataset.samples if sample.role != "monitoring"]


def _voxel_size(session: Session) -> tuple[float, float, float]:
    z, y, x = np.median([sample.voxel_size_um for sample in session.dataset.of_role("training")], axis=0).tolist()
    return z, y, x


def _levels(session: Session) -> tuple[tuple[float, float], ...]:
    """Of each channel, the median over the images."""
    images = {sample.source: sample.levels for sample in session.dataset.of_role("training")}
    ranges = [[(one.low, one.high) for one in levels] for levels in images.values()]
    return tuple((float(low), float(high)) for low, high in np.median(ranges, axis=0))


def _quantiles(session: Session) -> tuple[tuple[float, ...], ...]:
    """Of each channel, the median over the images: of the whole of each, as an image is judged when one is segmented.

    Where nobody measured the images, frames stand for them.
    """
    images = {sample.source: _image_quantiles(sample, session) for sample in session.dataset.of_role("training")}
    return tuple(tuple(row) for row in np.median(list(images.values()), axis=0).tolist())


def _image_quantiles(sample: Sample, session: Session) -> tuple[tuple[float, ...], ...]:
    if sample.quantiles:
        return sample.quantiles
    frame = seen_by(sample, session.learner.spec)
    return tuple(tuple(np.quantile(channel[:, ::4, ::4], _QUANTILES).tolist()) for channel in frame)
