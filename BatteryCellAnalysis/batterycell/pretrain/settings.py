"""How a model that ships is made."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .plan import Pretraining

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

    def minutes_of(self, plan: Pretraining) -> float:
        """Minutes of training at most."""
        return self.minutes or plan.settings.minutes or MINUTES

    def command(self, plan: Pretraining) -> str:
        """What anyone types to make the same model again."""
        training, validation, held_out = self.counts or plan.specimens
        length = f"--epochs {self.epochs}" if self.epochs else f"--minutes {self.minutes_of(plan):g}"
        counts = f"--images {training} --validation {validation} --held-out {held_out}"
        words = f"python -m batterycell.pretrain {plan.name} {counts} {length} --seed {self.seed}"
        return f"{words} --threads {self.cores} --out {plan.name}"
