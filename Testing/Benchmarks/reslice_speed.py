"""Longitudinal images all around a cell, beside turning the whole volume for each of them as published notebooks do.

    python Testing/Benchmarks/reslice_speed.py [--angles 360] [--peer 3]

A generated 21700 cell of 727 x 727 x 100 voxels. The peer is `scipy.ndimage.rotate` of every slice about the middle,
with linear interpolation (its default, cubic, takes several times as long), and the middle row of what comes out. Some
angles are timed, and the time of all is worked out from them. Ours reads only the voxels beside each half-plane. Greys
are compared on the peer's angles: both interpolate linearly, ours across and along the axis at once.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from batterycell.orient import Cell, CellFrame
from batterycell.reslice import cut_all_around, cut_half_plane
from batterycell.volume import Volume
from look_speed import upright_cell
from numpy.typing import NDArray
from scipy import ndimage


def centred_cell() -> tuple[Volume, Cell]:
    """A cell of an odd number of rows and columns, and an axis through the middle one, where the peer turns it."""
    volume, cell = upright_cell()
    volume = replace(volume, array=np.ascontiguousarray(volume.array[:, :-1, :-1]))
    ijk = np.array([(volume.array.shape[2] - 1) / 2, (volume.array.shape[1] - 1) / 2, 0.0])
    ijk[2] = volume.to_ijk(cell.frame.origin)[2]
    frame = CellFrame.from_axis(volume.to_ras(ijk), cell.frame.up, volume.ijk_to_ras)
    return volume, replace(cell, frame=frame)


def turned_plane(volume: Volume, angle: float) -> NDArray[Any]:
    """The half-plane at an angle, as the middle row of every slice after all was turned; shape (slices, radii)."""
    turned = ndimage.rotate(volume.array, angle, axes=(2, 1), reshape=False, order=1)
    middle = turned.shape[1] // 2
    return np.asarray(turned[:, middle, middle:])


def difference(volume: Volume, cell: Cell, angle: float, peer: NDArray[Any]) -> float:
    """Mean absolute difference of greys, where both show something."""
    own = cut_half_plane(volume, cell, angle).array[0].astype(float)
    rows, columns = min(len(own), len(peer)), min(own.shape[1], peer.shape[1])
    ways = [np.abs(own[:rows, :columns] - one[:rows, :columns]).mean() for one in (peer, peer[::-1])]
    return float(min(ways))


def main() -> None:
    """Print the line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--angles", type=int, default=360)
    parser.add_argument("--peer", type=int, default=3, help="angles of which the peer is timed")
    args = parser.parse_args()
    volume, cell = centred_cell()
    began = time.perf_counter()
    cut_all_around(volume, cell, args.angles)
    ours = time.perf_counter() - began
    angles = [360.0 * number / args.peer + 7.0 for number in range(args.peer)]
    began = time.perf_counter()
    planes = [turned_plane(volume, angle) for angle in angles]
    peer = (time.perf_counter() - began) / args.peer * args.angles
    apart = np.mean([difference(volume, cell, angle, plane) for angle, plane in zip(angles, planes, strict=True)])
    shape = " × ".join(map(str, volume.array.shape[::-1]))
    print(
        f"{date.today()}: {args.angles} half-planes of {shape} voxels: {ours:.2f} s; scipy.ndimage.rotate {peer:.0f} s"
    )
    print(f"ratio {peer / ours:.0f}; greys {apart:.2f} apart on average ({args.peer} angles of the peer were timed)")


if __name__ == "__main__":
    main()
