"""Real FIB-SEM of a cathode: how well a trained network finds the particles, beside a plain MONAI U-Net.

    python Testing/Benchmarks/fibsem_lco.py --out FOLDER [--only peer full scribbles] [--threads 2]

Slices 1 to 12 train, 13 to 15 validate, 16 to 18 test, in order; every tenth slice was kept, so neighbours differ. What
is finished in the folder is not done again. The data lie in ../shared/data/fibsem_lco, or where BATTERYCELL_DATA says.

Peer: SE detector, 1,200 steps of 16 × 256², best validation Dice kept. Ours: the product's own training, application
and evaluation, both detectors. Scribbles: strokes on three of the training slices are all labels there
are, those that validate included; a first round learns from them alone, a second one also from what the first is sure
of in the nine other slices, which nobody labelled or corrected. Within 2 px: (|P ∩ T⁺| + |T ∩ P⁺|) / (|P| + |T|), where
⁺ is "and what lies within 2 pixels" (`batterycell.segment.evaluate`); the hand masks are polygons.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from batterycell.progress import Progress
from batterycell.segment import Frame, Image, Role, SegmentClass, TrainSettings
from batterycell.segment.apply.settings import Segmented
from batterycell.segment.data.contents import Project
from batterycell.segment.data.dataset import make_dataset
from batterycell.segment.evaluate import Compared, score_labels
from batterycell.volume import Volume
from fibsem_data import DATA, TEST, TRAINING, VALIDATION, read_slices
from fibsem_strokes import scribble
from numpy.typing import NDArray

CLASSES = (SegmentClass("pore and binder", "#30343B"), SegmentClass("particle", "#4C9BE8"))
TOLERANCE_PX = 2.0
SCRIBBLED = (3, 7, 11)
SCRIBBLED_PART = 0.05  # of all labels of the training slices, at most
SURE = 10  # percent of uncertainty up to which a prediction teaches the second round
PIXEL_UM = (1.0, 1.0, 1.0)  # not stated
OURS = TrainSettings(epochs=30, steps=40, batch=8, patch=256, seed=1)
ROUNDS = tuple(replace(OURS, epochs=epochs, validation_part=0.15) for epochs in (15, 20))
Labels = NDArray[np.uint8]


def read_project() -> Project:
    """Both detectors as one image of two channels; the slices that train and that validate are labelled."""
    channels = tuple(Volume.from_stack(read_slices(name), PIXEL_UM, "not stated", name) for name in ("se", "bse"))
    image = Image("fibsem", channels, ("SE", "BSE"))
    labels = Volume.from_stack(read_slices("mask") + np.uint8(1), PIXEL_UM, "not stated", "mask")
    labels.array[list(TEST)] = 0
    frames = [*_frames(image, TRAINING, "training"), *_frames(image, VALIDATION, "validation")]
    return Project(CLASSES, (image,), {"fibsem": labels}, tuple(frames))


def _frames(image: Image, slices: Any, role: Role) -> list[Frame]:
    return [Frame.of_slice(f"slice {k + 1}", image.name, image.grid, k).with_role(role) for k in slices]


def scribbled_project() -> tuple[Project, float]:
    """Strokes on three slices, all that is labelled; and the part of the training labels that they are."""
    project = read_project()
    image, labels = project.images[0], project.labels["fibsem"]
    strokes = np.zeros_like(labels.array)
    budget = int(SCRIBBLED_PART * len(TRAINING) * labels.array[0].size / len(SCRIBBLED))
    for k in SCRIBBLED:
        strokes[k] = scribble(labels.array[k], budget, seed=k)
    known = float((strokes > 0).sum() / (len(TRAINING) * labels.array[0].size))
    volume = Volume(strokes, labels.ijk_to_ras, "not stated", "strokes")
    return Project(CLASSES, project.images, {"fibsem": volume}, tuple(_frames(image, SCRIBBLED, "mixed"))), known


def run_full(folder: Path) -> dict[str, Any]:
    """Train on all labels, and segment the test slices."""
    project = read_project()
    model = _train(project, OURS, folder / "full")
    return {"labels": 1.0, "seconds": _seconds(model), **_score(_segment_both(project.images[0], model))}


def run_scribbles(folder: Path) -> dict[str, Any]:
    """Train on strokes, then also on what is sure in slices without any, and segment the test slices."""
    project, part = scribbled_project()
    image = project.images[0]
    first = _train(project, ROUNDS[0], folder / "strokes")
    second = _train(_with_predictions(project, first), ROUNDS[1], folder / "scribbles")
    return {"labels": part, "seconds": _seconds(first, second), **_score(_segment_both(image, second))}


def _seconds(*models: Path) -> float:
    """How long models were trained, also where a training was interrupted."""
    from batterycell.segment.model.bundle import read_info

    return sum(60.0 * float(read_info(model).training["minutes"]) for model in models)


def _train(project: Project, settings: TrainSettings, folder: Path) -> Path:
    from batterycell.segment.train.loop import train

    return train(make_dataset(project, settings), settings, folder, Progress())


def _with_predictions(project: Project, model: Path) -> Project:
    """The strokes, and in the other training slices what the model is sure of."""
    image, strokes = project.images[0], project.labels["fibsem"]
    found = _segment(image, model, TRAINING)
    assert found.uncertainty is not None
    labels = strokes.array.copy()
    others = [k for k in TRAINING if k not in SCRIBBLED]
    labels[others] = np.where(found.uncertainty.array <= SURE, found.labels.array, 0)[others]
    frames = (*project.frames, *_frames(image, others, "training"))
    return replace(project, labels={"fibsem": replace(strokes, array=labels)}, frames=frames)


def _segment(image: Image, model: Path, slices: range) -> Segmented:
    """Labels and uncertainty of some slices."""
    from batterycell.segment.apply.settings import ApplySettings
    from batterycell.segment.apply.volume import segment_image
    from batterycell.segment.model.bundle import load_model

    _, rows, columns = image.grid.array.shape
    region = ((slices[0], 0, 0), (slices[-1] + 1, rows, columns))
    return segment_image(image, load_model(model, "cpu"), ApplySettings(region=region, uncertainty=True))


def _segment_both(image: Image, model: Path) -> dict[str, Labels]:
    """Labels of the slices that validate and that test."""
    both = {"validation": VALIDATION, "test": TEST}
    return {name: np.asarray(_segment(image, model, slices).labels.array) for name, slices in both.items()}


def run_peer(folder: Path) -> dict[str, Any]:
    """Train the plain U-Net on the SE detector, and segment the test slices."""
    from plain_unet import Slices, predict_plain, train_plain

    images = read_slices("se").astype(np.float32)[:, None] / np.float32(127.5) - np.float32(1.0)
    labels = read_slices("mask").astype(np.int64)
    training, validation = (Slices(images[list(part)], labels[list(part)]) for part in (TRAINING, VALIDATION))
    result = train_plain(training, validation)
    found = {
        name: np.stack([predict_plain(result.network, images[k]) for k in slices]).astype(np.uint8) + np.uint8(1)
        for name, slices in (("validation", VALIDATION), ("test", TEST))
    }
    return {"labels": 1.0, "seconds": result.seconds, **_score(found)}


def _score(found: dict[str, Labels]) -> dict[str, list[float]]:
    """Particle Dice of each slice, strict and within 2 px."""
    truth = read_slices("mask") + np.uint8(1)
    scores: dict[str, list[float]] = {}
    for name, slices in (("validation", VALIDATION), ("test", TEST)):
        rows = [score_labels(f"slice {k + 1}", Compared(CLASSES, truth[k : k + 1], one[None]), TOLERANCE_PX)
                for k, one in zip(slices, found[name], strict=True)]  # fmt: skip
        scores[name] = [float(row.score("dice")[1]) for row in rows]
        scores[f"{name} within 2 px"] = [float(row.score("tolerant_dice")[1]) for row in rows]
    return scores


def report(results: dict[str, dict[str, Any]]) -> str:
    """The table."""
    lines = [f"\n{date.today()}, fibsem_lco, particle Dice of test slices 16, 17, 18\n"]
    lines += ["| training | labels | 16 | 17 | 18 | mean | within 2 px | validation | time |", "|" + "---|" * 9]
    for name, result in results.items():
        each = " | ".join(f"{value:.4f}" for value in result["test"])
        means = [float(np.mean(result[key])) for key in ("test", "test within 2 px", "validation")]
        cells = " | ".join(f"{value:.4f}" for value in means)
        lines.append(
            f"| {name} | {100 * result['labels']:.1f} % | {each} | {cells} | {result['seconds'] / 60:.1f} min |"
        )
    return "\n".join(lines)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--out", type=Path, required=True, help="folder that keeps trainings and results")
    parts = ("peer", "full", "scribbles")
    words.add_argument("--only", nargs="+", choices=parts, default=parts)
    words.add_argument("--threads", type=int, default=2)
    chosen = words.parse_args()
    if not DATA.exists():
        sys.exit(f"skipped: no real data in {DATA}")
    import torch

    torch.set_num_threads(chosen.threads)
    chosen.out.mkdir(parents=True, exist_ok=True)
    work: dict[str, Callable[[], dict[str, Any]]] = {
        "peer": partial(run_peer, chosen.out),
        "full": partial(run_full, chosen.out),
        "scribbles": partial(run_scribbles, chosen.out),
    }
    results = {}
    for name in chosen.only:
        kept = chosen.out / f"{name}.json"
        if not kept.exists():
            kept.write_text(json.dumps(work[name](), indent=1), encoding="utf-8")
        results[name] = json.loads(kept.read_text(encoding="utf-8"))
    print(report(results))


if __name__ == "__main__":
    main()
