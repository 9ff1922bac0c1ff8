"""The reaction's law, learned from movies: heterogeneity k(x, y), exchange current j0(c), chemical potential μ(c)."""

from .find import find_law
from .law import Law, LawFunction, LawMovie
from .settings import LawSettings

__all__ = ["Law", "LawFunction", "LawMovie", "LawSettings", "find_law"]
