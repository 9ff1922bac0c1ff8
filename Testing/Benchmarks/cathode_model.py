"""How good cathode-microstructure is on a real cathode that it never saw, and on generated ones beyond its training.

    python Testing/Benchmarks/cathode_model.py [--model DIR] [--specimens 24] [--seed 1] [--figures FILE]

Real: 18 slices of a FIB-SEM with two detectors and masks of the particles drawn by hand (../shared/data/fibsem_lco, or
where BATTERYCELL_DATA says); nothing of it trained the model. Its pixels' size is not stated: the network sees them as
they are. "Both" is the mean of the probabilities that it gives the two detectors' images of the same place. The peer is
what one has without labels and without a model: Otsu's threshold of the image, smoothed by a median of 5 × 5
pixels. Within 2 px: as in fibsem_lco.py.

Generated: specimens of the held-out families, drawn anew from a seed that training did not use.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
from batterycell.pretrain import PRETRAININGS
from batterycell.pretrain.judging.predictions import judge
from batterycell.pretrain.judging.tables import held_out_table
from batterycell.pretrain.specimens import draw_specimens, list_specimens, read_samples
from batterycell.progress import Progress
from batterycell.segment.apply.predict import predict_probabilities
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.evaluate.confusion import count_agreement
from batterycell.segment.model import LoadedModel, find_model, load_model
from batterycell.segment.model.figures import Figure, markdown_table, write_figures
from batterycell.volume import Volume
from fibsem_data import DATA, read_slices
from numpy.typing import NDArray

NAME = "cathode-microstructure"
PARTICLE = "active material"
TOLERANCE_PX = 2.0
DETECTORS = ("se", "bse")
Mask = NDArray[np.bool_]


def dice(one: Mask, other: Mask) -> float:
    """Dice of two masks."""
    return float(2 * (one & other).sum() / max(one.sum() + other.sum(), 1))


def dice_within(truth: Mask, found: Mask) -> float:
    """Dice of particles where a pixel is right whose label is found within two pixels."""
    labels = (one[None].astype(np.uint8) + np.uint8(1) for one in (truth, found))
    agreed, whole = count_agreement(*labels, 2, TOLERANCE_PX)[1]
    return float(agreed / max(whole, 1))


def probabilities(model: LoadedModel, detector: str, slices: range) -> NDArray[np.float32]:
    """Of each class, (slices, classes, rows, columns)."""
    stack = read_slices(detector)
    levels = measure_levels(Volume.from_stack(stack, (1.0, 1.0, 1.0), "not stated", detector))
    image = levels.apply(stack[slices.start : slices.stop])[None]
    found = predict_probabilities(model.network, image, model.info.network)
    return np.asarray(np.moveaxis(found, 0, 1))


def threshold(image: NDArray[np.uint8]) -> Mask:
    """What is brighter than Otsu's threshold of the smoothed image."""
    from scipy import ndimage
    from skimage.filters import threshold_otsu

    smooth = ndimage.median_filter(image, 5)
    return np.asarray(smooth > threshold_otsu(smooth))


def real_table(model: LoadedModel, slices: range) -> Figure:
    """Dice of particles on each slice."""
    particle = [one.name for one in model.info.classes].index(PARTICLE)
    masks = read_slices("mask")[slices.start : slices.stop] > 0
    seen = [probabilities(model, detector, slices) for detector in DETECTORS]
    found = [one.argmax(1) == particle for one in (*seen, (seen[0] + seen[1]) / 2)]
    rows = []
    for number, (k, mask) in enumerate(zip(slices, masks, strict=True)):
        ours = [one[number] for one in found]
        within = [dice_within(mask, one) for one in (ours[0], ours[2])]
        peers = [threshold(read_slices(detector)[k]) for detector in DETECTORS]
        rows.append([*(dice(one, mask) for one in ours), *within, *(dice(one, mask) for one in peers)])
    cells = [(str(k + 1), *map(_number, row)) for k, row in zip(slices, rows, strict=True)]
    cells += [("mean", *map(_number, np.mean(rows, 0))), ("lowest", *map(_number, np.min(rows, 0)))]
    heads = ("slice", "SE", "BSE", "both", "SE within 2 px", "both within 2 px", "Otsu on SE", "Otsu on BSE")
    note = (
        f"{date.today()}; Dice of particles, against masks drawn by hand; nothing of this image trained the model; "
        "slices 1 to 3 were looked at, and scored, while its generator was written."
    )
    return Figure("Real FIB-SEM of a LiCoO2 cathode, never trained on", heads, tuple(cells), note)


def _number(value: float) -> str:
    return f"{value:.3f}"


def generated_table(model: LoadedModel, count: int, seed: int) -> Figure:
    """Dice of each held-out family and class."""
    plan = PRETRAININGS[NAME]()
    with tempfile.TemporaryDirectory() as folder:
        specimens = list_specimens(Path(folder), seed, (0, 0, count))
        draw_specimens(plan, specimens, 1, Progress())
        judged = judge(model, read_samples(specimens, "held-out"), Progress())
    return held_out_table(judged, plan, str(date.today()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="folder of the model (default: the one that ships)")
    parser.add_argument("--specimens", type=int, default=24, help="held-out ones; 0 for the real image alone")
    parser.add_argument("--slices", type=int, default=18, help="of the real image, from the first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--figures", type=Path, help="write the tables here, for python -m batterycell.pretrain card")
    args = parser.parse_args()
    model = load_model(args.model or find_model(NAME).folder)
    figures = [generated_table(model, args.specimens, args.seed)] if args.specimens else []
    if DATA.exists():
        figures.insert(0, real_table(model, range(args.slices)))
    else:
        print(f"no real image: {DATA} is not there")
    for figure in figures:
        print(f"\n{figure.title}\n\n{figure.note}\n\n{markdown_table(figure)}")
    if args.figures:
        write_figures(figures, args.figures)


if __name__ == "__main__":
    main()
