"""A four-phase SEM picture without labels: a few strokes, a model, labels, and the electrode's numbers.

The strokes were chosen by looking at the picture. What each phase is called is a reading of it, too: the dark, and what
is seen through it, is pore; the even grey with grain boundaries is active material; the spongy grey is carbon and
binder; the white that outshines the detector is taken for a polymer that charges.

    python Testing/Benchmarks/sem_four_phases.py --out out/sem_four_phases
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
from batterycell.cli import main as batterycell
from numpy.typing import NDArray

DATA = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[3] / "shared/data"))
IMAGE = "micrographs/nmc_sem_4phase_unlabelled.tif"
# The file states no pixel size; lengths are in pixels of this size, to be scaled by whoever knows it.
PIXEL_UM = 0.02
CLASSES = (("pore", "#1B1B3A"), ("active material", "#E69F00"), ("carbon-binder", "#009E73"), ("polymer", "#56B4E9"))
# Of each class: strokes as (x, y) from point to point, all with the same brush.
BRUSH_PX = 4
STROKES: dict[str, tuple[tuple[tuple[int, int], ...], ...]] = {
    "pore": (
        ((170, 92), (196, 108)),
        ((345, 535), (392, 560)),
        ((350, 570), (366, 590)),
        ((282, 440), (318, 472)),
        ((704, 25), (708, 70)),
        ((716, 140), (712, 240)),
        ((722, 345), (724, 362)),
        ((931, 160), (930, 180)),
        ((212, 125), (250, 152)),
        ((1000, 660), (1008, 676)),
        ((222, 108), (255, 124)),
        ((95, 88), (106, 100)),
        ((325, 30), (330, 50)),
        ((360, 85), (372, 110)),
        ((372, 130), (388, 138)),
        ((972, 148), (980, 154)),
        ((418, 575), (436, 598)),
        ((60, 600), (90, 590)),
        ((380, 575), (390, 590)),
    ),
    "active material": (
        ((30, 200), (300, 340)),
        ((430, 40), (600, 130)),
        ((320, 200), (540, 250)),
        ((120, 350), (330, 390)),
        ((40, 40), (60, 20)),
        ((120, 120), (190, 160)),
        ((850, 40), (880, 250)),
        ((960, 180), (1010, 280)),
        ((375, 510), (450, 515)),
        ((490, 540), (520, 470)),
        ((600, 540), (650, 520)),
        ((110, 640), (250, 650)),
        ((515, 618), (540, 632)),
        ((620, 605), (655, 610)),
        ((630, 665), (660, 665)),
        # Added where the first labels were wrong: along edges, and small particles.
        ((622, 50), (632, 150)),
        ((816, 60), (814, 180)),
        ((574, 655), (590, 662)),
        ((300, 135), (320, 150)),
        ((455, 600), (478, 606)),
    ),
    "carbon-binder": (
        ((10, 450), (100, 470)),
        ((20, 500), (60, 520)),
        ((140, 480), (230, 500)),
        ((250, 530), (320, 560)),
        ((300, 590), (340, 660)),
        ((340, 440), (352, 420)),
        ((570, 290), (585, 320)),
        ((600, 230), (622, 240)),
        ((588, 430), (612, 460)),
        ((430, 420), (452, 412)),
        ((960, 370), (980, 380)),
        ((1000, 500), (1018, 530)),
        ((985, 640), (990, 655)),
        ((560, 560), (572, 575)),
        ((20, 420), (90, 440)),
        ((180, 450), (240, 462)),
    ),
    "polymer": (
        ((660, 40), (680, 160)),
        ((740, 40), (780, 90)),
        ((740, 180), (770, 170)),
        ((650, 240), (690, 300)),
        ((760, 280), (830, 330)),
        ((700, 440), (880, 500)),
        ((720, 560), (900, 640)),
        ((490, 370), (540, 350)),
        ((500, 420), (530, 400)),
        ((640, 450), (660, 400)),
        ((950, 560), (980, 590)),
        ((960, 440), (900, 400)),
        ((110, 402), (125, 398)),
        ((175, 428), (230, 430)),
        ((653, 60), (652, 150)),
        ((796, 80), (798, 180)),
    ),
}


def main() -> int:
    """Paint, train, segment, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out/sem_four_phases"))
    parser.add_argument("--effort", default="quick", choices=("quick", "standard", "thorough"))
    parser.add_argument(
        "--epochs", type=int, help="instead of the effort's limit of time, e.g. on a machine that is busy"
    )
    args = parser.parse_args()
    image = DATA / IMAGE
    if not image.is_file():
        print(f"skipped: no {image}")
        return 0
    painted = write_project(image, args.out / "project")
    size = ("--voxel-size", f"{PIXEL_UM},{PIXEL_UM},{PIXEL_UM}")
    how = ("--epochs", args.epochs) if args.epochs else ("--effort", args.effort)
    run("train", args.out / "project", *how, *size, "--out", args.out / "model", "--overwrite")
    run("segment", image, "--model", args.out / "model", *size, "--uncertainty", "--out", args.out / "labels",
        "--overwrite")  # fmt: skip
    labels = next((args.out / "labels").glob("**/*.seg.nrrd"))
    unsure = next((args.out / "labels").glob("**/*.uncertainty.nrrd"))
    run("microstructure", labels, "--active", "active material", "--pore", "pore", "--uncertainty", unsure,
        "--min-size", 10 * PIXEL_UM, "--out", args.out / "microstructure", "--overwrite")  # fmt: skip
    print_table(args.out / "microstructure" / "summary.json", painted)
    return 0


