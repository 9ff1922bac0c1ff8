"""Generated electrodes: images and volumes whose every voxel and particle is known."""

from .factory import Micrograph, classes_of, make_micrograph
from .microscope import Microscope
from .presets import PRESETS, preset
from .settings import Binder, Microstructure, Particles
from .structure import Phase
from .truth import PARTICLE_COLUMNS

__all__ = [
    "PARTICLE_COLUMNS",
    "PRESETS",
    "Binder",
    "Micrograph",
    "Microscope",
    "Microstructure",
    "Particles",
    "Phase",
    "classes_of",
    "make_micrograph",
    "preset",
]
