"""From a project to the pixels and labels that a network learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.segment.classes import UNKNOWN, SegmentClass, check_classes
from batterycell.segment.division import Division
from batterycell.segment.frames import Frame
from batterycell.segment.image import Image, Levels
from batterycell.segment.samples import Dataset, Sample
from batterycell.segment.settings import TrainSettings
from batterycell.volume import UM_PER_MM

from .contents import Project
from .leaks import without_leaks
from .levels import measure_levels, measure_quantiles
from .sampling import Sampling, frame_grid, native_size_mm, sample_frame
from .split import split_mixed

# Slices before and behind that a 2.5D network sees.
MARGIN = 1
BACKGROUND_NAME = "background"
_NO_PROGRESS = Progress()
# Voxel sizes that differ by less are one: headers are written with few digits.
_SAME_SIZE = 0.01
_MOST_RATIO = 16.0

Size = tuple[float, float, float]


def make_dataset(
    project: Project,
    settings: TrainSettings,
    progress: Progress = _NO_PROGRESS,
    voxel_size_um: Size | None = None,
    divisions: tuple[Division, ...] = (),
) -> Dataset:
    """Sample all frames of a project, and divide the mixed ones; where frames meet, what validates does not train.

    Args:
        project: Images, labels, frames.
        settings: The dimension tells which slices are needed, the validation part and the seed how to divide.
        progress: Told after every frame.
        voxel_size_um: Size (z, y, x) of the pixels, e.g. those that a model was trained on; None for
            `common_voxel_size`.
        divisions: How mixed frames were divided when the model was trained that the training goes on from.

    Returns:
        The dataset, without mixed samples.

    Raises:
        InputError: if there is nothing to learn from, or a frame or an image cannot be used.
    """
    classes = check_classes(project.classes)
    images = _used_images(project)
    project = replace(project, images=tuple(images))
    margin = MARGIN if settings.dimension == "2.5d" else 0
    how = Sampling(voxel_size_um or common_voxel_size(project, settings), margin, background_label(classes))
    samples = _sample_all(project, images, how, progress)
    whole = Dataset(classes, samples, images[0].channel_names, divisions)
    dataset = split_mixed(whole, settings.validation_part, settings.seed)
    pairs = zip(project.frames, samples, strict=True)
    places = {id(sample.image): frame_grid(frame, project.image(frame.image).grid, how) for frame, sample in pairs}
    return without_leaks(dataset, places)


def measure_image_levels(image: Image) -> tuple[Levels, ...]:
    """The levels of each channel of an image.

    Raises:
        InputError: if a pixel is no number.
    """
    return tuple(measure_levels(channel) for channel in image.channels)


def background_label(classes: Sequence[SegmentClass]) -> int:
    """The label of the class that is called background; 0 where there is none."""
    names = [one.name.strip().casefold() for one in classes]
    return names.index(BACKGROUND_NAME) + 1 if BACKGROUND_NAME in names else UNKNOWN


def common_voxel_size(project: Project, settings: TrainSettings) -> Size | None:
    """The size (z, y, x) in µm at which frames of several resolutions meet: the finest of each direction.

    Returns:
        None where all frames have one size, and are best left as they are; a z of 0 for a 2D network, to which the
        distance of slices does not matter.

    Raises:
        InputError: if sizes differ so much that no network sees the same things in both.
    """
    sizes = np.array([_size_um(project, frame) for frame in project.frames])
    if settings.dimension == "2d":
        sizes[:, 0] = 0.0
    low, high = sizes.min(0), sizes.max(0)
    if np.all(high <= low * (1 + _SAME_SIZE)):
        return None
    if np.any(high > low * _MOST_RATIO):
        raise _too_different(project, sizes)
    z, y, x = low.tolist()
    return z, y, x


def _size_um(project: Project, frame: Frame) -> list[float]:
    size = native_size_mm(frame, project.image(frame.image).grid)[::-1] * UM_PER_MM
    return [float(value) for value in size]


def _too_different(project: Project, sizes: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> InputError:
    fine, coarse = (project.frames[int(one)].image for one in (sizes[:, 2].argmin(), sizes[:, 2].argmax()))
    message = (
        f"The pixels of {coarse} are {sizes[:, 2].max() / sizes[:, 2].min():.0f} times as large as those of {fine}."
    )
    return InputError("resolutions-differ", message, "Train a model of its own for each of them.")


def _used_images(project: Project) -> list[Image]:
    """The images that have frames, with channels of the same names in the same order."""
    if not project.frames:
        hint = "Add a frame, or label at least one image."
        raise InputError("frames-missing", "There is no frame to learn from.", hint)
    images = [project.image(name) for name in dict.fromkeys(frame.image for frame in project.frames)]
    for image in images[1:]:
        if len(image.channels) != len(images[0].channels):
            raise _channels_differ(images[0], image)
    return [image.ordered(images[0].channel_names) for image in images]


def _channels_differ(first: Image, other: Image) -> InputError:
    counts = f"{len(first.channels)} and {len(other.channels)}"
    message = f"The images {first.name} and {other.name} have {counts} channels."
    return InputError("channels-count", message, "Give all images of a project the same channels.")


def _sample_all(project: Project, images: list[Image], how: Sampling, progress: Progress) -> tuple[Sample, ...]:
    levels = {image.name: measure_image_levels(image) for image in images}
    quantiles = {image.name: _measure_quantiles(image, levels[image.name]) for image in images}
    samples = []
    for n, frame in enumerate(project.frames):
        progress.report(n / len(project.frames), f"cutting out frame {frame.name}")
        image, labels = project.image(frame.image), project.labels.get(frame.image)
        sample = sample_frame(image, labels, frame, levels[frame.image], how)
        samples.append(replace(sample, quantiles=quantiles[frame.image]))
    return tuple(samples)


def _measure_quantiles(image: Image, levels: tuple[Levels, ...]) -> tuple[tuple[float, ...], ...]:
    return tuple(measure_quantiles(channel, one) for channel, one in zip(image.channels, levels, strict=True))
