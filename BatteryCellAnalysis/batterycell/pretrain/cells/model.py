"""The model that tells cathode, anode overhang and can in cells of any make."""

from __future__ import annotations

from batterycell import palette
from batterycell.pretrain.plan import Pretraining
from batterycell.segment.classes import SegmentClass
from batterycell.segment.settings import TrainSettings

from .ranges import TRAINING
from .sections import draw_cell

CLASSES = (
    SegmentClass("background", palette.BACKGROUND_CLASS),
    SegmentClass("cathode", palette.CATHODE),
    SegmentClass("anode overhang", palette.OVERHANG),
    SegmentClass("can", palette.CAN),
)
_LIMITS = (
    "It wants seven pixels and more from winding to winding, of 20 to 80 µm; finer ones are resampled to 20 µm.",
    "Anodes must stand out from the gas about them: by their copper, or by a coating a quarter as bright as the cathode"
    " and more.",
    "Where tips touch, or something as bright as they are lies on them, ends are uncertain by a pixel and more.",
    "A pouch is background: can is what cylindrical cells and hard cases have; caps are background, too.",
    "Planes within a single sheet of a stack show nothing that tells what the sheet is.",
)


def cell_overhang() -> Pretraining:
    """How cell-overhang comes to be."""
    return Pretraining(
        name="cell-overhang",
        version="1.1.0",
        description="Cathode, anode overhang and can in X-ray CT of wound and stacked cells.",
        licence="CC0-1.0",
        classes=CLASSES,
        draw=draw_cell,
        settings=TrainSettings(
            patch=192, batch=4, epochs=50, steps=400, augmentation="light", width=12, depth=5, minutes=60.0
        ),
        voxel_size_um=(40.0, 60.0, 40.0),
        pixel_range_um=TRAINING.pixel_um,
        sections="around",
        specimens=(300, 8, 36),
        limits=_LIMITS,
        trained_on="Generated wound and stacked cells only, with random materials, sheets and scans; no real cell.",
    )
