"""Whether the common measures of objects are equal to scikit-image's and SimpleITK's, in cubic and in other voxels.

    python Testing/Benchmarks/instances_values.py [--objects 500]

Ellipsoids in all directions, and regions of noise with every shape there is, in 3D and slice by slice in 2D; the grey
volume has 16 bits. A difference is the largest over all objects, relative to the peer's value (of angles in degrees,
of places in voxels), and must be within the tolerance beside it. Measures of surfaces, hulls and distances:
instances_shapes.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from typing import Any

import numpy as np
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from instances_made import VOXEL_UM, grey_of, make_ellipsoids
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float64]
Voxel = tuple[float, float, float]
# Integers; sums of the same numbers in another order; differences of squares.
EXACT, ROUNDED, AXES, ANGLES = 0.0, 1e-12, 1e-9, 1e-6
CUBE = (2.0, 2.0, 2.0)


@dataclass(frozen=True)
class Row:
    """One measure beside a peer: the largest difference, and what is allowed."""

    measure: str
    peer: str
    difference: float
    tolerance: float

    @property
    def is_equal(self) -> bool:
        """Whether the difference is allowed."""
        return self.difference <= self.tolerance


def ours(labels: NDArray[np.uint32], grey: NDArray[Any], voxel_um: Voxel, dimension: int = 3) -> Table:
    """The common measures."""
    along = Companions(dimension=dimension, images={"grey": SlabSource.of_array(grey)})
    return measure_instances(SlabSource.of_array(labels), int(labels.max()), voxel_um, companions=along)


def beside_skimage(labels: NDArray[np.uint32], grey: NDArray[Any], voxel_um: Voxel) -> list[Row]:
    """3D measures beside ``skimage.measure.regionprops_table``."""
    return skimage_rows(ours(labels, grey, voxel_um), skimage_table(labels, grey, voxel_um), voxel_um)


def skimage_rows(table: Table, peer: dict[str, Floats], voxel_um: Voxel) -> list[Row]:
    """Our table beside scikit-image's."""
    rows = [*_sizes(table, peer, voxel_um, "volume_um3"), *_greys(table, peer)]
    return [Row(f"3D {row.measure}", "scikit-image", row.difference, row.tolerance) for row in rows]


def skimage_table(labels: NDArray[np.uint32], grey: NDArray[Any], voxel_um: tuple[float, ...]) -> dict[str, Floats]:
    """scikit-image's table of the common measures."""
    from skimage.measure import regionprops_table

    names = ["label", "num_pixels", "area", "bbox", "centroid", "equivalent_diameter_area", "axis_major_length"]
    names += ["axis_minor_length", "intensity_min", "intensity_mean", "intensity_max", "intensity_std"]
    names += ["orientation"] if labels.ndim == 2 else []
    found: dict[str, Floats] = regionprops_table(labels, grey, properties=names, spacing=voxel_um)
    return found


def beside_skimage_2d(labels: NDArray[np.uint32], grey: NDArray[Any], voxel_um: Voxel) -> list[Row]:
    """2D measures beside ``regionprops_table`` of every slice; labels must not go on from one slice to the next."""
    table = ours(labels, grey, voxel_um, 2)
    slices = [skimage_table(*pair, voxel_um[1:]) for pair in zip(labels, grey, strict=True)]
    peer = {name: np.concatenate([one[name] for one in slices]) for name in slices[0]}
    table = table.where(np.isin(table["n"], peer["label"]))
    order = np.argsort(peer["label"])
    peer = {name: values[order] for name, values in peer.items()}
    rows = [*_sizes(table, peer, voxel_um[1:], "area_um2"), *_greys(table, peer), _angles(table, peer)]
    return [Row(f"2D {row.measure}", "scikit-image", row.difference, row.tolerance) for row in rows]


