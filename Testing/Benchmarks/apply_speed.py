"""How fast a whole volume is segmented, beside MONAI's sliding windows as its documentation shows them.

    python Testing/Benchmarks/apply_speed.py [--threads 2] [--turns 2] [--clock wall|cpu]

The same network on the same generated electrodes in the same run: a 2D one slice by slice (`SliceInferer`) and a 3D one
(`sliding_window_inference`), both with MONAI's own overlap of 0.25 and windows of a usual size; and MONAI once more as
one who knows would set it: channels last, 16 bits where the device is faster so. The networks are trained for some
seconds before, so that Dice against the truth means something. Times are the best of several turns in which all
alternate; where others work on the machine, seconds of the processor (`--clock cpu`) tell more than those of the wall.
nnU-Net's predictor, its windows overlapping by half, stands beside them where it is installed. The last column is the
part of all voxels whose label is another one than that of the network given the whole volume at once, without windows:
at the seams of windows a network sees an end of the image where there is none.
The share of the device's arithmetic rate is what the network needs for the volume at once (counted by torch, a
multiplication and an addition being two operations) over what a product of large matrices does in the same time and the
arithmetic that is fastest here: what windows do twice, and what is not arithmetic, lowers it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from apply_nnunet import nnunet_labels
from batterycell.phantom.microstructure import make_micrograph, preset
from batterycell.segment import SegmentClass
from batterycell.segment.apply.engine import prepared
from batterycell.segment.apply.judge import decide
from batterycell.segment.apply.predict import Windows, predict
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.device import Device, choose_device
from batterycell.segment.model import LoadedModel, ModelInfo, NetworkSpec, make_network
from batterycell.segment.model.info import Activation, Norm
from batterycell.segment.model.portable import PortableNetwork
from batterycell.segment.model.portable.writing import to_onnx
from numpy.typing import NDArray

OVERLAP, PEER_BATCH = 0.25, 4
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
Labels = NDArray[np.uint8]


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
        (256, 256),
        2,
        200,
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


def peer(network: Any, case: Case, image: NDArray[np.float32], device: Device, tuned: bool = False) -> Labels:
    """Labels as MONAI's documentation makes them; tuned as one who knows would have them made."""
    from monai.inferers import SliceInferer, SlidingWindowInferer

    inferer = SliceInferer if case.spec.dimension == "2d" else SlidingWindowInferer
    windows = inferer(roi_size=ROI[case.spec.dimension], sw_batch_size=PEER_BATCH, overlap=OVERLAP)
    half = torch.autocast(device.kind, getattr(torch, device.half), enabled=device.mixed_precision)
    with torch.no_grad(), half if tuned else nullcontext():
        scores = windows(torch.from_numpy(image)[None, None].to(device.name), network)
    return np.asarray(scores.argmax(1)[0].cpu().numpy().astype(np.uint8))


def ours(model: LoadedModel, case: Case, image: NDArray[np.float32], device: Device) -> Labels:
    """Labels as the wizard and the command line make them."""
    how = Windows(mixed_precision=device.mixed_precision)
    engine, found = predict(model.network, image[None], case.spec, device.name, how)
    return np.asarray(engine.fetch(decide(found, engine.xp)) - 1)


