"""The peer of the training benchmarks: a plain MONAI U-Net in a plain loop, as in the tutorials.

Random crops, Adam, Dice + cross entropy; the weights with the best validation Dice are kept.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

PATCH, BATCH, LEARNING_RATE = 256, 16, 1e-3
EVERY = 50  # steps from validation to validation
FEATURES, STRIDES, UNITS = (16, 32, 64, 128, 256), (2, 2, 2, 2), 2


@dataclass(frozen=True)
class Slices:
    """Images and their labels.

    Args:
        images: Shape (n, channels, rows, columns), float32, about -1 to 1.
        labels: Shape (n, rows, columns), the class of each pixel, from 0.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class PlainResult:
    """What the plain loop ended with: its network, its best validation Dice, steps and seconds."""

    network: torch.nn.Module
    dice: float
    steps: int
    seconds: float


def particle_dice(prediction: NDArray[Any], truth: NDArray[Any]) -> float:
    """Dice of class 1."""
    ours, true = prediction == 1, truth == 1
    return float(2 * (ours & true).sum() / max((ours | true).sum() + (ours & true).sum(), 1))


def make_plain_network(channels: int, classes: int) -> torch.nn.Module:
    """MONAI's U-Net with its own defaults (instance normalisation, PReLU)."""
    from monai.networks.nets import UNet

    return UNet(2, channels, classes, FEATURES, STRIDES, num_res_units=UNITS)


def train_plain(training: Slices, validation: Slices, steps: int = 1200, seed: int = 0) -> PlainResult:
    """Train the peer.

    Args:
        training: Slices to learn from.
        validation: Slices whose mean Dice of class 1 chooses the weights.
        steps: Steps of 16 crops of 256 × 256.
        seed: Everything random follows from it.
    """
    from monai.losses import DiceCELoss

    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = make_plain_network(training.images.shape[1], int(training.labels.max()) + 1)
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    loss = DiceCELoss(to_onehot_y=True, softmax=True)
    best, kept, began = -1.0, network.state_dict(), time.perf_counter()
    for step in range(1, steps + 1):
        images, labels = _crops(training, random)
        optimizer.zero_grad()
        loss(network(images), labels).backward()
        optimizer.step()
        if step % EVERY == 0 and (dice := _mean_dice(network, validation)) > best:
            best, kept = dice, {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(kept)
    return PlainResult(network, best, steps, time.perf_counter() - began)


def predict_plain(network: torch.nn.Module, image: NDArray[np.float32]) -> NDArray[np.int64]:
    """Classes (rows, columns) of an image (channels, rows, columns), padded to what the network can take."""
    multiple = int(np.prod(STRIDES))
    rows, columns = image.shape[1:]
    padding = ((0, 0), (0, -rows % multiple), (0, -columns % multiple))
    network.eval()
    with torch.no_grad():
        scores = network(torch.from_numpy(np.pad(image, padding, mode="reflect"))[None])
    network.train()
    return np.asarray(scores.argmax(1)[0, :rows, :columns].numpy())


def _mean_dice(network: torch.nn.Module, slices: Slices) -> float:
    pairs = zip(slices.images, slices.labels, strict=True)
    return float(np.mean([particle_dice(predict_plain(network, image), labels) for image, labels in pairs]))


def _crops(slices: Slices, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    count, _, rows, columns = slices.images.shape
    which = random.integers(0, count, BATCH)
    tops, lefts = random.integers(0, rows - PATCH + 1, BATCH), random.integers(0, columns - PATCH + 1, BATCH)
    places = [
        (n, slice(top, top + PATCH), slice(left, left + PATCH)) for n, top, left in zip(which, tops, lefts, strict=True)
    ]
    images = np.stack([slices.images[n, :, rows, columns] for n, rows, columns in places])
    labels = np.stack([slices.labels[n, rows, columns] for n, rows, columns in places])
    return torch.from_numpy(images), torch.from_numpy(labels)[:, None]
