"""Training: epochs of steps, each followed by a validation, with the best weights kept."""

from __future__ import annotations

import math
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from batterycell.errors import Cancelled
from batterycell.progress import Progress
from batterycell.segment.needs import require_packages
from batterycell.segment.samples import Dataset
from batterycell.segment.settings import TrainSettings

from .controls import Controls
from .feed import Feed
from .finish import MODEL_FOLDER, finish
from .rescue import is_out_of_memory, use_less_memory, use_smaller_rate
from .schedule import learning_rate
from .session import Session, open_session
from .validate import measure_dice, write_previews

_KEEP_EVERY_S = 30.0
_KEEP_AFTER_S = 5.0
_REPORT_EVERY_S = 0.2
_WAIT_S = 0.2
_ADD_UP_EVERY = 20  # steps; asking a graphics card for a number makes it wait
# Validation takes at most about this part of the time of training: then only every so many epochs are validated.
_VALIDATION_SHARE = 0.5
_FORWARD = 1 / 3  # of the time of a training step
_PREVIEW_SHARE = 0.2


def train(
    dataset: Dataset,
    settings: TrainSettings,
    run: Path,
    progress: Progress,
    controls: Controls = Controls(),  # noqa: B008 - frozen
    start_from: Path | None = None,
) -> Path:
    """Train a model, or go on where a training in the same folder was interrupted.

    Args:
        dataset: What is learnt from; what is "mixed" in it is divided.
        settings: What is left open is sized to data and machine.
        run: Its folder: checkpoint, best weights, ``training.csv``, ``previews/``, ``rounds.json``, in the
            end ``model/``.
        progress: Told how far it is; when it raises, the state is kept, and the same call goes on from there.
        controls: Pause, and stop keeping the best.
        start_from: Folder of a model whose weights are the start.

    Returns:
        The model's folder, within ``run``.

    Raises:
        InputError: if the packages are missing, if nothing can be learnt from the dataset, if memory does not
            suffice, if the folder holds another training, or if the model to start from does not fit.
        OutputError: if the disk is full; the last checkpoint is kept.
        Cancelled: if the user asked to stop.
    """
    require_packages()
    progress.report(0.0, "preparing the frames")
    session = open_session(dataset, settings, run, start_from)
    if session.state.done and (run / MODEL_FOLDER).exists():
        return run / MODEL_FOLDER
    try:
        with closing(_Loop(session, progress.part(0.02, 0.98), controls)) as loop:
            loop.run()
    except Cancelled:
        session.keep()
        raise
    progress.report(0.99, "writing the model")
    return finish(session)


