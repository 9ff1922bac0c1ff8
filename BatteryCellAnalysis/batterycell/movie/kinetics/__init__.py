"""Kinetics as they are seen: rates, half cycles, uniformity, fronts, each with its uncertainty."""

from .halves import HalfCycle, find_half_cycles
from .settings import KineticsSettings

__all__ = ["HalfCycle", "KineticsSettings", "find_half_cycles"]
