"""Patches a second of this program's training beside a plain MONAI loop's: same network, same data, one run.

The peer is what MONAI's tutorials teach: CacheDataset, random crops, dictionary transforms of comparable strength,
DataLoader, DiceCELoss, Adam, 32 bits. Both take turns, so that whatever else the machine does hits both alike. A third
turn trains on batches that lie on the device already: what the drawing of patches costs.

    OMP_WAIT_POLICY=PASSIVE .venv/bin/python Testing/Benchmarks/training_throughput.py [--device cuda] [--workers 0]

The variable is what this program sets for itself: else threads that wait count as work.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from batterycell.segment import Dataset, Levels, Sample, SegmentClass
from batterycell.segment.device import choose_device
from batterycell.segment.model import NetworkSpec, make_network
from batterycell.segment.train.feed import Feed
from batterycell.segment.train.learner import Learner
from batterycell.segment.train.patches import make_pool
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

FEATURES = (16, 32, 64, 128, 256)
PATCH, BATCH, IMAGES, SHAPE, CLASSES = 256, 16, 12, (750, 600), 3
SPECS = {
    "batterycell": NetworkSpec("2d", 1, 0, CLASSES, FEATURES, (2, 2, 2, 2), norm="batch", activation="relu"),
    "monai": NetworkSpec("2d", 1, 0, CLASSES, FEATURES, (2, 2, 2, 2)),
}
RATE = 1e-3
Step = Callable[[], Any]


def made_sample(seed: int) -> Sample:
    """A fully labelled image of three phases with noise, of the size of a FIB-SEM slice."""
    random = np.random.default_rng(seed)
    field = gaussian_filter(random.normal(size=SHAPE), 8)
    labels = np.digitize(field, np.quantile(field, (0.4, 0.8))).astype(np.uint8) + 1
    grey = np.array([0.0, 60.0, 140.0, 100.0])[labels] + random.normal(0.0, 20.0, SHAPE)
    levels = (Levels(0.0, 200.0),)
    return Sample(f"{seed}", f"{seed}", grey[None, None].astype(np.float32), labels[None], levels, (1.0, 1.0, 1.0))


def made_dataset() -> Dataset:
    """The images that all learn from."""
    classes = tuple(SegmentClass(name, "#808080") for name in ("pore", "active material", "binder"))
    return Dataset(classes, tuple(made_sample(seed) for seed in range(IMAGES)))


def our_step(dataset: Dataset, spec: NetworkSpec, device: str) -> tuple[Step, Step]:
    """A step of this program, and the same without drawing patches."""
    chosen = choose_device(device)
    learner = Learner(spec, chosen, chosen.mixed_precision, "dice+ce", np.ones(CLASSES))
    pool = make_pool(dataset.samples, spec, (1, PATCH, PATCH), chosen.name)
    count, ready = itertools.count(), pool.draw(0, 0, BATCH, "strong")
    feed = Feed(lambda step: pool.draw(0, step, BATCH, "strong"), chosen.kind == "cuda")
    return (
        lambda: learner.step(*feed.batch(next(count)), RATE),
        lambda: learner.step(*ready, RATE),
    )


def plain_step(dataset: Dataset, spec: NetworkSpec, device: str, workers: int) -> Step:
    """A step of the plain loop."""
    from monai.losses import DiceCELoss

    torch.manual_seed(0)
    target = choose_device(device).name
    network = make_network(spec).to(target)
    optimizer, loss = torch.optim.Adam(network.parameters(), RATE), DiceCELoss(to_onehot_y=True, softmax=True)
    batches = plain_batches(dataset, workers)

    def step() -> Any:
        batch = next(batches)
        optimizer.zero_grad()
        value = loss(network(batch["image"].to(target)), batch["label"].to(target))
        value.backward()
        optimizer.step()
        return value.detach()

    return step


def plain_batches(dataset: Dataset, workers: int) -> Iterator[dict[str, Any]]:
    """Batches of the plain loop, without end."""
    from monai.data import CacheDataset, DataLoader

    items = [{"image": one.normalised[:, 0], "label": one.labels.astype(np.int64) - 1} for one in dataset.samples]
    # As many items an epoch as fill batches; the cache holds each image once.
    cached = CacheDataset(items, plain_transforms(), progress=False)
    repeated = torch.utils.data.ConcatDataset([cached] * (BATCH * 4))
    loader = DataLoader(repeated, batch_size=BATCH, shuffle=True, num_workers=workers, persistent_workers=workers > 0)
    while True:
        yield from loader


def plain_transforms() -> Any:
    """Transforms that vary images as much as this program does."""
    from monai import transforms as t

    both, modes = ["image", "label"], ["bilinear", "nearest"]
    return t.Compose(
        [
            t.RandSpatialCropd(both, (PATCH, PATCH), random_size=False),
            t.RandFlipd(both, 0.5, 0),
            t.RandFlipd(both, 0.5, 1),
            t.RandRotate90d(both, 0.75),
            t.RandAffined(both, prob=0.3, rotate_range=np.pi, scale_range=0.25, mode=modes, padding_mode="reflection"),
            t.RandScaleIntensityd("image", 0.25, 1.0),
            t.RandShiftIntensityd("image", 0.25, prob=1.0),
            t.RandAdjustContrastd("image", 0.3, (0.7, 1.4)),
            t.RandGaussianNoised("image", 0.3, 0.0, 0.15),
            t.RandGaussianSmoothd("image", (0.25, 1.0), (0.25, 1.0), prob=0.2),
        ]
    )


def seconds(step: Step, steps: int) -> tuple[float, float]:
    """Seconds a step on the clock, and of work of all cores, which other programs hardly change."""
    began, worked = time.perf_counter(), time.process_time()
    for _ in range(steps):
        value = step()
    float(value)  # waits for the device
    return (time.perf_counter() - began) / steps, (time.process_time() - worked) / steps


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--network", choices=SPECS, default="batterycell", help="this program's choice, or MONAI's")
    parser.add_argument("--workers", type=int, default=0, help="processes that load data for the plain loop")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--threads", type=int, help="of the CPU; 1 where others work too, as waiting threads spin")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    dataset, spec = made_dataset(), SPECS[args.network]
    ours, ready = our_step(dataset, spec, args.device)
    steps = {"plain MONAI loop": plain_step(dataset, spec, args.device, args.workers), "this program": ours}
    steps["this program, batches ready"] = ready
    for step in steps.values():
        step()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in steps}
    for _ in range(args.rounds):
        for name, step in steps.items():
            times[name].append(seconds(step, args.steps))
    show(times, choose_device(args.device).why)


def show(times: dict[str, list[tuple[float, float]]], why: str) -> None:
    """Print the medians of all rounds, and of the ratios within a round."""
    print(f"{why}; {torch.get_num_threads()} threads; a step: {BATCH} patches of {PATCH} × {PATCH}\n")
    print("| loop | s a step | patches a second | against plain MONAI | core seconds a step | against plain MONAI |")
    print("|---|---|---|---|---|---|")
    plain, ours, ready = times.values()
    for name, values in times.items():
        (second, work), (faster, leaner) = np.median(values, 0), ratios(plain, values)
        print(f"| {name} | {second:.3f} | {BATCH / second:.1f} | {faster:.2f} × | {work:.3f} | {leaner:.2f} × |")
    faster, leaner = ratios(ready, ours)
    print(f"\nspeed against batches that lie ready: {100 * faster:.1f} %; by core seconds: {100 * leaner:.1f} %")


def ratios(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> NDArray[np.float64]:
    """How many times as long the first takes, (2,): on the clock and in work; medians of the ratios of each round."""
    return np.asarray(np.median(np.array(first) / np.array(second), 0))


if __name__ == "__main__":
    main()
