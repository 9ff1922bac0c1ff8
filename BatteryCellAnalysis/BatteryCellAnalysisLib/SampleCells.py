"""Cells in Slicer's module Sample Data: one generated, one real."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
from batterycell.io.samples import Sample, cell_top_ucl

from .I18n import _

CATEGORY = "BatteryCell"
_MODULE = "BatteryCellAnalysis"
_PRESET = "demo"
_ICONS = Path(__file__).parent.parent / "Resources" / "Icons"


def registerSampleCells() -> None:
    """Add the cells to the module Sample Data, where this Slicer has it."""
    try:
        from SampleData import SampleDataLogic
    except ImportError:
        return
    register = SampleDataLogic.registerCustomSampleDataSource
    register(
        category=CATEGORY,
        sampleName=_("Generated cell"),
        uris="batterycell:generated",
        thumbnailFileName=str(_ICONS / "BatteryCellGenerated.png"),
        customDownloader=lambda source: _load(lambda loads: loads.generate(_PRESET)),
    )
    register(**sampleEntry(cell_top_ucl()), thumbnailFileName=str(_ICONS / "BatteryCellTop.png"))


def sampleEntry(sample: Sample) -> dict[str, Any]:
    """How Sample Data is told of a sample: its button loads it in this module, scripts get its files."""
    count = len(sample.files)
    return {
        "category": CATEGORY,
        "sampleName": _("{title}, {megabytes} MB").format(title=sample.title, megabytes=sample.megabytes),
        "uris": [file.url for file in sample.files],
        "fileNames": [f"{sample.name}-{file.name}" for file in sample.files],
        "nodeNames": [None] * count,
        "loadFiles": [False] * count,
        "checksums": [f"SHA256:{file.sha256}" for file in sample.files],
        "customDownloader": lambda source: _load(lambda loads: loads.loadSample(sample, cacheFolder())),
    }


def cacheFolder() -> Path:
    """Where samples are kept: in a folder of Slicer's cache."""
    return Path(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory()) / CATEGORY


def _load(begin: Callable[[Any], None]) -> None:
    """Go to the module and begin to load; its section Cell shows how far it is."""
    slicer.util.selectModule(_MODULE)
    begin(slicer.modules.batterycellanalysis.widgetRepresentation().self().panel.cell.loads)
