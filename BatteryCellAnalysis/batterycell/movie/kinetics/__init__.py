"""Kinetics as they are seen: rates, half cycles, uniformity, fronts, each with its uncertainty."""

from .halves import HalfCycle, find_half_cycles
from .kinetics import Asymmetry, Kinetics, find_kinetics
from .particle import ParticleRate
from .pixels import PixelMaps
from .settings import KineticsSettings
from .stage import kinetics_stage

__all__ = [
    "Asymmetry",
    "HalfCycle",
    "Kinetics",
    "KineticsSettings",
    "ParticleRate",
    "PixelMaps",
    "find_half_cycles",
    "find_kinetics",
    "kinetics_stage",
]
