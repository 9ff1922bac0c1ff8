"""From a plan to a model that ships: drawn, trained, calibrated, judged; broken off anywhere, it goes on from there."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from batterycell.output import check_free
from batterycell.progress import Progress
from batterycell.segment.model import LoadedModel, load_model, write_bundle
from batterycell.segment.needs import require_packages
from batterycell.segment.samples import Dataset, Sample
from batterycell.segment.settings import TrainSettings

from .familiar import cache_of, learn_familiarity
from .judging.calibration import fit_temperature, fold_temperature
from .judging.predictions import judge, predictions
from .plan import SPLITS, Pretraining, Split
from .settings import PretrainSettings
from .shipping import Made, ship
from .sources import fingerprint
from .specimens import Specimen, draw_specimens, list_specimens, read_samples

_DRAWN, _TRAINED, _CALIBRATED = 0.15, 0.9, 0.92


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
    counts = settings.counts or plan.specimens
    specimens = list_specimens(cache_of(plan, settings.specimens), settings.seed, counts)
    work = _Work(plan, settings, specimens)
    work.draw(progress.part(0.0, _DRAWN))
    trained = work.train(progress.part(_DRAWN, _TRAINED))
    made = work.judge(work.calibrate(trained, progress.part(_TRAINED, _CALIBRATED)), progress.part(_CALIBRATED, 1.0))
    ship(made, plan, settings.work / "training", settings.out, settings.overwrite)
    shutil.rmtree(settings.work, ignore_errors=True)
    return settings.out


def _use_threads(settings: PretrainSettings) -> None:
    import torch

    if settings.threads:
        torch.set_num_threads(settings.threads)


class _Work:
    """The pieces of the work, and what its log says.

    Args:
        plan: What the model is to be.
        settings: How it is made.
        specimens: What it learns from, and is judged by.
    """

    def __init__(self, plan: Pretraining, settings: PretrainSettings, specimens: Sequence[Specimen]) -> None:
        self.plan, self.settings, self.specimens = plan, settings, specimens
        # Now: sources that are edited meanwhile drew nothing.
        self.sources = fingerprint(plan)
        self.temperature = 1.0
        self._minutes: dict[str, float] = {}
        self._began = time.monotonic()

    def draw(self, progress: Progress) -> None:
        """Draw what is not drawn yet."""
        draw_specimens(self.plan, self.specimens, self.settings.cores, progress)
        self._note("drawing")

    def train(self, progress: Progress) -> Path:
        """The folder of the trained model."""
        from batterycell.segment.train import train

        progress.report(0.0, "reading specimens")
        samples = (*self._samples("training"), *self._samples("validation"))
        dataset = Dataset(self.plan.classes, samples)
        folder = train(dataset, self._train_settings(), self.settings.work / "training", progress)
        self._note("training")
        return folder

    def calibrate(self, trained: Path, progress: Progress) -> LoadedModel:
        """The model as it ships: rounded to half precision, calibrated on what validated it."""
        model = load_model(trained)
        pairs = predictions(model, self._samples("validation"), progress)
        self.temperature = fit_temperature((found, sample.labels[0]) for sample, found in pairs)
        weights = fold_temperature(model.network.state_dict(), model.info.network, self.temperature)
        folder = self.settings.work / "calibrated"
        write_bundle(folder, model.info, weights, overwrite=True, portable=True)
        return load_model(folder)

    def judge(self, model: LoadedModel, progress: Progress) -> Made:
        """How good it is, and what looks familiar to it."""
        validation = judge(model, self._samples("validation"), progress.part(0.0, 0.2))
        held_out = judge(model, self._samples("held-out"), progress.part(0.2, 0.5))
        where = self.settings.others, self.settings.specimens, self.settings.cores
        known = learn_familiarity(self.specimens, *where, progress.part(0.5, 1.0))
        self._note("judging")
        return Made(model, validation, held_out, known, self._facts())

    def _samples(self, split: Split) -> tuple[Sample, ...]:
        return tuple(read_samples(self.specimens, split))

    def _train_settings(self) -> TrainSettings:
        chosen = replace(self.plan.settings, seed=self.settings.seed, name=self.plan.name)
        if self.settings.epochs:
            return replace(chosen, epochs=self.settings.epochs, minutes=None)
        return replace(chosen, minutes=self.settings.minutes_of(self.plan))

    def _note(self, name: str) -> None:
        """Note the minutes that a piece of work took, of this call."""
        now = time.monotonic()
        self._minutes[name], self._began = round((now - self._began) / 60, 2), now

    def _facts(self) -> dict[str, Any]:
        """What stands in the log beside the training's own."""
        plan, seeds = self.plan, {split: [one.seed for one in self.specimens if one.split == split] for split in SPLITS}
        return {
            "plan": {"name": plan.name, "version": plan.version, "sources": self.sources},
            "seed": self.settings.seed,
            "specimens": {split: {"first": min(found), "count": len(found)} for split, found in seeds.items() if found},
            "minutes": self._minutes,
            "temperature": round(self.temperature, 4),
            "command": self.settings.command(plan),
        }
