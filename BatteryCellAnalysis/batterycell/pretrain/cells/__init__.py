"""Generated battery cells that the model cell-overhang learns from."""

from .model import cell_overhang

__all__ = ["cell_overhang"]
