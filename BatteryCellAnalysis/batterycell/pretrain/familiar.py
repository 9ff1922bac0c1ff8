"""What a model that ships knows the look of: learnt against noise, scenes, and what the other models are for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.segment.apply.familiar import Statistics, measure_familiarity, write_statistics
from batterycell.segment.model import check_bundle

from .plan import PRETRAININGS, Pretraining
from .shipping import LOG
from .sources import fingerprint
from .specimens import Specimen, draw_specimens, list_specimens, read_samples

# Specimens of each other model: enough to know one by.
_OTHERS = 24
_DRAWN = 0.5


def other_plans(plan: Pretraining) -> list[Pretraining]:
    """The other models that ship."""
    return [make() for name, make in PRETRAININGS.items() if name != plan.name]


def cache_of(plan: Pretraining, folder: Path) -> Path:
    """Where a plan's specimens are kept: another place for each version of what draws them."""
    return folder / f"{plan.name}-{fingerprint(plan)}"


def learn_familiarity(
    specimens: Sequence[Specimen], others: Sequence[Pretraining], cache: Path, processes: int, progress: Progress
) -> Statistics:
    """Learn what is familiar to a model.

    Args:
        specimens: Its own, drawn.
        others: Plans of what is foreign to it.
        cache: Folder that keeps specimens.
        processes: How many draw at the same time.
        progress: Told how far it is.
    """
    foreign = []
    for number, plan in enumerate(others):
        drawn = list_specimens(cache_of(plan, cache), plan.settings.seed, (_OTHERS, 0, 0))
        part = progress.part(_DRAWN * number / len(others), _DRAWN * (number + 1) / len(others))
        draw_specimens(plan, drawn, processes, part)
        foreign += read_samples(drawn, "training")
    own = read_samples(specimens, "training"), read_samples(specimens, "validation")
    return measure_familiarity(*own, foreign, progress=progress.part(_DRAWN, 1.0))


def refresh_familiarity(folder: Path, cache: Path, processes: int, progress: Progress) -> None:
    """Learn anew what is familiar to a model that was made before, from the specimens that its log names.

    Args:
        folder: The model's folder.
        cache: Folder that keeps specimens; those that are not there are drawn.
        processes: How many draw at the same time.
        progress: Told how far it is.

    Raises:
        InputError: if it is no model that this program made so.
        OutputError: if it cannot be written.
    """
    plan, specimens = _made_from(folder, cache)
    draw_specimens(plan, specimens, processes, progress.part(0.0, 0.5))
    statistics = learn_familiarity(specimens, other_plans(plan), cache, processes, progress.part(0.5, 1.0))
    write_statistics(folder, statistics)


def _made_from(folder: Path, cache: Path) -> tuple[Pretraining, list[Specimen]]:
    info = check_bundle(folder)
    if info.name not in PRETRAININGS or not (folder / LOG).is_file():
        hint = f"Its log, {LOG}, must name a model that ships: {', '.join(PRETRAININGS)}."
        raise InputError("model-not-pretrained", f"{folder} was not made by this command.", hint)
    plan = PRETRAININGS[info.name]()
    recipe = json.loads((folder / LOG).read_text(encoding="utf-8"))["recipe"]
    training, validation = (recipe["specimens"][split]["count"] for split in ("training", "validation"))
    return plan, list_specimens(cache_of(plan, cache), recipe["seed"], (training, validation, 0))
