"""Training that begins with a model that ships, beside training from scratch, in the same run.

    python Testing/Benchmarks/fine_tuning.py [--model DIR] [--only scribbles steps] [--minutes 1.75] [--threads 2]
        [--steps 600] [--out FOLDER] [--figures FILE]

Scribbles: strokes on three slices of the real FIB-SEM, both detectors, are all labels there are; what "quick" takes,
with its whole time counted; Dice of the particles in slices 16 to 18. The model was never trained on these slices. Its
classes are called otherwise, and it takes one channel.

Steps: from scratch, as many as are given; from the model a fifth of them, each with its own curve of the learning rate.
How many steps until the best validation Dice of the training from scratch is reached. Once on held-out generated
specimens, once on the scribbles, with slices 13 to 15 to validate.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from batterycell.pretrain import PRETRAININGS
from batterycell.pretrain.specimens import draw_specimens, list_specimens, read_samples
from batterycell.progress import Progress
from batterycell.segment import Dataset, Role, TrainSettings
from batterycell.segment.data.dataset import make_dataset
from batterycell.segment.evaluate import Compared, score_labels
from batterycell.segment.model import ModelInfo, list_models, read_info
from batterycell.segment.model.figures import Figure, markdown_table, write_figures
from batterycell.segment.train import read_history, settings_for, train
from fibsem_data import DATA, TEST, VALIDATION, read_slices
from fibsem_lco import CLASSES, read_project, scribbled_project
from numpy.typing import NDArray

NAME = "cathode-microstructure"
PART = 5  # of the steps from scratch, what the model gets
EPOCH = 20  # steps between two validations
SPECIMENS = (6, 3)  # that train and that validate
SEED = 78  # of the specimens; no training used it
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Validation Dice after so many steps, both of shape (epochs,)."""

    steps: Floats
    dice: Floats

    @property
    def best(self) -> tuple[float, int]:
        """The best Dice, and after how many steps it was reached first."""
        return float(self.dice.max()), int(self.steps[self.dice.argmax()])

    def reaches(self, dice: float) -> int | None:
        """After how many steps a Dice is reached; None where it never is."""
        there = np.flatnonzero(self.dice >= dice)
        return int(self.steps[there[0]]) if len(there) else None


def scribbles(model: Path, minutes: float, folder: Path) -> Figure:
    """Three scribbled slices, from scratch and from the model."""
    project, part = scribbled_project()
    settings = replace(settings_for("quick"), minutes=minutes, seed=1)
    rows = []
    for name, start in (("from scratch", None), (f"from {NAME}", model)):
        began = time.perf_counter()
        made = train(make_dataset(project, settings), settings, folder / name, Progress(), start_from=start)
        seconds = time.perf_counter() - began
        dice = score_slices(made)
        rows.append((name, *(f"{one:.4f}" for one in dice), f"{np.mean(dice):.4f}", f"{seconds:.0f} s"))
    note = f"{date.today()}, fibsem_lco, both detectors, {100 * part:.1f} % of three slices' pixels painted."
    heads = ("training", *(f"slice {k + 1}" for k in TEST), "mean", "time")
    return Figure("Three scribbled slices of a real FIB-SEM: particle Dice", heads, tuple(rows), note)


def score_slices(model: Path) -> list[float]:
    """Particle Dice of each slice that tests."""
    from batterycell.segment.apply import ApplySettings, segment_image
    from batterycell.segment.model import load_model

    image, truth = read_project().images[0], read_slices("mask") + np.uint8(1)
    _, rows, columns = image.grid.array.shape
    region = ((TEST[0], 0, 0), (TEST[-1] + 1, rows, columns))
    found = np.asarray(segment_image(image, load_model(model), ApplySettings(region=region)).labels.array)
    pairs = ((k, Compared(CLASSES, truth[k : k + 1], found[n : n + 1])) for n, k in enumerate(TEST))
    return [float(score_labels(f"slice {k + 1}", pair).score("dice")[1]) for k, pair in pairs]


def generated() -> Dataset:
    """Held-out generated specimens."""
    plan = PRETRAININGS[NAME]()
    with tempfile.TemporaryDirectory() as folder:
        listed = list_specimens(Path(folder), SEED, (0, 0, sum(SPECIMENS)))
        draw_specimens(plan, listed, 1, Progress())
        samples = read_samples(listed, "held-out")
    sources = list(dict.fromkeys(sample.source for sample in samples))
    roles: dict[str, Role] = {one: "training" if n < SPECIMENS[0] else "validation" for n, one in enumerate(sources)}
    return Dataset(plan.classes, tuple(replace(sample, role=roles[sample.source]) for sample in samples))


