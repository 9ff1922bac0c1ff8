"""What a training is worth after its worker was killed (kill -9) at a random moment and started again, ten times.

    .venv/bin/python Testing/Benchmarks/kill_resume.py

Each row is a training of its own; the first was left alone. Ours end with the same weights, to the bit.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from batterycell.segment import Dataset, Levels, Role, Sample, SegmentClass, TrainSettings
from batterycell.segment.data.files import write_dataset
from batterycell.worker import write_job
from batterycell.worker.train import read_summary
from scipy.ndimage import gaussian_filter

SETTINGS = TrainSettings(epochs=6, steps=8, batch=4, patch=64, width=8, depth=3, device="cpu", augmentation="strong")


@dataclass(frozen=True)
class Row:
    """One training: how far it was when it was killed, how it ended."""

    killed_at: str
    dice: float
    weights: str
    seconds: float


def made_sample(seed: int, role: Role) -> Sample:
    """A noisy image of three phases, labelled."""
    draws = np.random.default_rng(seed)
    field = gaussian_filter(draws.normal(size=(160, 160)), 5)
    labels = np.digitize(field, np.quantile(field, (0.4, 0.8))).astype(np.uint8) + 1
    grey = np.array([0.0, 60.0, 140.0, 100.0])[labels] + draws.normal(0.0, 25.0, labels.shape)
    levels = (Levels(0.0, 200.0),)
    return Sample(f"{role} {seed}", f"{seed}", grey[None, None], labels[None], levels, (1.0, 1.0, 1.0), role)


def made_dataset() -> Dataset:
    """Two frames to train, one to validate."""
    classes = tuple(SegmentClass(name, "#808080") for name in ("pore", "active material", "binder"))
    roles: tuple[Role, ...] = ("training", "training", "validation")
    return Dataset(classes, tuple(made_sample(seed, role) for seed, role in enumerate(roles)))


def start(job: Path) -> subprocess.Popen[str]:
    """Start the worker on a job."""
    return subprocess.Popen(
        [sys.executable, "-m", "batterycell.worker", str(job)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def kill_at(job: Path, fraction: float, delay: float) -> str:
    """Kill the worker once it is so far, after a delay in seconds; return what it said last."""
    worker = start(job)
    assert worker.stdout is not None
    said: dict[str, Any] = {}
    for line in worker.stdout:
        said = json.loads(line)
        if said.get("fraction", 0.0) >= fraction:
            break
    time.sleep(delay)
    worker.kill()
    worker.wait()
    return f"{100 * said['fraction']:.0f} %, {said['message'].split(',')[0]}"


def run(folder: Path, data: Path, moment: tuple[float, float] | None) -> Row:
    """Train; kill the worker at a moment (fraction, and seconds after it), and start it again."""
    (job := folder / "job").mkdir(parents=True)
    write_job(job, "train", None, {"dataset": str(data), "run": str(folder / "run"), "train": asdict(SETTINGS)})
    began = time.perf_counter()
    killed = "never" if moment is None else kill_at(job, *moment)
    worker = start(job)
    worker.communicate()
    if worker.returncode:
        raise SystemExit(f"the worker ended with {worker.returncode}")
    summary = read_summary(job)
    return Row(killed, summary["training"]["mean_dice"], summary["hash"], time.perf_counter() - began)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    draws = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        write_dataset(made_dataset(), data)
        moments = [None, *((draws.uniform(0.0, 0.95), draws.uniform(0.0, 0.5)) for _ in range(args.times))]
        rows = [run(Path(place) / str(number), data, moment) for number, moment in enumerate(moments)]
    show(rows)


def show(rows: list[Row]) -> None:
    """Print a row a training, and how many ended like the one that was left alone."""
    print("| killed at | best mean Dice | same weights | s |\n|---|---|---|---|")
    for row in rows:
        same = "yes" if row.weights == rows[0].weights else "no"
        print(f"| {row.killed_at} | {row.dice:.6f} | {same} | {row.seconds:.0f} |")
    dice, weights = ([getattr(row, name) == getattr(rows[0], name) for row in rows[1:]] for name in ("dice", "weights"))
    print(f"\n{sum(dice)} of {len(dice)} end with the same best Dice, {sum(weights)} with the same weights to the bit")


if __name__ == "__main__":
    main()