def operations(network: Any, case: Case, image: NDArray[np.float32], device: Device) -> int:
    """Operations of the network on the whole volume, each voxel once."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        undivided(network, case, image, device)
    return int(counter.get_total_flops())


def arithmetic_rate(device: Device, size: int = 2048) -> float:
    """Operations a second of a product of two large matrices, in the arithmetic that is fastest on the device."""
    kinds = {torch.float32, getattr(torch, device.half) if device.mixed_precision else torch.float32}
    return max(_rate_of(torch.ones((size, size), dtype=kind, device=device.name)) for kind in kinds)


def _rate_of(matrix: Any, turns: int = 5) -> float:
    wait = torch.cuda.synchronize if matrix.is_cuda else lambda: None
    best = np.inf
    for _ in range(turns):
        wait()
        began = time.perf_counter()
        matrix @ matrix
        wait()
        best = min(best, time.perf_counter() - began)
    return float(2 * len(matrix) ** 3 / best)


def undivided(network: Any, case: Case, image: NDArray[np.float32], device: Device) -> Labels:
    """Labels without windows, whose seams no Dice shows."""
    whole = torch.from_numpy(image).to(device.name)
    batches = whole[:, None] if case.spec.dimension == "2d" else whole[None, None]
    with torch.no_grad():
        found = torch.stack([network(one[None]).argmax(1)[0] for one in batches])
    return np.asarray(found.cpu().numpy().astype(np.uint8).reshape(image.shape))


def makers(network: Any, case: Case, image: NDArray[np.float32], device: Device) -> dict[str, Callable[[], Labels]]:
    """All who make labels; the first is the peer."""
    layout = torch.channels_last_3d if case.spec.dimension == "3d" else torch.channels_last
    tuned = deepcopy(network).to(memory_format=layout)
    names = tuple(SegmentClass(str(number), "#000000") for number in range(case.spec.classes))
    info = ModelInfo("network", "1.0.0", names, ("grey",), case.spec, (1.0, 1.0, 1.0), ((0.0, 1.0),))
    ready, _ = prepared(LoadedModel(info, network, Path(), ""), device.name)
    copy = deepcopy(network).cpu()
    portable = LoadedModel(info, PortableNetwork(to_onnx(copy, copy.state_dict(), case.spec)), Path(), "")
    cpu = Device("cpu", "", mixed_precision=False)
    nnunet = nnunet_labels(deepcopy(network), case.spec, ROI[case.spec.dimension], image, device.name)
    return {
        "MONAI": lambda: peer(network, case, image, device),
        "MONAI, tuned": lambda: peer(tuned, case, image, device, tuned=True),
        **({"nnU-Net": nnunet} if nnunet else {}),
        "BatteryCell, onnxruntime": lambda: ours(portable, case, image, cpu),
        "BatteryCell": lambda: ours(ready, case, image, device),
    }


def dice(labels: Labels, truth: Labels) -> float:
    """Mean Dice of the classes."""
    each = [2 * ((labels == n) & (truth == n)).sum() / ((labels == n).sum() + (truth == n).sum()) for n in range(3)]
    return float(np.mean(each))


def run_case(case: Case, device: Device, turns: int, clock: Callable[[], float], rate: float) -> None:
    """Print the rows of a case."""
    network = train(case, *made_volume((32, 256, 256), 0)).to(device.name)
    image, truth = made_volume(case.shape, 1)
    whole, needed = undivided(network, case, image, device), operations(network, case, image, device)
    print(f"{case.what}: {needed / image.size / 1e3:.1f} kFLOP a voxel", file=sys.stderr)
    made = makers(network, case, image, device)
    seconds, labels = dict.fromkeys(made, np.inf), {}
    for name, make in made.items() if turns > 1 else ():
        labels[name] = make()  # the first time, memory is laid out
    for _ in range(turns):
        for name, make in made.items():
            began = clock()
            labels[name] = make()
            seconds[name] = min(seconds[name], clock() - began)
    for name, took in seconds.items():
        speed, share = image.size / 1e6 / took, 100 * needed / took / rate
        other = 100 * np.mean(labels[name] != whole)
        print(
            f"| {case.what} | {name} | {speed:.2f} | {seconds['MONAI'] / took:.1f} × | {share:.0f} % "
            f"| {dice(labels[name], truth):.4f} | {other:.2f} % |",
            flush=True,
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    device = choose_device()
    where = f"{device.why}, {args.threads} threads, seconds of the {args.clock}"
    print(f"Applying a model, {date.today().isoformat()}, {where}\n")
    print("| volume | by | Mvoxel/s | against MONAI | of the arithmetic rate | Dice | labels other than undivided |")
    print("|---|---|---|---|---|---|---|")
    rate = arithmetic_rate(device)
    print(f"product of large matrices: {rate / 1e9:.0f} GFLOP/s", file=sys.stderr)
    for case in CASES:
        run_case(case, device, args.turns, CLOCKS[args.clock], rate)


if __name__ == "__main__":
    main()
