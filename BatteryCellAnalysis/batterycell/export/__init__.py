"""Everything that a scene holds of one cell, in a folder: tables, pictures, scene, provenance, report."""

from .contents import Contents, contents_of, find_volume
from .draw import picture_angles
from .new_scene import make_scene
from .scene_export import export_pictures, export_scene
from .settings import ExportSettings
from .stage_folder import write_stage_folder

__all__ = [
    "Contents",
    "ExportSettings",
    "contents_of",
    "export_pictures",
    "export_scene",
    "find_volume",
    "make_scene",
    "picture_angles",
    "write_stage_folder",
]
