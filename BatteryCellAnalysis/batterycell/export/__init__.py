"""Everything that a scene holds of one cell, in a folder: tables, pictures, scene, provenance, report."""

from .contents import Contents, contents_of, find_volume
from .draw import picture_angles
from .scene_export import export_pictures, export_scene
from .settings import ExportSettings

__all__ = [
    "Contents",
    "ExportSettings",
    "contents_of",
    "export_pictures",
    "export_scene",
    "find_volume",
    "picture_angles",
]
