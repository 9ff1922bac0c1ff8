"""From a plan to a model that ships: drawn, trained, calibrated, judged; broken off anywhere, it goes on from there."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from batterycell.output import check_free
from batterycell.progress import Progress
from batterycell.segment.model import LoadedModel, load_model, write_bundle
from batterycell.segment.needs import require_packages
from batterycell.segment.samples import Dataset
from batterycell.segment.settings import TrainSettings

from .familiar import cache_of, learn_familiarity
from .judging.calibration import fit_temperature, fold_temperature
from .judging.predictions import judge, predictions
from .plan import SPLITS, Pretraining
from .shipping import Made, ship
from .sources import fingerprint
from .specimens import Specimen, draw_specimens, list_specimens, read_samples

_DRAWN, _TRAINED, _CALIBRATED, _JUDGED = 0.15, 0.9, 0.92, 0.96
# With drawing and judging, both models together take less than two hours on two cores.
MINUTES = 40.0


@dataclass(frozen=True)
class PretrainSettings:
    """How a model that ships is made.

    Args:
        out: Its folder to be.
        counts: How many specimens train, validate and are held out; None for the plan's own numbers.
        minutes: Of training at most; None for the plan's own.
        seed: Everything random follows from it.
        threads: That compute, and processes that draw; None for one a core.
        cache: Folder that keeps specimens beyond the run; None for a place of the run's own.
        overwrite: Whether an older model may be replaced.
        epochs: Of training, instead of minutes.
        others: Plans of what is foreign to the model.
    """

    out: Path
    counts: tuple[int, int, int] | None = None
    minutes: float | None = None
    seed: int = 0
    threads: int | None = None
    cache: Path | None = None
    overwrite: bool = False
    epochs: int | None = None
    others: tuple[Pretraining, ...] = ()

    @property
    def work(self) -> Path:
        """The folder of what is not finished."""
        out = self.out.resolve()
        return out.with_name(f"{out.name}.run")

    @property
    def specimens(self) -> Path:
        """The folder of specimens."""
        return self.cache or self.work / "specimens"

    @property
    def cores(self) -> int:
        """Threads that compute, and processes that draw."""
        return self.threads or os.cpu_count() or 1


def pretrain(plan: Pretraining, settings: PretrainSettings, progress: Progress) -> Path:
    """Make a model that ships.

    Args:
        plan: What it is to be.
        settings: How it is made.
        progress: Told how far it is; when it raises, the same call goes on from there.

    Returns:
        The model's folder.

    Raises:
        InputError: if packages are missing, or the folder of the run holds another training.
        OutputError: if a folder cannot be written, or the model's is taken.
        Cancelled: if the user asked to stop.
    """
    require_packages()
    check_free(settings.out, settings.overwrite)
    _use_threads(settings)
    clock = _Clock()
    specimens = list_specimens(cache_of(plan, settings.specimens), settings.seed, settings.counts or plan.specimens)
    draw_specimens(plan, specimens, settings.cores, progress.part(0.0, _DRAWN))
    clock.note("drawing")
    trained = _train(plan, settings, specimens, progress.part(_DRAWN, _TRAINED))
    clock.note("training")
    calibrated, temperature = _calibrate(trained, settings, specimens, progress.part(_TRAINED, _CALIBRATED))
    made = _judge(calibrated, specimens, progress.part(_CALIBRATED, _JUDGED))
    part = progress.part(_JUDGED, 1.0)
    known = learn_familiarity(specimens, settings.others, settings.specimens, settings.cores, part)
    clock.note("judging")
    facts = _facts(plan, settings, specimens, clock) | {"temperature": round(temperature, 4)}
    ship(
        replace(made, familiarity=known, facts=facts),
        plan,
        settings.work / "training",
        settings.out,
        settings.overwrite,
    )
    shutil.rmtree(settings.work, ignore_errors=True)
    return settings.out


class _Clock:
    """Minutes of each piece of work, of this call."""

    def __init__(self) -> None:
        self.minutes: dict[str, float] = {}
        self._began = time.monotonic()

    def note(self, name: str) -> None:
        now = time.monotonic()
        self.minutes[name], self._began = round((now - self._began) / 60, 2), now


def _use_threads(settings: PretrainSettings) -> None:
    import torch

    if settings.threads:
        torch.set_num_threads(settings.threads)


def _train(plan: Pretraining, settings: PretrainSettings, specimens: Sequence[Specimen], progress: Progress) -> Path:
    from batterycell.segment.train import train

    progress.report(0.0, "reading specimens")
    samples = [sample for split in SPLITS[:2] for sample in read_samples(specimens, split)]
    dataset = Dataset(plan.classes, tuple(samples))
    return train(dataset, _train_settings(plan, settings), settings.work / "training", progress)


def _train_settings(plan: Pretraining, settings: PretrainSettings) -> TrainSettings:
    chosen = replace(plan.settings, seed=settings.seed, name=plan.name)
    if settings.epochs:
        return replace(chosen, epochs=settings.epochs, minutes=None)
    return replace(chosen, minutes=_minutes(plan, settings))


def _minutes(plan: Pretraining, settings: PretrainSettings) -> float:
    return settings.minutes or plan.settings.minutes or MINUTES


def _calibrate(
    trained: Path, settings: PretrainSettings, specimens: Sequence[Specimen], progress: Progress
) -> tuple[LoadedModel, float]:
    """The model as it ships, rounded to half precision, calibrated on what validated it; and its temperature."""
    model, samples = load_model(trained), read_samples(specimens, "validation")
    pairs = ((one, sample.labels[0]) for sample, one in predictions(model, samples, progress))
    temperature = fit_temperature(pairs)
    folded = fold_temperature(model.network.state_dict(), model.info.network, temperature)
    write_bundle(settings.work / "calibrated", model.info, folded, overwrite=True, portable=True)
    return load_model(settings.work / "calibrated"), temperature


def _judge(model: LoadedModel, specimens: Sequence[Specimen], progress: Progress) -> Made:
    validation = judge(model, read_samples(specimens, "validation"), progress.part(0.0, 0.4))
    return Made(model, validation, judge(model, read_samples(specimens, "held-out"), progress.part(0.4, 1.0)))


def _command(plan: Pretraining, settings: PretrainSettings) -> str:
    """What anyone types to make the same model again."""
    training, validation, held_out = settings.counts or plan.specimens
    length = f"--epochs {settings.epochs}" if settings.epochs else f"--minutes {_minutes(plan, settings):g}"
    counts = f"--images {training} --validation {validation} --held-out {held_out}"
    words = f"python -m batterycell.pretrain {plan.name} {counts} {length} --seed {settings.seed}"
    return f"{words} --threads {settings.cores} --out {plan.name}"


def _facts(
    plan: Pretraining, settings: PretrainSettings, specimens: Sequence[Specimen], clock: _Clock
) -> dict[str, Any]:
    """What stands in the log beside the training's own: seeds, specimens, minutes of this call."""
    seeds = {split: [one.seed for one in specimens if one.split == split] for split in SPLITS}
    return {
        "plan": {"name": plan.name, "version": plan.version, "sources": fingerprint(plan)},
        "seed": settings.seed,
        "specimens": {split: {"first": min(found), "count": len(found)} for split, found in seeds.items() if found},
        "minutes": clock.minutes,
        "command": _command(plan, settings),
    }
