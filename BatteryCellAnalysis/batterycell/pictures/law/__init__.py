"""The reaction's law as it was learned, in pictures."""

from .fields import heterogeneity_figure
from .frames import left_out_figure
from .functions import functions_figure
from .points import points_figure

__all__ = ["functions_figure", "heterogeneity_figure", "left_out_figure", "points_figure"]