def _sizes(table: Table, peer: dict[str, Floats], voxel_um: tuple[float, ...], size: str) -> Iterator[Row]:
    yield Row("voxels", "", _apart(table["voxels"], peer["num_pixels"]), EXACT)
    yield Row("area or volume", "", _apart(table[size], peer["area"]), ROUNDED)
    axes = "ijk"[: len(voxel_um)][::-1]
    edges = np.stack([table[f"{axis}_{end}"] for end in ("min", "max") for axis in axes], axis=1)
    boxes = np.stack([peer[f"bbox-{n}"] for n in range(2 * len(axes))], axis=1)
    boxes[:, len(axes) :] -= 1
    yield Row("bounding box", "", float(np.abs(edges - boxes).max()), EXACT)
    middles = np.stack([table[axis] for axis in axes], axis=1)
    theirs = np.stack([peer[f"centroid-{n}"] / step for n, step in enumerate(voxel_um)], axis=1)
    yield Row("centroid", "", float(np.abs(middles - theirs).max()), ROUNDED)
    yield Row(
        "equivalent diameter", "", _apart(table["equivalent_diameter_um"], peer["equivalent_diameter_area"]), ROUNDED
    )
    # Axes of 0 (flat objects) are rounding at scikit-image, so that squares are compared, relative to the object's own.
    for name in ("major", "minor"):
        squares = table[f"{name}_axis_um"] ** 2 - peer[f"axis_{name}_length"] ** 2
        yield Row(f"{name} axis", "", float(np.abs(squares / _at_least(table["major_axis_um"] ** 2)).max()), AXES)


def _greys(table: Table, peer: dict[str, Floats]) -> Iterator[Row]:
    for what, tolerance in (("min", EXACT), ("max", EXACT), ("mean", ROUNDED)):
        yield Row(f"grey {what}", "", _apart(table[f"grey_{what}"], peer[f"intensity_{what}"]), tolerance)
    off = np.abs(table["grey_sd"] - peer["intensity_std"]) / np.abs(peer["intensity_mean"])
    yield Row("grey sd", "", float(off.max()), ROUNDED)


def _angles(table: Table, peer: dict[str, Floats]) -> Row:
    """scikit-image counts from the rows' axis; its angle of what is round means nothing."""
    clear = table["major_axis_um"] > 1.001 * table["minor_axis_um"]
    off = table["orientation_deg"] - 90 - np.degrees(peer["orientation"])
    return Row("orientation (degrees)", "", float(np.abs((off[clear] + 90) % 180 - 90).max()), ANGLES)


def beside_simpleitk(labels: NDArray[np.uint32], grey: NDArray[Any], voxel_um: Voxel) -> list[Row]:
    """3D measures beside SimpleITK's two filters of label statistics."""
    return simpleitk_rows(ours(labels, grey, voxel_um), itk_statistics(labels, grey, voxel_um), voxel_um)


def simpleitk_rows(table: Table, shapes: Any, voxel_um: Voxel) -> list[Row]:
    """Our table beside the numbers of SimpleITK's filter."""
    ids = np.array(shapes.GetLabels())
    table = table.where(np.isin(table["n"], ids))
    axes = [table[f"{name}_axis_um"] ** 2 / 20 for name in ("minor", "middle", "major")]
    moments = np.array([shapes.GetPrincipalMoments(int(n)) for n in ids])
    centroid = np.array([shapes.GetCentroid(int(n)) for n in ids]) / voxel_um[::-1]
    pairs: list[tuple[str, Any, str, float]] = [
        ("volume", table["volume_um3"], "PhysicalSize", ROUNDED),
        ("equivalent diameter", table["equivalent_diameter_um"] / 2, "EquivalentSphericalRadius", ROUNDED),
        ("grey min", table["grey_min"], "Minimum", EXACT),
        ("grey max", table["grey_max"], "Maximum", EXACT),
        ("grey mean", table["grey_mean"], "Mean", ROUNDED),
    ]
    rows = [
        Row(f"3D {name}", "SimpleITK", _apart(own, _asked(shapes, what, ids)), off) for name, own, what, off in pairs
    ]
    off = np.abs(np.stack(axes, 1) - moments).max(1) / _at_least(axes[2])
    rows.append(Row("3D squares of the axes", "SimpleITK", float(off.max()), AXES))
    there = np.stack([table[axis] for axis in "ijk"], 1)
    rows.append(Row("3D centroid", "SimpleITK", float(np.abs(there - centroid).max()), ROUNDED))
    # ITK divides by N - 1.
    n = table["voxels"]
    theirs = _asked(shapes, "StandardDeviation", ids) * np.sqrt((n - 1) / n)
    return [
        *rows,
        Row(
            "3D grey sd", "SimpleITK", float(np.nanmax(np.abs(table["grey_sd"] - theirs) / table["grey_mean"])), ROUNDED
        ),
    ]


