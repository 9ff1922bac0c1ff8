"""How much windows must share: labels that are other ones than in the whole image, by what neighbours share.

    python Testing/Benchmarks/apply_seams.py [--threads 2] [--edge 256]

A 2D network trained for some seconds sees a generated electrode whole, then in windows. On this rests the overlap of
`batterycell.segment.apply.Windows`, which counts only where an image is too large for the memory. Blended are the
probabilities, with weights that rise as sin² over what is shared.
"""

from __future__ import annotations

import argparse
from datetime import date

import numpy as np
import torch
from apply_speed import CASES, made_volume, train
from batterycell.segment.apply import Windows, predict_probabilities

OVERLAPS = (0, 8, 16, 32, 48, 64, 96)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--edge", type=int, default=256)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    case = CASES[0]
    network, (image, _) = train(case, *made_volume((32, 128, 128), 0)), made_volume(case.shape, 1)
    whole = predict_probabilities(network, image[None, :1], case.spec, how=Windows(edge=2048))
    print(f"Windows of {args.edge} pixels on {case.shape[1]} × {case.shape[2]}, {date.today().isoformat()}\n")
    print("| pixels shared | labels other than in the whole image | largest difference of a probability |")
    print("|---|---|---|")
    for overlap in OVERLAPS:
        found = predict_probabilities(network, image[None, :1], case.spec, how=Windows(args.edge, overlap))
        other = 100 * np.mean(found.argmax(0) != whole.argmax(0))
        print(f"| {overlap} | {other:.3f} % | {np.abs(found - whole).max():.3f} |", flush=True)


if __name__ == "__main__":
    main()
