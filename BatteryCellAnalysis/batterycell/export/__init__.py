"""Everything that a scene holds of one cell, in a folder: tables, pictures, scene, provenance, report."""

from .cell_pictures import OVERVIEW, picture_angles
from .contents import Contents, contents_of, find_volume
from .new_scene import make_scene, scene_of
from .result_files import result_files
from .scene_export import export_pictures, export_scene
from .settings import ExportSettings
from .stage_folder import write_stage_folder

__all__ = [
    "OVERVIEW",
    "Contents",
    "ExportSettings",
    "contents_of",
    "export_pictures",
    "export_scene",
    "find_volume",
    "make_scene",
    "picture_angles",
    "result_files",
    "scene_of",
    "write_stage_folder",
]
