"""Draw the thumbnails of the module Sample Data: ``python sample_thumbnails.py FOLDER_OF_CELL_TOP_UCL``."""

import sys
from pathlib import Path

from batterycell.io import LoadOptions, load_volume
from batterycell.io.samples import cell_top_ucl
from batterycell.phantom import make_cell, preset
from batterycell.pictures.overview import slicer_panels
from batterycell.pictures.subject import Subject
from batterycell.pipeline import analyze
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from batterycell.volume import Volume

ICONS = Path(__file__).parents[2] / "BatteryCellAnalysis" / "Resources" / "Icons"
SIZE = (240, 171)
COLORS = 128


def main(folder: Path) -> None:
    """Draw both."""
    top = load_volume(folder, LoadOptions(cell_top_ucl().voxel_size_um))
    draw(make_cell(*preset("demo"), seed=1).volume, ICONS / "BatteryCellGenerated.png")
    draw(top, ICONS / "BatteryCellTop.png")


def draw(volume: Volume, path: Path) -> None:
    """The cell cut open in Slicer's 3D view, small."""
    from PIL import Image

    result = analyze(volume, AnalyzeRecipe(angles=24), Progress())
    subject = Subject(volume, result.cell.frame, result.overhang, result.cell.can.outer_radius_mm)
    picture = Image.fromarray(slicer_panels(subject)[-1].image).resize(SIZE, Image.Resampling.LANCZOS)
    picture.quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