def scribbled() -> Dataset:
    """The scribbles, with other slices, all labelled, to validate."""
    strokes, whole = scribbled_project()[0], read_project()
    learnt = replace(strokes, frames=tuple(frame.with_role("training") for frame in strokes.frames))
    judged = replace(whole, frames=tuple(frame for frame in whole.frames if frame.role == "validation"))
    assert len(judged.frames) == len(VALIDATION)
    settings = TrainSettings()
    both = make_dataset(learnt, settings), make_dataset(judged, settings)
    return replace(both[0], samples=(*both[0].samples, *both[1].samples))


def curves(dataset: Dataset, model: Path, steps: int, folder: Path) -> tuple[Curve, Curve]:
    """From scratch, and from the model with a part of the steps."""
    info = read_info(model)
    return (
        _curve(dataset, _settings(info, steps), folder / "scratch", None),
        _curve(dataset, _settings(info, steps // PART), folder / "model", model),
    )


def _settings(info: ModelInfo, steps: int) -> TrainSettings:
    """The same network for both."""
    features = info.network.features
    sized = TrainSettings(width=features[0], depth=len(features), patch=256, batch=4, seed=1)
    return replace(sized, epochs=max(1, steps // EPOCH), steps=EPOCH)


def _curve(dataset: Dataset, settings: TrainSettings, run: Path, start: Path | None) -> Curve:
    train(dataset, settings, run, Progress(), start_from=start)
    table = read_history(run / "training.csv", dataset.classes)
    dice = np.asarray(table["mean_dice"], float)
    known = np.isfinite(dice)
    return Curve((np.asarray(table["epoch"], float) * EPOCH)[known], dice[known])


def compare_steps(model: Path, steps: int, folder: Path) -> Figure:
    """How many steps until what training from scratch reaches at best."""
    sets = {"held-out generated specimens": generated, "scribbles on the real FIB-SEM": scribbled}
    rows = []
    for number, (name, make) in enumerate(sets.items()):
        scratch, own = curves(make(), model, steps, folder / f"steps {number}")
        (dice, when), reached = scratch.best, own.reaches(scratch.best[0])
        ratio = "not reached" if reached is None else f"1/{when / reached:.1f}"
        rows.append((name, f"{dice:.4f}", f"{when}", f"{reached or '-'}", ratio, f"{own.best[0]:.4f}"))
    heads = ("learnt from", "best Dice from scratch", "after steps", "from the model after", "part", "its own best")
    note = f"{date.today()}. From scratch {steps} steps of 4 patches of 256²; from the model {steps // PART}."
    return Figure("Steps to the best Dice from scratch", heads, tuple(rows), note)


def _shipped() -> Path | None:
    return next((one.folder for one in list_models() if one.kind == "shipped" and one.info.name == NAME), None)


def run(chosen: argparse.Namespace, folder: Path) -> Sequence[Figure]:
    """What was asked for."""
    model = chosen.model or _shipped()
    if model is None:
        sys.exit(f"skipped: {NAME} does not ship with this copy; name a model's folder with --model")
    if not DATA.exists():
        sys.exit(f"skipped: no real data in {DATA}")
    made = {
        "scribbles": lambda: scribbles(model, chosen.minutes, folder),
        "steps": lambda: compare_steps(model, chosen.steps, folder),
    }
    figures = []
    for name in chosen.only:
        figures.append(made[name]())
        print(f"\n{figures[-1].title}\n\n{figures[-1].note}\n\n{markdown_table(figures[-1])}", flush=True)
    return figures


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--model", type=Path, help="the model to begin with (default: the one that ships)")
    words.add_argument("--only", nargs="+", choices=("scribbles", "steps"), default=("scribbles", "steps"))
    words.add_argument("--minutes", type=float, default=settings_for("quick").minutes, help="of each training")
    words.add_argument("--steps", type=int, default=600, help="from scratch")
    words.add_argument("--threads", type=int, default=2)
    words.add_argument("--out", type=Path, default=None, help="folder that keeps the trainings")
    words.add_argument("--figures", type=Path, default=None, help="file that keeps the tables for the model's card")
    chosen = words.parse_args()
    import torch

    torch.set_num_threads(chosen.threads)
    with tempfile.TemporaryDirectory() as scratch:
        figures = run(chosen, chosen.out or Path(scratch))
    if chosen.figures:
        write_figures(figures, chosen.figures)


if __name__ == "__main__":
    main()
