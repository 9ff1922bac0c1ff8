"""What the model of cathodes' microstructure learns from: generated micrographs of many electrodes and microscopes."""

from __future__ import annotations

from batterycell import palette
from batterycell.pretrain.plan import Pretraining
from batterycell.segment.classes import SegmentClass
from batterycell.segment.settings import TrainSettings

from .draw import PIXEL_UM, draw_specimen

__all__ = ["cathode_microstructure", "draw_specimen"]

CLASSES = (
    SegmentClass("pore", palette.PORE),
    SegmentClass("active material", palette.ACTIVE_MATERIAL),
    SegmentClass("binder", palette.BINDER),
)
SETTINGS = TrainSettings(
    patch=256, batch=4, epochs=None, steps=400, augmentation="light", width=12, depth=5, minutes=75.0, seed=7
)


def cathode_microstructure() -> Pretraining:
    """How the model that ships for cathodes comes to be."""
    return Pretraining(
        name="cathode-microstructure",
        version="1.1.0",
        description="Pores, active material and binder with additive of battery cathodes in SEM and FIB-SEM images.",
        licence="CC0-1.0",
        classes=CLASSES,
        draw=draw_specimen,
        settings=SETTINGS,
        voxel_size_um=(PIXEL_UM,) * 3,
        pixel_range_um=(0.02, 0.1),
        specimens=(230, 8, 24),
        limits=(
            "Active material is found more surely than binder and pores are told apart: look at these two by hand.",
            "Particles of 18 to 500 pixels; in between finer ones, binder and pores are hardly told apart.",
            "The domain of binder and additive is one class, its pores of a few pixels included.",
            "Wide areas that charging saturates are taken for active material, wrongly.",
            "In strong noise, binder and pores are not told apart.",
        ),
    )
