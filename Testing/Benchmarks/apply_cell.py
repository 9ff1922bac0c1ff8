"""How long a whole real cell takes, in half-planes around its axis, with torch and with onnxruntime.

    python Testing/Benchmarks/apply_cell.py [--model cell-overhang] [--threads 2]

The cell lies in ../shared/data/cell_top_ucl, or in the folder that BATTERYCELL_DATA names: 100 × 728 × 728 voxels. The
time counts from the volume in memory to the labels: levels, finding the cell, half-planes, network, voxels. Where
others work on the machine, seconds of the processor tell more than those of the wall, which are about half of them on
two free cores.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from datetime import date

import numpy as np
from batterycell.io import LoadOptions, load_volume
from batterycell.segment import Image
from batterycell.segment.apply import ApplySettings, segment_image
from batterycell.segment.model import find_model, load_model
from batterycell.segment.needs import Runtime
from real_cell import DATA, VOXEL_SIZE_UM

RUNTIMES: tuple[Runtime, ...] = ("onnx", "torch")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="cell-overhang", metavar="NAME|DIR")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(args.threads)
    model = find_model(args.model)
    image = Image("cell", (load_volume(DATA, LoadOptions(voxel_size_um=VOXEL_SIZE_UM)),))
    print(f"A whole cell, {model.info.name} {model.info.version}, {date.today().isoformat()}, {args.threads} threads\n")
    print("| by | wall, s | processor, s | Mvoxel/s of the wall | peak memory so far, GB | labels apart |")
    print("|---|---|---|---|---|---|")
    first = None
    for runtime in RUNTIMES:
        loaded = load_model(model.folder, runtime=runtime)
        wall, processor = time.perf_counter(), time.process_time()
        labels = segment_image(image, loaded, ApplySettings(along="around", device="cpu")).labels.array
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        first = labels if first is None else first
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"| {runtime} | {wall:.1f} | {processor:.1f} | {labels.size / 1e6 / wall:.1f} | {peak:.1f} "
            f"| {100 * np.mean(labels != first):.2f} % |",
            flush=True,
        )


if __name__ == "__main__":
    main()