def itk_statistics(labels: NDArray[np.uint32], grey: NDArray[Any], voxel_um: Voxel) -> Any:
    """SimpleITK's filter of shapes and grey values, executed."""
    import SimpleITK

    images = [SimpleITK.GetImageFromArray(array) for array in (labels, grey)]
    for image in images:
        image.SetSpacing(voxel_um[::-1])
    found = SimpleITK.LabelIntensityStatisticsImageFilter()
    found.Execute(*images)
    return found


def _asked(shapes: Any, what: str, ids: NDArray[np.int64]) -> Floats:
    return np.array([getattr(shapes, f"Get{what}")(int(n)) for n in ids])


def _at_least(values: Floats) -> Floats:
    return np.maximum(values, 1e-12)


def _apart(own: NDArray[Any], peer: NDArray[Any]) -> float:
    """Largest relative difference."""
    return float(np.max(np.abs(own - peer) / np.maximum(np.abs(peer), 1e-12), initial=0))


def noise_regions(shape: tuple[int, int, int], dimension: int = 3, seed: int = 0) -> NDArray[np.uint32]:
    """Connected regions of noise: every shape there is, one voxel to many; in 2D of each slice alone."""
    noise = np.random.default_rng(seed).random(shape)
    smooth = ndimage.gaussian_filter(noise, 1.2 if dimension == 3 else (0, 1.5, 1.5))
    structure = ndimage.generate_binary_structure(3, 3)
    if dimension == 2:
        structure[[0, 2]] = False
    labels, _ = ndimage.label(smooth > np.quantile(smooth, 0.75), structure)
    return np.asarray(labels, np.uint32)


def rows_of(objects: int) -> Iterator[tuple[str, list[Row]]]:
    """All comparisons."""
    scenes = {"ellipsoids": make_ellipsoids(128, objects).volume(), "noise": noise_regions((48, 64, 80))}
    for voxel_um in (CUBE, VOXEL_UM):
        for name, labels in scenes.items():
            grey = grey_of(labels)
            yield name, beside_skimage(labels, grey, voxel_um)
            if find_spec("SimpleITK"):
                yield name, beside_simpleitk(labels, grey, voxel_um)
        flat = noise_regions((6, 96, 128), 2)
        yield "noise", beside_skimage_2d(flat, grey_of(flat), voxel_um)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=500)
    words = parser.parse_args(arguments)
    worst: dict[tuple[str, str], Row] = {}
    for _, rows in rows_of(words.objects):
        for row in rows:
            kept = worst.get((row.measure, row.peer), row)
            worst[row.measure, row.peer] = row if row.difference >= kept.difference else kept
    print(f"{date.today()}: largest differences of the common measures, voxels {CUBE} and {VOXEL_UM} µm (z, y, x)\n")
    print("| measure | peer | largest difference | allowed | equal |\n|---|---|---|---|---|")
    for row in worst.values():
        verdict = "yes" if row.is_equal else "**no**"
        print(f"| {row.measure} | {row.peer} | {row.difference:.1g} | {row.tolerance:.0g} | {verdict} |")
    if not find_spec("SimpleITK"):
        print("\nSimpleITK is not installed: not compared.")


if __name__ == "__main__":
    main()
