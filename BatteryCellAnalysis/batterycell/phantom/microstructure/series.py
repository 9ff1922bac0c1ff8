"""Many images of one electrode: a project that a network can be trained on, and a part of it to test with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from batterycell.phantom.checks import require
from batterycell.progress import Progress

from .factory import Micrograph, make_micrograph
from .presets import Look

Part = Literal["training", "validation", "test"]
# Of 65 images, 45 train, 15 validate and 5 are kept back for the test.
VALIDATION_SHARE, TEST_SHARE = 15 / 65, 5 / 65
MOST_IMAGES = 10_000


def divide(images: int) -> tuple[Part, ...]:
    """What each image is for, in order: training, validation, test, in the ratio 45 : 15 : 5.

    One image trains; of two, one validates; from three on, at least one tests.
    """
    test = max(round(images * TEST_SHARE), int(images > 2))
    validation = max(round(images * VALIDATION_SHARE), int(images > 1))
    counts: dict[Part, int] = {"training": images - validation - test, "validation": validation, "test": test}
    return tuple(part for part, count in counts.items() for _ in range(count))


def make_series(
    look: Look, images: int, size: int, seed: int, progress: Progress | None = None
) -> Iterator[Micrograph]:
    """Generate images of one electrode at different places, one after the other.

    Args:
        look: The electrode and the microscope.
        images: How many.
        size: Rows, and columns, of an image.
        seed: Everything random follows from it.
        progress: Listener.

    Raises:
        UsageError: if there can be no such images.
    """
    progress = progress or Progress()
    require(1 <= images <= MOST_IMAGES, f"{images} images cannot be made.", f"Give 1 to {MOST_IMAGES}.")
    width = len(str(images))
    for index in range(images):
        part = progress.part(index / images, (index + 1) / images)
        yield make_micrograph(*look, (1, size, size), (seed, index), f"image_{index + 1:0{width}d}", part)
