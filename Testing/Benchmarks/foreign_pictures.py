"""Pictures that no model of a battery is for, which taught none what is foreign; and real ones that are familiar.

Photographs and pages are those that scikit-image brings; the body is drawn here: ribs, spine, lungs, heart and a table
in air, as in a section of a chest CT.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from batterycell.io import LoadOptions, load_volume
from batterycell.segment import Image
from batterycell.volume import Volume
from numpy.typing import NDArray

Picture = NDArray[np.float32]
ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("BATTERYCELL_DATA", ROOT.parent / "shared" / "data"))
TOP_UM = (67.94, 33.97, 33.97)
_PHOTOGRAPHS = (
    *("astronaut", "brick", "camera", "chelsea", "clock_motion", "coffee", "coins", "grass", "gravel"),
    *("hubble_deep_field", "ihc", "microaneurysms", "moon", "motorcycle_left", "retina", "rocket"),
)
_PAGES = ("page", "text")


def foreign_pictures(size_um: tuple[float, float, float]) -> Iterator[tuple[str, Image]]:
    """Kind and picture, each with pixels of the size that the model at hand is for."""
    for kind, names in (("photograph", _PHOTOGRAPHS), ("page of text", _PAGES)):
        yield from ((kind, _flat(name, _stored(name), size_um)) for name in names)
    rng = np.random.default_rng(5)
    shepp = _stored("phantom").astype(np.float32)
    bodies = {"Shepp-Logan": shepp, "Shepp-Logan, noisy": shepp + rng.normal(0, 12, shepp.shape)}
    bodies |= {f"chest {n}": chest(n) for n in range(3)}
    yield from (("medical CT", _flat(name, body, size_um)) for name, body in bodies.items())
    yield from (("noise", _flat(name, array, size_um)) for name, array in _noises(rng).items())
    blank = np.zeros((400, 400), np.float32)
    empty = {"blank": blank, "dark frame": blank + rng.poisson(9, blank.shape), "slope": blank + np.arange(400)}
    yield from (("nothing to see", _flat(name, array, size_um)) for name, array in empty.items())


def familiar_cells() -> Iterator[tuple[str, Image]]:
    """Real cells: a whole scan, seen in all directions, an axial slice, and crops of figures."""
    if not DATA.exists():
        return
    top = load_volume(DATA / "cell_top_ucl", LoadOptions(voxel_size_um=TOP_UM))
    yield "scan", Image("cell_top_ucl", (top,))
    rows = np.repeat(np.asarray(top.array), 2, axis=0)
    turned = {"planes j": rows.swapaxes(0, 1), "planes i": np.moveaxis(rows, 2, 0)}
    for name, array in turned.items():
        yield "scan", Image(f"cell_top_ucl, {name}", (Volume.from_stack(array, (33.97,) * 3, "resliced", name),))
    yield "axial slice", _flat("winding_ucl", _tiff(DATA / "winding_ucl" / "im_1.tif"), (40.0,) * 3)
    for path in sorted((DATA / "cell_crops").glob("*.png")):
        yield "crop of a figure", _flat(path.stem, _read(path), (50.0,) * 3)


def familiar_cathodes() -> Iterator[tuple[str, Image]]:
    """Real cathodes: both detectors of the FIB-SEM, an SEM, and a tomographic slice."""
    if not DATA.exists():
        return
    for detector in ("se", "bse"):
        files = sorted((DATA / "fibsem_lco" / detector).glob("*.png"))
        stack = np.stack([_read(path) for path in files])
        yield "FIB-SEM", Image(f"fibsem_lco {detector}", (Volume.from_stack(stack, (0.05,) * 3, "assumed", detector),))
    yield "SEM", _flat("nmc_sem_4phase", _tiff(DATA / "micrographs" / "nmc_sem_4phase_unlabelled.tif"), (0.05,) * 3)
    slice_ = _tiff(DATA / "micrographs" / "nmc_xtm_unlabelled.tif")[..., 0]
    yield "tomography, not what it is for", _flat("nmc_xtm", slice_, (0.05,) * 3)


def chest(seed: int, edge: int = 384) -> Picture:
    """A section of a chest, in values like Hounsfield units."""
    rng = np.random.default_rng((seed, 8))
    body = _oval(edge, (0.5, 0.5), (0.30, 0.42))
    picture = np.where(body, rng.uniform(20, 60), -1000.0)
    picture = np.where(body & ~_oval(edge, (0.5, 0.5), (0.27, 0.39)), -100.0, picture)
    for side in (-1, 1):
        lung = _oval(edge, (0.48, 0.5 + side * 0.18), (0.19, 0.13))
        picture[lung] = -820 + 60 * rng.normal(size=int(lung.sum()))
        for turn in np.linspace(-1.2, 1.2, 5):
            place = 0.5 + 0.26 * np.sin(turn), 0.5 + side * 0.36 * np.cos(turn)
            picture[_oval(edge, place, (0.014, 0.02))] = rng.uniform(300, 800)
    picture[_oval(edge, (0.52, 0.55), (0.11, 0.10))] = rng.uniform(60, 180)
    picture[_oval(edge, (0.70, 0.5), (0.05, 0.045))] = rng.uniform(300, 700)
    picture[int(0.83 * edge) : int(0.845 * edge), int(0.1 * edge) : int(0.9 * edge)] = -300
    noise = rng.normal(0, 25, picture.shape)
    return np.asarray(picture + (noise + np.roll(noise, 1, 1)) / 2, np.float32)


def _oval(edge: int, place: tuple[float, float], axes: tuple[float, float]) -> NDArray[np.bool_]:
    i, j = (place / edge for place in np.ogrid[:edge, :edge])
    return np.asarray(((i - place[0]) / axes[0]) ** 2 + ((j - place[1]) / axes[1]) ** 2 < 1)


def _noises(rng: np.random.Generator) -> dict[str, Picture]:
    from batterycell.segment.apply.familiar.outliers import coloured

    found = {"white": rng.normal(size=(512, 512)), "uniform": rng.random((512, 512))}
    found |= {f"1/f^{fall:g}": coloured(rng, 512, fall) for fall in (0.5, 1.0, 1.5, 2.0)}
    return {name: np.asarray(array, np.float32) for name, array in found.items()}


def _stored(name: str) -> Picture:
    import skimage

    folder = Path(skimage.__file__).parent / "data"
    return _read(next(folder / f"{name}{end}" for end in (".png", ".jpg") if (folder / f"{name}{end}").exists()))


def _read(path: Path) -> Picture:
    from PIL import Image as Pillow

    return np.asarray(Pillow.open(path).convert("L"), np.float32)


def _tiff(path: Path) -> Picture:
    import tifffile

    return np.asarray(tifffile.imread(path), np.float32)


def _flat(name: str, array: Picture, size_um: tuple[float, float, float]) -> Image:
    return Image(name, (Volume.from_stack(np.asarray(array, np.float32)[None], size_um, "assumed", name),))
