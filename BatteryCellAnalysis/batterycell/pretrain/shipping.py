"""The folder of a model that ships: its bundle, with its log, and with figures on its card."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from batterycell.output import replace_file, result_folder
from batterycell.provenance import Sources, describe_files
from batterycell.segment.apply.familiar import Statistics, write_statistics
from batterycell.segment.model import LoadedModel, ModelInfo, check_bundle
from batterycell.segment.model.contents import CARD, LICENCE, MANIFEST, METADATA, copy_files, write_manifest
from batterycell.segment.model.description import write_description
from batterycell.segment.model.figures import Figure, with_figures
from batterycell.segment.train import HISTORY_FILE

from .judging.predictions import Judged
from .judging.tables import held_out_table, reliability_table
from .plan import PRETRAININGS, Pretraining

LOG = "docs/training.json"
HISTORY = f"docs/{HISTORY_FILE}"
_DESCRIBED = (METADATA, "configs/inference.json", CARD, LICENCE)
_KEPT = ("epochs", "best_epoch", "mean_dice", "minutes", "device", "notes", "settings")


@dataclass(frozen=True)
class Made:
    """A model that is ready to ship.

    Args:
        model: Its bundle, calibrated.
        validation: How good it is on what chose among its epochs, and calibrated it.
        held_out: How good it is on what it never met.
        familiarity: What it knows the look of.
        facts: Seeds, specimens, minutes: for its log.
    """

    model: LoadedModel
    validation: Judged
    held_out: Judged
    familiarity: Statistics | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def ship(made: Made, plan: Pretraining, training: Path, out: Path, overwrite: bool = False) -> None:
    """Write the model's folder, whole or not at all.

    Args:
        made: The model.
        plan: What it is to say of itself.
        training: The folder of its training.
        out: The folder to be.
        overwrite: Whether an older model there may be replaced.

    Raises:
        OutputError: if it cannot be written.
    """
    with result_folder(out, overwrite) as partial:
        copy_files(made.model.folder, partial)
        shutil.copyfile(training / HISTORY_FILE, partial / HISTORY)
        log = json.dumps(_log(made), indent=1, ensure_ascii=False) + "\n"
        (partial / LOG).write_text(log, encoding="utf-8", newline="\n")
        write_description(partial, _info(made, plan))
        if made.familiarity is not None:
            write_statistics(partial, made.familiarity)
        write_manifest(partial)


def rewrite_card(folder: Path, figures: Sequence[Figure]) -> ModelInfo:
    """Put figures on a model's card: they replace those of the same title; its words become those of its plan.

    Args:
        folder: The model's folder.
        figures: E.g. of a benchmark on real images.

    Returns:
        What the model says of itself now.

    Raises:
        InputError: if it is no whole model.
        OutputError: if it cannot be written.
    """
    info = check_bundle(folder)
    words = _words(PRETRAININGS[info.name]()) if info.name in PRETRAININGS else {}
    info = replace(info, **words, figures=with_figures(info.figures, figures))
    with result_folder(folder.with_name(f"{folder.name}.card"), overwrite=True) as partial:
        copy_files(folder, partial)
        write_description(partial, info)
        write_manifest(partial)
        for name in (*_DESCRIBED, MANIFEST):
            data = (partial / name).read_bytes()
            replace_file(folder / name, lambda path, data=data: _write(path, data))  # type: ignore[misc]
    shutil.rmtree(folder.with_name(f"{folder.name}.card"))
    return info


def _words(plan: Pretraining) -> dict[str, Any]:
    """What can be said otherwise without training anew."""
    return {name: getattr(plan, name) for name in ("description", "licence", "trained_on", "limits")}


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _info(made: Made, plan: Pretraining) -> ModelInfo:
    today, dice = date.today().isoformat(), made.validation.whole().score("dice").tolist()
    held_out = held_out_table(made.held_out, plan, today)
    reliability = reliability_table(made.held_out.reliability, "held-out generated specimens")
    return replace(
        made.model.info,
        **{name: getattr(plan, name) for name in ("name", "version", "description", "licence", "voxel_size_um")},
        **{name: getattr(plan, name) for name in ("pixel_range_um", "sections", "trained_on", "limits")},
        dice={one.name: value for one, value in zip(plan.classes, dice, strict=True)},
        frames=(),
        training=_training(made),
        figures=(held_out, reliability),
    )


def _training(made: Made) -> dict[str, Any]:
    """How it went, without the names of a thousand generated frames."""
    known = {name: value for name, value in made.model.info.training.items() if name in _KEPT}
    rounds = [{**one, "frames": ["generated specimens"]} for one in made.model.info.training.get("rounds", [])]
    return {**known, "rounds": rounds, "seed": made.facts.get("seed", 0)}


def _log(made: Made) -> dict[str, Any]:
    facts = dict(made.facts)
    return describe_files({"training": _training(made), **facts}, Sources(command=str(facts.pop("command", ""))))
