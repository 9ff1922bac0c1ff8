"""Pictures as PNG files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_rgb(picture: NDArray[np.uint8], path: Path) -> None:
    """Write a picture, shape (rows, columns, 3), as PNG."""
    from PIL import Image

    Image.fromarray(picture).save(path, compress_level=4)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, at the size and resolution it was drawn for."""
    figure.savefig(path, facecolor=figure.get_facecolor())


def new_figure(width_px: int, height_px: int, dpi: float = 160.0, facecolor: str = "white") -> Figure:
    """A figure of a size in pixels, with its own Agg canvas and no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_px / dpi, height_px / dpi), dpi=dpi, facecolor=facecolor)
    FigureCanvasAgg(figure)
    return figure
