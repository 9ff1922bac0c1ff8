"""Settings that were left open, sized to the data, the machine and the time that an effort allows."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import numpy as np

from batterycell.errors import InputError
from batterycell.segment.device import Device
from batterycell.segment.model.info import NetworkSpec
from batterycell.segment.samples import Dataset, Sample
from batterycell.segment.settings import Augmentation, Effort, TrainSettings

_PATCH, _PATCH_3D = 256, 64
_PIXELS, _PIXELS_CUDA, _VOXELS = 8 * 256**2, 16 * 256**2, 2 * 64**3
_MOST_BATCH, _LEAST_STEPS, _MOST_STEPS = 32, 24, 200
_EPOCHS, _LEAST_EPOCHS, _MOST_EPOCHS = 50, 20, 400
# In little time, many steps of few patches teach more than few steps of many.
_ENOUGH_STEPS, _LEAST_BATCH = 800, 4
_RATE, _RATE_ON = 3e-3, 1e-3
_COARSEST = 4  # pixels that the deepest level should see at least; batch normalisation needs more than one
# Measured on 2 cores with bfloat16: seconds for a training pixel of a network with 16 features.
_SECONDS_A_PIXEL, _CUDA_SPEED, _STEPS_SHARE = 0.35e-6, 60.0, 0.8
# Bytes for a training pixel of the same network; of the free memory, the part that a training may take.
_BYTES_A_PIXEL, _MEMORY_SHARE, _UNKNOWN_MEMORY = 700, 0.5, 4 * 2**30
# Quick is 2 minutes with what comes before and after.
_MINUTES: dict[Effort, float] = {"quick": 1.75, "standard": 10.0, "thorough": 60.0}
_PATIENCE: dict[Effort, int | None] = {"quick": None, "standard": 15, "thorough": 30}


@dataclass(frozen=True)
class Machine:
    """What a training may use.

    Args:
        device: What computes.
        memory: Free bytes of that device.
        cores: Cores of the CPU.
    """

    device: Device
    memory: int
    cores: int


def this_machine(device: Device) -> Machine:
    """The machine this runs on."""
    import torch

    from batterycell.io.memory import free_bytes

    free = torch.cuda.mem_get_info(device.name)[0] if device.kind == "cuda" else free_bytes()
    return Machine(device, int(free or _UNKNOWN_MEMORY), os.cpu_count() or 1)


def settings_for(effort: Effort) -> TrainSettings:
    """The settings of an effort: how many minutes a training may take at most, on any machine."""
    augmentation: Augmentation = "strong" if effort == "thorough" else "light"
    return TrainSettings(epochs=None, minutes=_MINUTES[effort], patience=_PATIENCE[effort], augmentation=augmentation)


def size_to(
    dataset: Dataset, settings: TrainSettings, machine: Machine, parent: NetworkSpec | None = None
) -> tuple[TrainSettings, NetworkSpec]:
    """The settings without None (but for minutes and patience, where None is a choice), and the network.

    Args:
        dataset: What is learnt from.
        settings: As chosen.
        machine: Where it is learnt.
        parent: The network that is trained on, whose form is kept.

    Raises:
        InputError: if the samples do not suit the dimension.
    """
    edge = _frame_edge(dataset)
    spec = _heir(parent, dataset) if parent else _network(dataset, settings, machine, edge)
    three = spec.dimension == "3d"
    patch = _multiple(settings.patch or min(edge, _PATCH_3D if three else _PATCH), spec.multiple)
    rate = settings.learning_rate or (_RATE_ON if parent else _RATE)
    mixed = machine.device.mixed_precision if settings.mixed_precision is None else settings.mixed_precision
    sized = replace(settings, patch=patch, learning_rate=rate, mixed_precision=mixed)
    sized = replace(sized, dimension=spec.dimension, width=spec.features[0], depth=len(spec.features))
    pixels = patch_shape(dataset, spec, patch)[0] * patch**2
    sized = replace(sized, batch=settings.batch or _batch(pixels, spec, machine, sized))
    return _with_epochs(sized, dataset, pixels, seconds_a_step(spec, pixels, machine, mixed)), spec


def patch_shape(dataset: Dataset, spec: NetworkSpec, patch: int) -> tuple[int, int, int]:
    """Slices, rows and columns of a patch; a 3D one has no more slices than the frames that train."""
    if spec.dimension != "3d":
        return 1, patch, patch
    deepest = max(sample.labels.shape[0] for sample in dataset.of_role("training") or dataset.samples)
    return min(patch, -(-deepest // spec.multiple) * spec.multiple), patch, patch


def seconds_a_step(spec: NetworkSpec, pixels: int, machine: Machine, mixed: bool) -> float:
    """About how long a step takes; the same on every machine of its kind, so that a seed gives the same run."""
    speed = _CUDA_SPEED if machine.device.kind == "cuda" else machine.cores / 2 * (1.0 if mixed else 0.6)
    return float(_SECONDS_A_PIXEL * pixels * (spec.features[0] / 16) ** 1.6 / speed)


def _heir(parent: NetworkSpec, dataset: Dataset) -> NetworkSpec:
    return replace(parent, classes=len(dataset.classes), channels=len(dataset.channel_names))


def _network(dataset: Dataset, settings: TrainSettings, machine: Machine, edge: int) -> NetworkSpec:
    three = settings.dimension == "3d"
    edge = settings.patch or min(edge, _PATCH_3D if three else _PATCH)
    deepest = int(np.log2(max(edge / _COARSEST, 2.0))) + 1
    depth = settings.depth or min(deepest, 4 if three else 5)
    width = settings.width or (32 if machine.device.kind == "cuda" else 16)
    features = tuple(min(width * 2**level, settings.widest) for level in range(depth))
    channels, margin = len(dataset.channel_names), _margin(dataset, settings)
    spec = NetworkSpec(settings.dimension, channels, margin, len(dataset.classes), features, (2,) * (depth - 1))
    # Faster than MONAI's own choice, and, as nothing depends on what else a window shows, without seams when applied.
    return replace(spec, norm="batch", activation="relu")


def _margin(dataset: Dataset, settings: TrainSettings) -> int:
    if settings.dimension != "2.5d":
        return 0
    margins = {sample.margin for sample in dataset.samples}
    if margins != {max(margins)} or margins == {0}:
        message = "The samples do not hold the neighbouring slices that a 2.5D network sees."
        raise InputError("samples-flat", message, "Sample the frames again for 2.5D, or choose 2D.")
    return max(margins)


def _frame_edge(dataset: Dataset) -> int:
    """The shorter edge of a typical frame: a patch should not be larger."""
    samples: tuple[Sample, ...] = dataset.of_role("training") or dataset.samples
    return int(np.median([min(sample.labels.shape[1:]) for sample in samples]))


def _multiple(edge: int, multiple: int) -> int:
    return max(2, edge // multiple) * multiple


def _batch(pixels: int, spec: NetworkSpec, machine: Machine, settings: TrainSettings) -> int:
    flat = _PIXELS_CUDA if machine.device.kind == "cuda" else _PIXELS
    wanted = (_VOXELS if spec.dimension == "3d" else flat) / pixels
    room = machine.memory * _MEMORY_SHARE / (_BYTES_A_PIXEL * spec.features[0] / 16) / pixels
    if settings.epochs is None and settings.minutes is not None:
        patches = _seconds(settings.minutes) / seconds_a_step(spec, pixels, machine, bool(settings.mixed_precision))
        wanted = min(wanted, max(patches / _ENOUGH_STEPS, _LEAST_BATCH))
    return max(1, min(round(wanted), int(room), _MOST_BATCH))


def _with_epochs(settings: TrainSettings, dataset: Dataset, pixels: int, second: float) -> TrainSettings:
    """The settings with steps and epochs; ``second`` is the time of a patch."""
    batch = int(settings.batch or 1)
    steps = settings.steps or _steps(dataset, batch * pixels)
    if settings.epochs is not None:
        return replace(settings, steps=steps)
    if settings.minutes is None:
        return replace(settings, steps=steps, epochs=_EPOCHS)
    total = _seconds(settings.minutes) / (second * batch)
    steps = settings.steps or max(1, min(steps, round(total / _LEAST_EPOCHS)))
    return replace(settings, steps=steps, epochs=max(1, min(int(total / steps), _MOST_EPOCHS)))


def _seconds(minutes: float) -> float:
    """What of the time is left for steps: the rest is for starting, validating and writing."""
    return minutes * 60 * _STEPS_SHARE


def _steps(dataset: Dataset, pixels: int) -> int:
    """An epoch sees about as many pixels as the training frames hold."""
    held = sum(sample.labels.size for sample in dataset.of_role("training"))
    return int(np.clip(round(held / pixels), _LEAST_STEPS, _MOST_STEPS))
