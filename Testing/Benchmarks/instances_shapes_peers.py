"""How scikit-image, SimpleITK and porespy measure the shapes of objects, each as its documentation shows."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint32]
Floats = NDArray[np.float64]
Voxel = tuple[float, float, float]
Peer = Callable[[Labels, Voxel], Sequence[float] | Floats]


def peers(measure: str, dimension: int, voxel_um: Voxel) -> dict[str, Peer]:
    """Those that are installed and give this measure for such voxels, by name."""
    found = _SOLID if dimension == 3 else _FLAT
    cubic = len(set(voxel_um[3 - dimension :])) == 1
    return {
        name: peer
        for name, (peer, module, only_cubic) in found.get(measure, {}).items()
        if find_spec(module) and (cubic or not only_cubic)
    }


def crops(labels: Labels) -> list[NDArray[np.bool_]]:
    """The voxels of each object with a margin of one."""
    from scipy.ndimage import find_objects

    return [np.pad(labels[place] == n, 1) for n, place in enumerate(find_objects(labels), 1)]


def of_regions(name: str) -> Peer:
    """A property of scikit-image's regionprops; in 2D of the first slice."""

    def measure(labels: Labels, voxel_um: Voxel) -> list[float]:
        from skimage.measure import regionprops

        flat = labels.shape[0] == 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            regions = regionprops(labels[0] if flat else labels, spacing=voxel_um[1:] if flat else voxel_um)
            return [float(getattr(region, name)) for region in regions]

    return measure


def marching_cubes(labels: Labels, voxel_um: Voxel) -> list[float]:
    """Surface areas."""
    from skimage.measure import marching_cubes as mesh
    from skimage.measure import mesh_surface_area

    return [float(mesh_surface_area(*mesh(one, 0.5, spacing=voxel_um)[:2])) for one in crops(labels)]


def crofton(labels: Labels, voxel_um: Voxel) -> list[float]:
    """Perimeters, for square pixels only."""
    from skimage.measure import perimeter_crofton

    return [float(perimeter_crofton(one[1], 4)) * voxel_um[1] for one in crops(labels)]


def porespy_surface(labels: Labels, voxel_um: Voxel) -> Floats:
    """Surface areas from porespy's smoothed meshes, for cubic voxels only."""
    from porespy import settings
    from porespy.metrics import region_surface_areas

    logging.getLogger("porespy").setLevel(logging.ERROR)
    settings.tqdm["disable"] = True
    return np.asarray(region_surface_areas(np.pad(labels, 2).astype(int), voxel_size=voxel_um[0]), float)


def of_itk(getter: str, *, feret: bool = False, box: bool = False) -> Peer:
    """A number of SimpleITK's label statistics."""

    def measure(labels: Labels, voxel_um: Voxel) -> list[float]:
        import SimpleITK

        flat = labels.shape[0] == 1
        image = SimpleITK.GetImageFromArray(labels[0] if flat else labels)
        image.SetSpacing(voxel_um[:0:-1] if flat else voxel_um[::-1])
        statistics = SimpleITK.LabelShapeStatisticsImageFilter()
        statistics.SetComputeFeretDiameter(feret)
        statistics.SetComputeOrientedBoundingBox(box)
        statistics.Execute(image)
        values = (getattr(statistics, getter)(label) for label in statistics.GetLabels())
        return [float(min(value)) if box else float(value) for value in values]

    return measure


def ways(labels: Labels, voxel_um: Voxel) -> list[float]:
    """Double sweep of scikit-image's minimum cost paths, end to end and a voxel more."""
    from skimage.graph import MCP_Geometric

    found = []
    for one in crops(labels):
        costs, here = np.where(one, 1.0, np.inf), tuple(np.argwhere(one)[0])
        for _ in range(2):
            far, _ = MCP_Geometric(costs, sampling=voxel_um).find_costs([here])
            far[~np.isfinite(far)] = -1
            here = tuple(np.unravel_index(far.argmax(), far.shape))
        found.append(float(far.max()) + min(voxel_um[1:]))
    return found


_SKIMAGE = {name: {"scikit-image": (of_regions(of), "skimage", False)} for name, of in
            (("solidity", "solidity"), ("euler", "euler_number"))}  # fmt: skip
_FERET = {
    "scikit-image": (of_regions("feret_diameter_max"), "skimage", False),
    "SimpleITK": (of_itk("GetFeretDiameter", feret=True), "SimpleITK", False),
}
_LEAST = {"SimpleITK oriented box": (of_itk("GetOrientedBoundingBoxSize", box=True), "SimpleITK", False)}
_ITK = {"SimpleITK": (of_itk("GetPerimeter"), "SimpleITK", False)}
_ROUND = {"sphericity": {"SimpleITK roundness": (of_itk("GetRoundness"), "SimpleITK", False)}}
_ARC = {"arc": {"scikit-image paths": (ways, "skimage", False)}}
_MORE = {**_SKIMAGE, **_ARC, "feret_max": _FERET, "feret_min": _LEAST}
_SOLID: dict[str, dict[str, tuple[Peer, str, bool]]] = {
    **_MORE,
    **_ROUND,
    "surface": {
        "scikit-image mesh": (marching_cubes, "skimage", False),
        **_ITK,
        "porespy": (porespy_surface, "porespy", True),
    },
    "convex_hull": {"scikit-image": (of_regions("area_convex"), "skimage", False)},
}
_FLAT: dict[str, dict[str, tuple[Peer, str, bool]]] = {
    **_MORE,
    "surface": {
        "scikit-image Crofton": (crofton, "skimage", True),
        "scikit-image perimeter": (of_regions("perimeter"), "skimage", True),
        **_ITK,
    },
    "convex_hull": {"scikit-image": (of_regions("area_convex"), "skimage", False)},
}
