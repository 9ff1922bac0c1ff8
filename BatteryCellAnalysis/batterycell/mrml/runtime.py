"""Slicer's modules in Slicer's own Python outside the application, which loads only the core by itself."""

from __future__ import annotations

import importlib
from contextlib import suppress

_MODULES = (
    "Units",
    "Volumes",
    "Tables",
    "Transforms",
    "Markups",
    "SubjectHierarchy",
    "Segmentations",
    "Sequences",
    "CropVolume",
    "VolumeRendering",
)
_PARTS = ("MRML", "MRMLDisplayableManager", "Logic")


def load_modules() -> None:
    """Let `slicer` know the classes of Slicer's modules, as it does in the application and in its Python package."""
    import slicer

    if hasattr(slicer, "vtkSlicerMarkupsLogic"):
        return
    for name in (f"vtkSlicer{module}Module{part}Python" for module in _MODULES for part in _PARTS):
        # Not every module has every part.
        with suppress(ImportError):
            module = importlib.import_module(name)
            vars(slicer).update({key: value for key, value in vars(module).items() if key.startswith("vtk")})