class _Loop:
    """Runs a session to its end."""

    def __init__(self, session: Session, progress: Progress, controls: Controls) -> None:
        self.session, self.progress, self.controls = session, progress, controls
        self._clock = time.monotonic()
        self._reported = 0.0
        self._preview_s, self._previewed = 0.0, float("-inf")
        self._feed = Feed(session.draw, session.learner.device.kind == "cuda")

    def run(self) -> None:
        """All epochs that are left."""
        session = self.session
        session.write_table()
        while not self._is_over():
            try:
                self._step()
            except FloatingPointError:
                use_smaller_rate(session)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                self._feed.forget()
                use_less_memory(session)
        if session.state.loss_count or not session.state.rows:
            self._end_epoch()
        session.state.done = True
        session.keep()

    def close(self) -> None:
        """Let go of what works beside it."""
        self._feed.close()

    def _is_over(self) -> bool:
        state, settings = self.session.state, self.session.settings
        late = settings.minutes is not None and state.seconds > settings.minutes * 60
        waited = settings.patience is not None and state.waited >= settings.patience > 0
        return state.epoch >= state.epochs or late or waited or self.controls.wants_stop()

    def _step(self) -> None:
        session, state = self.session, self.session.state
        self._wait_while_paused()
        self._tell()
        images, labels = self._feed.batch(state.step)
        session.losses.append(session.learner.step(images, labels, self._rate()))
        state.step += 1
        self._tick()
        if session.learner.device.kind == "cpu" or state.step % _ADD_UP_EVERY == 0:
            session.add_up()
        if state.step >= (state.epoch + 1) * session.steps:
            session.add_up()
            self._end_epoch()
        elif time.monotonic() - session.kept_at > _KEEP_EVERY_S:
            session.keep()

    def _rate(self) -> float:
        session, state = self.session, self.session.state
        highest = float(session.settings.learning_rate or 0.0) * state.rate_factor
        return learning_rate(state.step, session.total, highest)

    def _end_epoch(self) -> None:
        """Validate, keep what is best, and write everything down; nothing is noted before the validation is done."""
        session, state = self.session, self.session.state
        session.learner.check_finite()
        measured = self._validate() if self._is_due() else [None] * (1 + len(session.dataset.classes))
        state.epoch += 1
        loss = state.loss_sum / state.loss_count if state.loss_count else None
        state.rows.append([state.epoch, loss, self._rate(), round(state.seconds, 3), *measured])
        state.loss_sum, state.loss_count = 0.0, 0
        self._preview()
        self._tick()
        self._plan()
        session.write_table()
        if time.monotonic() - session.kept_at > _KEEP_AFTER_S or state.epoch >= state.epochs:
            session.keep()

    def _validate(self) -> list[float | None]:
        """Mean Dice and the Dice of each class; the weights are kept where they are the best so far."""
        session, state = self.session, self.session.state
        dice = measure_dice(session.learner, session.judges, self.progress)
        each = [float(value) if np.isfinite(value) else None for value in dice]
        mean = float(np.nanmean(dice)) if any(value is not None for value in each) else 0.0
        if mean > state.best:
            state.best, state.best_epoch, state.best_dice = mean, state.epoch + 1, each
            session.keep_best()
        return [mean, *each]

    def _is_due(self) -> bool:
        """Whether this epoch is validated: large validation frames are looked at less often, and at the end."""
        session, state = self.session, self.session.state
        pixels = float(np.prod(session.pool.shape)) * int(session.settings.batch or 1) * session.steps
        share = sum(sample.labels.size for sample in session.judges) * _FORWARD / pixels
        every = max(1, math.ceil(share / _VALIDATION_SHARE))
        ends = state.epoch + 1 >= state.epochs or state.loss_count < session.steps
        return (state.epoch + 1) % every == 0 or ends or not state.best_epoch

    def _preview(self) -> None:
        """Show the monitored frames, as long as that takes a small part of the time."""
        frames, began = self.session.dataset.of_role("monitoring"), time.monotonic()
        if frames and (began - self._previewed) * _PREVIEW_SHARE > self._preview_s:
            write_previews(self.session.learner, frames, self.session.run, self.progress)
            self._previewed, self._preview_s = time.monotonic(), time.monotonic() - began

    def _plan(self) -> None:
        """As many epochs as fit into the minutes, so that the learning rate comes to its end in time."""
        session, state = self.session, self.session.state
        if session.settings.minutes is None or state.epoch >= state.epochs:
            return
        possible = int(session.settings.minutes * 60 / (state.seconds / state.epoch))
        state.epochs = max(state.epoch + 1, min(int(session.settings.epochs or possible), possible))

    def _tick(self) -> None:
        now = time.monotonic()
        self.session.state.seconds += now - self._clock
        self._clock = now

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._reported < _REPORT_EVERY_S:
            return
        self._reported = now
        self.progress.report(self._done(), self._message())

    def _done(self) -> float:
        """How far it is: by its steps, or by its minutes where these end it earlier."""
        state, minutes = self.session.state, self.session.settings.minutes
        by_time = state.seconds / (minutes * 60) if minutes else 0.0
        return min(1.0, max(state.step / max(1, self.session.total), by_time))

    def _message(self) -> str:
        state = self.session.state
        last = state.rows[-1][1] if state.rows else None
        loss = state.loss_sum / state.loss_count if state.loss_count else last
        words = [f"epoch {state.epoch + 1} of {state.epochs}", "" if loss is None else f"loss {loss:.3f}"]
        dice = f"best mean Dice {state.best:.3f}" if state.best_epoch else ""
        return ", ".join(word for word in (*words, dice) if word)

    def _wait_while_paused(self) -> None:
        if not self.controls.is_paused():
            return
        self.session.keep()
        while self.controls.is_paused() and not self.controls.wants_stop():
            self.progress.report(self._done(), "paused")
            time.sleep(_WAIT_S)
        self._clock = time.monotonic()
