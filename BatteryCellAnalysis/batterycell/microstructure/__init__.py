"""Microstructure of electrodes: fractions, sizes, surfaces, pores, connections, tortuosity, with intervals."""

from .compare import compare
from .settings import MicrostructureSettings
from .stage import measure_microstructure
from .stage_sample import Given

__all__ = ["Given", "MicrostructureSettings", "compare", "measure_microstructure"]
