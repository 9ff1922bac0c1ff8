"""How hard generated cathodes are: what thresholds reach, and what not even the noise forbids.

    python Testing/Benchmarks/microstructure_difficulty.py [--images 5] [--size 256] [--first 60]

Otsu: thresholds of each image (Liao et al. 2001). Grey oracle: each grey value of an image means the class that has it
most often there, the best that any threshold of single pixels can do. Noise limit: every pixel is decided with all its
neighbours known; only those that blur and noise make ambiguous are lost, so no method can be better.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import date

import numpy as np
from batterycell.phantom.microstructure import PRESETS, Micrograph, make_micrograph, preset
from batterycell.phantom.microstructure.presets import Look
from batterycell.segment.evaluate import Compared, Evaluation, score_labels
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import ndtr

Labels = NDArray[np.uint8]
# Labels of real electrodes: an SEM image of a cathode, and NMC from X-ray CT with binder added numerically.
REAL = {"cathode": (0.144, 0.583, 0.274), "xct": (0.40, 0.50, 0.10)}


def otsu(made: Micrograph, look: Look) -> Labels:
    """Classes of an image by as many thresholds as it needs."""
    from skimage.filters import threshold_multiotsu

    phases = look[0].phases
    order = np.argsort(look[1].greys[:phases]) + 1
    return np.asarray(order[np.digitize(made.grey.array, threshold_multiotsu(made.grey.array, phases))], np.uint8)


def grey_oracle(made: Micrograph, look: Look) -> Labels:
    """Classes of an image by the class that has a grey value most often in this very image."""
    grey, labels = made.grey.array, made.labels.array
    counts = [np.bincount(grey[labels == n + 1], minlength=256) for n in range(look[0].phases)]
    smooth = ndimage.gaussian_filter1d(np.array(counts, float), 2, axis=1)
    return np.asarray(smooth.argmax(0)[grey] + 1, np.uint8)


def noise_limit(made: Micrograph, look: Look) -> NDArray[np.float64]:
    """Expected Dice of each class where only blur and noise are in the way.

    Whether a pixel next to another class is of that class changes the image by the point spread times the contrast;
    seen in white noise, that is mistaken with the probability Φ(−d'/2), d' = contrast · √Σ psf² / noise.
    """
    structure, microscope = look
    labels, greys = made.labels.array[0], np.array([0.0, *microscope.greys])
    spread = np.sqrt(1 / (4 * np.pi * max(microscope.blur, 0.3) ** 2))
    noise = np.sqrt(microscope.noise**2 + microscope.shot * greys)[labels]
    lost, taken_for = np.zeros(labels.shape), labels.copy()
    for other in range(1, structure.phases + 1):
        chance = ndtr(-np.abs(greys[other] - greys[labels]) * spread / noise / 2)
        worse = ndimage.binary_dilation(labels == other) & (labels != other) & (chance > lost)
        lost[worse], taken_for[worse] = chance[worse], other
    classes = range(1, structure.phases + 1)
    losses, gains = (np.array([lost[where == n].sum() for n in classes]) for where in (labels, taken_for))
    sizes = np.array([(labels == n).sum() for n in classes])
    return np.asarray(2 * (sizes - losses) / (2 * sizes - losses + gains))


def dice(made: list[Micrograph], look: Look, method: Callable[[Micrograph, Look], Labels]) -> NDArray[np.float64]:
    """Dice, shape (images, classes)."""
    images = [score_labels(one.grey.name, Compared(one.classes, one.labels.array, method(one, look))) for one in made]
    return Evaluation(made[0].classes, tuple(images)).scores("dice")


def row(name: str, values: NDArray[np.float64]) -> str:
    """Mean and lowest Dice of each class, and the mean of all."""
    classes = "  ".join(f"{mean:.3f} ({least:.3f})" for mean, least in zip(values.mean(0), values.min(0), strict=True))
    return f"{name:12}  {classes}  {values.mean():.3f}"


def report(name: str, images: int, size: int, first: int) -> None:
    """Print the tables of one preset."""
    look, began = preset(name), time.perf_counter()
    made = [make_micrograph(*look, (1, size, size), (1, n), str(n)) for n in range(first, first + images)]
    seconds = (time.perf_counter() - began) / images
    print(f"\n{name}: {images} images of {size}², {seconds:.2f} s each; mean Dice (lowest), then the mean of all")
    print("phase         " + "  ".join(f"{one.name:>13}" for one in made[0].classes))
    print(
        "fraction      "
        + "  ".join(f"{np.mean([one.fractions[key] for one in made]):13.3f}" for key in made[0].fractions)
    )
    if name in REAL:
        print("real labels   " + "  ".join(f"{value:13.3f}" for value in REAL[name]))
    print(row("Otsu", dice(made, look, otsu)))
    print(row("grey oracle", dice(made, look, grey_oracle)))
    print(row("noise limit", np.array([noise_limit(one, look) for one in made])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, default in (("--images", 5), ("--size", 256), ("--first", 60)):
        parser.add_argument(option, type=int, default=default)
    args = parser.parse_args()
    print(f"{date.today()}: how hard generated cathodes are")
    for name in PRESETS:
        report(name, args.images, args.size, args.first)


if __name__ == "__main__":
    main()
