"""How fast a whole volume is segmented, beside MONAI's sliding windows as its documentation shows them.

    python Testing/Benchmarks/apply_speed.py

The same network on the same generated electrodes in the same run: a 2D one slice by slice (`SliceInferer`) and a 3D one
(`sliding_window_inference`), both with MONAI's own overlap of 0.25 and windows of a usual size.
The networks are trained for some seconds before, so that Dice against the truth means something. Times are the best of
several turns in which ours and the peer's alternate; 16 bits are used only where the device says they are faster.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import torch
from batterycell.phantom.microstructure import make_micrograph, preset
from batterycell.segment.apply import Windows, predict_probabilities
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.model import NetworkSpec, make_network
from batterycell.segment.model.info import Activation, Norm
from batterycell.segment.train import Device, choose_device
from numpy.typing import NDArray

TURNS = 2
OVERLAP, PEER_BATCH = 0.25, 4


@dataclass(frozen=True)
class Case:
    """A network, the patches it learns from, and the volume it is applied to."""

    what: str
    spec: NetworkSpec
    patch: tuple[int, ...]
    batch: int
    steps: int
    shape: tuple[int, int, int]


KIND: tuple[Norm, Activation] = ("batch", "relu")  # as training makes networks
CASES = (
    Case(
        "2D, 2 × 728 × 728",
        NetworkSpec("2d", 1, 0, 3, (16, 32, 64, 128), (2, 2, 2), 2, *KIND),
        (96, 96),
        4,
        40,
        (2, 728, 728),
    ),
    Case(
        "3D, 48 × 144 × 144",
        NetworkSpec("3d", 1, 0, 3, (8, 16, 32), (2, 2), 2, *KIND),
        (32, 32, 32),
        2,
        40,
        (48, 144, 144),
    ),
)
LEAST = 16  # slices that can be generated
ROI = {"2d": (256, 256), "3d": (48, 48, 48)}


def made_volume(shape: tuple[int, int, int], number: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """A generated electrode, levels applied, and its classes from 0."""
    slices, rows, columns = shape
    made = make_micrograph(*preset("xct"), (max(slices, LEAST), rows, columns), (1, number))
    return measure_levels(made.grey).apply(made.grey.array)[:slices], made.labels.array[:slices] - 1


def train(case: Case, image: NDArray[np.float32], truth: NDArray[np.uint8]) -> Any:
    """A network that learned from a few random patches."""
    from monai.losses import DiceCELoss

    torch.manual_seed(0)
    random, network = np.random.default_rng(0), make_network(case.spec)
    optimizer, loss = torch.optim.Adam(network.parameters(), 3e-3), DiceCELoss(to_onehot_y=True, softmax=True)
    for _ in range(case.steps):
        boxes = [_box(image.shape, case, random) for _ in range(case.batch)]
        patches, labels = (np.stack([array[box].reshape(1, *case.patch) for box in boxes]) for array in (image, truth))
        optimizer.zero_grad()
        loss(network(torch.from_numpy(patches)), torch.from_numpy(labels.astype(np.int64))).backward()
        optimizer.step()
    return network.eval()


def _box(shape: tuple[int, ...], case: Case, random: np.random.Generator) -> tuple[slice, ...]:
    sizes = (1,) * (3 - len(case.patch)) + case.patch
    starts = [int(random.integers(0, length - size + 1)) for length, size in zip(shape, sizes, strict=True)]
    return tuple(slice(start, start + size) for start, size in zip(starts, sizes, strict=True))


def peer(network: Any, case: Case, image: NDArray[np.float32], device: Device) -> NDArray[np.uint8]:
    """Labels as MONAI's documentation makes them."""
    from monai.inferers import SliceInferer, SlidingWindowInferer

    inferer = SliceInferer if case.spec.dimension == "2d" else SlidingWindowInferer
    windows = inferer(roi_size=ROI[case.spec.dimension], sw_batch_size=PEER_BATCH, overlap=OVERLAP)
    with torch.no_grad():
        scores = windows(torch.from_numpy(image)[None, None].to(device.name), network)
    return np.asarray(scores.argmax(1)[0].cpu().numpy().astype(np.uint8))


def ours(network: Any, case: Case, image: NDArray[np.float32], device: Device) -> NDArray[np.uint8]:
    """Labels as the wizard and the command line make them."""
    how = Windows(mixed_precision=device.mixed_precision)
    return predict_probabilities(network, image[None], case.spec, device.name, how).argmax(0).astype(np.uint8)


def dice(labels: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """Mean Dice of the classes."""
    each = [2 * ((labels == n) & (truth == n)).sum() / ((labels == n).sum() + (truth == n).sum()) for n in range(3)]
    return float(np.mean(each))


def run_case(case: Case, device: Device) -> str:
    """One row of the table."""
    network = train(case, *made_volume((32, 128, 128), 0)).to(device.name)
    image, truth = made_volume(case.shape, 1)
    makers: dict[str, Callable[..., NDArray[np.uint8]]] = {"ours": ours, "peer": peer}
    seconds, labels = dict.fromkeys(makers, np.inf), {}
    for _ in range(TURNS):
        for name, make in makers.items():
            began = time.perf_counter()
            labels[name] = make(network, case, image, device)
            seconds[name] = min(seconds[name], time.perf_counter() - began)
    rates = {name: image.size / 1e6 / took for name, took in seconds.items()}
    scores = {name: dice(made, truth) for name, made in labels.items()}
    return (
        f"| {case.what} | {rates['ours']:.2f} | {rates['peer']:.2f} | {rates['ours'] / rates['peer']:.1f} × "
        f"| {scores['ours']:.3f} | {scores['peer']:.3f} |"
    )


def main() -> None:
    """Print the table."""
    device = choose_device()
    print(f"Applying a model, {date.today().isoformat()}, {device.why}, {torch.get_num_threads()} threads\n")
    print("| volume | ours, Mvoxel/s | MONAI, Mvoxel/s | ratio | Dice ours | Dice MONAI |")
    print("|---|---|---|---|---|---|")
    for case in CASES:
        print(run_case(case, device), flush=True)


if __name__ == "__main__":
    main()
