"""One training: its data, network and state, opened anew or where it was interrupted."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from batterycell.errors import InputError
from batterycell.segment.data.checks import require_trainable
from batterycell.segment.data.split import split_mixed
from batterycell.segment.device import Device, choose_device
from batterycell.segment.model.info import NetworkSpec
from batterycell.segment.samples import Dataset, Sample
from batterycell.segment.settings import TrainSettings

from .checkpoint import load_tensors, save_tensors
from .head import fit_head
from .history import make_history, write_history
from .learner import Learner
from .loss import class_weights
from .patches import Pool, make_pool
from .sizing import patch_shape, size_to, this_machine
from .start import Beginning, Parent, begin_from, read_parent
from .state import BEST_FILE, CHECKPOINT_FILE, State, from_values, origin_of, to_values


@dataclass
class Session:
    """A training under way.

    Args:
        dataset: What is learnt from.
        settings: Without None.
        learner: The network that learns.
        pool: Where its patches come from.
        state: How far it is.
        run: Its folder.
        origin: What it was begun with.
        parent: The model that it goes on from.
    """

    dataset: Dataset
    settings: TrainSettings
    learner: Learner
    pool: Pool
    state: State
    run: Path
    origin: str
    parent: Parent | None = None
    losses: list[Any] = field(default_factory=list)
    kept_at: float = field(default_factory=time.monotonic)

    @property
    def steps(self) -> int:
        """Steps an epoch."""
        return int(self.settings.steps or 1)

    @property
    def total(self) -> int:
        """Steps of the whole training."""
        return self.state.epochs * self.steps

    @property
    def judges(self) -> tuple[Sample, ...]:
        """The samples that validate."""
        return self.dataset.of_role("validation")

    def draw(self, step: int) -> Any:
        """The batch of a step: tensors of images and labels."""
        settings = self.settings
        return self.pool.draw(settings.seed, step, int(settings.batch or 1), settings.augmentation)

    def add_up(self) -> None:
        """Add the losses since the last time to the epoch's.

        Raises:
            FloatingPointError: if one is no number.
        """
        import torch

        if not self.losses:
            return
        total = float(torch.stack(self.losses).double().sum())
        count = len(self.losses)
        self.losses.clear()
        if total != total or total in (float("inf"), float("-inf")):
            raise FloatingPointError("the loss is no number")
        self.state.loss_sum += total
        self.state.loss_count += count

    def keep(self) -> None:
        """Write the checkpoint.

        Raises:
            FloatingPointError: if the weights are spoilt.
            OutputError: if it cannot be written.
        """
        self.add_up()
        self.learner.check_finite()
        values = to_values(self.state, self.settings, self.learner.spec, self.origin)
        save_tensors(self.run / CHECKPOINT_FILE, self.learner.tensors(), values)
        self.kept_at = time.monotonic()

    def keep_best(self) -> None:
        """Write the running mean of the weights as the best so far."""
        values = {"epoch": self.state.epoch, "dice": self.state.best}
        save_tensors(self.run / BEST_FILE, self.learner.average.state_dict(), values)

    def go_back(self) -> None:
        """Become what the last checkpoint holds; notes stay, and the best so far, which has a file of its own."""
        tensors, values = load_tensors(self.run / CHECKPOINT_FILE)
        names = ("notes", "rate_factor", "best", "best_epoch", "best_dice")
        self.state = replace(from_values(values)[0], **{name: getattr(self.state, name) for name in names})
        self.losses.clear()
        self.learner.restore(tensors, self.state.step)

    def write_table(self) -> None:
        """Write ``training.csv``."""
        write_history(make_history(self.state.rows, self.dataset.classes), self.run)

    def resize(self, patch: int, batch: int) -> None:
        """Go on with smaller patches or fewer of them."""
        self.settings = replace(self.settings, patch=patch, batch=batch)
        shape = patch_shape(self.dataset, self.learner.spec, patch)
        if shape != self.pool.shape:
            self.pool = make_pool(self.dataset.of_role("training"), self.learner.spec, shape, self.pool.device)


def open_session(dataset: Dataset, settings: TrainSettings, run: Path, start_from: Path | None) -> Session:
    """Begin a training in a folder, or go on with the one that was interrupted there.

    Raises:
        InputError: if nothing can be learnt from the dataset, if the folder holds another training, or if the parent
            does not fit.
    """
    dataset = split_mixed(dataset, settings.validation_part, settings.seed)
    require_trainable(dataset, settings)
    device = choose_device(settings.device)
    parent = read_parent(start_from, dataset, settings) if start_from else None
    origin = origin_of(dataset, settings, parent.hash if parent else "")
    if (run / CHECKPOINT_FILE).exists():
        return _resumed(dataset, settings, run, device, origin, parent)
    sized, spec = size_to(dataset, settings, this_machine(device), parent.info.network if parent else None)
    session = _session(dataset, sized, spec, device, run, origin)
    session.state.epochs = int(sized.epochs or 1)
    session.parent = parent
    _begin(session)
    return session


def _begin(session: Session) -> None:
    session.run.mkdir(parents=True, exist_ok=True)
    state = session.state
    state.note(session.learner.device.why)
    for problem in require_trainable(session.dataset, session.settings):
        state.note(problem.message)
    if session.parent:
        _take_over(session, begin_from(session.parent, session.dataset, session.settings.seed))
    session.keep()


def _take_over(session: Session, beginning: Beginning) -> None:
    session.learner.take(beginning.weights)
    if not beginning.knows_classes:
        fit_head(session.learner, session.draw)
    for note in beginning.notes:
        session.state.note(note)


def _session(
    dataset: Dataset, settings: TrainSettings, spec: NetworkSpec, device: Device, run: Path, origin: str
) -> Session:
    import torch

    torch.manual_seed(settings.seed)
    shape = patch_shape(dataset, spec, int(settings.patch or 1))
    pool = make_pool(dataset.of_role("training"), spec, shape, device.name)
    weights = class_weights(pool.counts.sum(0))
    learner = Learner(spec, device, bool(settings.mixed_precision), settings.loss, weights)
    return Session(dataset, settings, learner, pool, State(), run, origin)


def _resumed(
    dataset: Dataset, settings: TrainSettings, run: Path, device: Device, origin: str, parent: Parent | None
) -> Session:
    tensors, values = load_tensors(run / CHECKPOINT_FILE)
    if values["origin"] != origin:
        raise InputError(
            "run-other",
            f"{run} holds a training that began with other frames, labels or settings.",
            "Take a new folder, or delete this one to begin anew.",
        )
    state, sized, spec = from_values(values)
    sized = replace(sized, minutes=settings.minutes, device=settings.device, name=settings.name)
    session = _session(dataset, sized, spec, device, run, origin)
    session.state, session.parent = state, parent
    session.learner.restore(tensors, state.step)
    if state.step and not state.done:
        state.note(f"Went on after epoch {state.epoch}, where it was interrupted.")
    return session