def write_project(image: Path, folder: Path) -> float:
    """A project with the picture and the strokes; returns the share of pixels that were painted."""
    import tifffile

    shutil.rmtree(folder, ignore_errors=True)
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    grey = tifffile.imread(image)
    labels = paint(grey.shape)
    tifffile.imwrite(folder / "images" / "sem.tif", grey, photometric="minisblack")
    tifffile.imwrite(folder / "labels" / "sem.tif", labels, photometric="minisblack")
    classes = [{"name": name, "color": color, "value": n + 1} for n, (name, color) in enumerate(CLASSES)]
    (folder / "classes.json").write_text(json.dumps({"classes": classes}), encoding="utf-8")
    return float((labels > 0).mean())


def paint(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The strokes as labels: 0 unknown, 1, 2 … the classes."""
    from PIL import Image, ImageDraw

    canvas = Image.new("L", shape[::-1])
    draw = ImageDraw.Draw(canvas)
    for value, (name, _) in enumerate(CLASSES, 1):
        for stroke in STROKES[name]:
            draw.line(stroke, value, BRUSH_PX)
    return np.asarray(canvas)


def run(*words: object) -> None:
    """One command; what it says goes to stderr, as the table goes to stdout."""
    print("batterycell", *words, file=sys.stderr, flush=True)
    code = batterycell([*map(str, words), "--quiet"])
    if code:
        sys.exit(code)


def print_table(summary: Path, painted: float) -> None:
    """What was measured, as Markdown."""
    found = json.loads(summary.read_text(encoding="utf-8"))["quantities"]
    print(f"\n**Four phases of an SEM picture**, {datetime.now(timezone.utc):%Y-%m-%d}: {100 * painted:.1f} % painted")
    print(f"(`sem_four_phases.py`; lengths for a pixel of {PIXEL_UM} µm, which the file does not state)\n")
    print("| quantity | value | 95 % ± | unit |\n|---|---|---|---|")
    for name, one in found.items():
        value, half = (f"{one[key]:.4g}" if one[key] is not None else "–" for key in ("value", "uncertainty"))
        print(f"| `{name}` | {value} | {half} | {one['units']} |")


if __name__ == "__main__":
    sys.exit(main())
