"""The published 50-epoch recipe on generated cathodes: our training and a plain MONAI U-Net beside it.

    python Testing/Benchmarks/recipe_50_epochs.py [--seed 1] [--images 65] [--size 512] [--epochs 50] [--out DIR]

45 images train, 15 validate, 5 test; patches of 256 × 256 (four of an image of 512 × 512), shuffled, batches of 16, 50
epochs, Dice after each; the weights with the best mean validation Dice are kept. All goes the road that a person goes:
the folder that `batterycell phantom microstructure` writes is read and trained on, its test images are segmented.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from batterycell.phantom.microstructure import make_micrograph, preset
from batterycell.phantom.microstructure.files import TEST_FOLDER, write_series
from batterycell.phantom.microstructure.series import divide, make_series
from batterycell.progress import Progress
from batterycell.segment import Dataset, Image, Sample, TrainSettings
from batterycell.segment.apply.volume import segment_image
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.data.project import Project, make_dataset, read_project
from batterycell.segment.evaluate import Compared, Evaluation, dice_grid, score_labels
from batterycell.segment.model.bundle import load_model
from batterycell.segment.train.loop import train
from microstructure_difficulty import otsu
from numpy.typing import NDArray

PATCH, BATCH = 256, 16
PLAIN_RATE = 1e-3
# Dice of a U-Net on five images of an NCM cathode (Fraunhofer IKTS): pores, particles, binder.
PUBLISHED = ((0.84, 0.98, 0.82), (0.96, 0.97, 0.85), (0.96, 0.97, 0.88), (0.91, 0.92, 0.82), (0.94, 0.95, 0.50))
WANTED_MEAN, WANTED_LEAST = 0.95, 0.85
Labels = NDArray[np.uint8]
Predict = Callable[[Image], Labels]


def write_images(folder: Path, args: argparse.Namespace) -> None:
    """What ``batterycell phantom microstructure`` writes."""
    look = preset(args.preset)
    made = make_series(look, args.images, args.size, args.seed)
    write_series(look, made, divide(args.images), folder, args.seed)


def train_ours(dataset: Dataset, run: Path, args: argparse.Namespace) -> Predict:
    """Our training with the recipe's settings, varied lightly as all images come from one microscope."""
    steps = -(-len(_tiles(dataset)[0]) // BATCH)
    settings = TrainSettings(
        patch=min(PATCH, args.size), batch=BATCH, epochs=args.epochs, steps=steps, augmentation="light", seed=args.seed
    )
    model = load_model(train(dataset, settings, run, Progress()))
    return lambda image: np.asarray(segment_image(image, model).labels.array)


def train_plain(dataset: Dataset, args: argparse.Namespace) -> Predict:
    """The same recipe as the tutorials have it: MONAI's U-Net, Dice + cross entropy, Adam."""
    import torch
    from monai.losses import DiceCELoss
    from plain_unet import make_plain_network, predict_plain

    torch.manual_seed(args.seed)
    (images, labels), judges = _tiles(dataset), _stacked(dataset.of_role("validation"))
    network = make_plain_network(1, len(dataset.classes))
    optimizer, loss = torch.optim.Adam(network.parameters(), PLAIN_RATE), DiceCELoss(to_onehot_y=True, softmax=True)
    best, kept = -1.0, network.state_dict()
    for _ in range(args.epochs):
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            loss(network(torch.from_numpy(images)[batch]), torch.from_numpy(labels)[batch]).backward()
            optimizer.step()
        found = [predict_plain(network, image) for image in judges[0]]
        if (dice := _mean_dice(found, judges[1][:, 0], dataset)) > best:
            best, kept = dice, {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(kept)
    return lambda image: _as_labels(predict_plain(network, measure_levels(image.grid).apply(image.grid.array)))


def _stacked(samples: Sequence[Sample]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Images (n, 1, rows, columns) and classes from 0, likewise."""
    images = np.stack([sample.normalised[:, 0] for sample in samples])
    return images, np.stack([sample.labels for sample in samples]).astype(np.int64) - 1


def _tiles(dataset: Dataset) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The training images and classes cut into patches side by side."""
    images, labels = _stacked(dataset.of_role("training"))
    edge = min(PATCH, *images.shape[2:])
    corners = [(j, i) for j in _starts(images.shape[2], edge) for i in _starts(images.shape[3], edge)]
    cut = [(slice(None), slice(None), slice(j, j + edge), slice(i, i + edge)) for j, i in corners]
    return np.concatenate([images[part] for part in cut]), np.concatenate([labels[part] for part in cut])


def _starts(length: int, edge: int) -> range:
    return range(0, length - edge + 1, edge)


def _as_labels(classes: NDArray[Any]) -> Labels:
    return (classes + 1).astype(np.uint8)[None]


def _mean_dice(found: Sequence[NDArray[Any]], truths: NDArray[Any], dataset: Dataset) -> float:
    pairs = [
        Compared(dataset.classes, _as_labels(truth), _as_labels(one)) for one, truth in zip(found, truths, strict=True)
    ]
    return Evaluation(dataset.classes, tuple(score_labels("", pair) for pair in pairs)).mean("dice").mean


def evaluate(predict: Predict, test: Project) -> Evaluation:
    """Dice of each test image and class."""
    pairs = {one.name: Compared(test.classes, test.labels[one.name].array, predict(one)) for one in test.images}
    return Evaluation(test.classes, tuple(score_labels(name, pair) for name, pair in pairs.items()))


def show(title: str, evaluation: Evaluation) -> None:
    """Print a table, image by class."""
    print(f"\n{title}")
    for name, *cells in dice_grid(evaluation):
        print(f"{name:12}" + "".join(f"{cell:>17}" for cell in cells))


def judge(evaluation: Evaluation) -> str:
    """Whether the aim is reached."""
    mean, least = evaluation.mean("dice").mean, float(np.nanmin(evaluation.scores("dice")))
    reached = mean >= WANTED_MEAN and least >= WANTED_LEAST
    aim = f"aim: mean >= {WANTED_MEAN}, none under {WANTED_LEAST}"
    return f"ours: mean {mean:.3f}, lowest class of an image {least:.3f} ({aim}): {'reached' if reached else 'MISSED'}"


def run(folder: Path, args: argparse.Namespace) -> None:
    """The whole comparison, in a folder."""
    write_images(folder / "cathodes", args)
    project, test = read_project(folder / "cathodes"), read_project(folder / "cathodes" / TEST_FOLDER)
    dataset, look = make_dataset(project, TrainSettings()), preset(args.preset)
    counts = [len(dataset.of_role("training")), len(dataset.of_role("validation")), len(test.images)]
    print("{} training, {} validation, {} test images".format(*counts) + f" of {args.size}², seed {args.seed}")
    numbers = {image.name: n for n, image in enumerate([*project.images, *test.images])}
    again = lambda image: make_micrograph(*look, image.grid.array.shape, (args.seed, numbers[image.name]))  # noqa: E731
    show("Otsu's thresholds", evaluate(lambda image: otsu(again(image), look), test))
    results = {}
    for title, make in (("ours", None), ("plain MONAI U-Net", train_plain)):
        began = time.perf_counter()
        predict = make(dataset, args) if make else train_ours(dataset, folder / "run", args)
        results[title] = evaluate(predict, test)
        show(f"{title}, {args.epochs} epochs, {(time.perf_counter() - began) / 60:.1f} min", results[title])
    print(f"\npublished (IKTS, other images): mean {np.mean(PUBLISHED):.3f}, lowest {np.min(PUBLISHED):.2f}")
    print(judge(results["ours"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, default in (("--seed", 1), ("--images", 65), ("--size", 512), ("--epochs", 50)):
        parser.add_argument(option, type=int, default=default)
    parser.add_argument("--preset", default="cathode")
    parser.add_argument("--out", type=Path, help="keep images and models here")
    args = parser.parse_args()
    print(f"{date.today()}: {args.epochs}-epoch recipe on generated cathodes ({args.preset})")
    with nullcontext(args.out) if args.out else tempfile.TemporaryDirectory() as folder:
        run(Path(folder), args)


if __name__ == "__main__":
    main()
