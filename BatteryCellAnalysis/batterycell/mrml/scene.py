"""A scene without an application: it knows every node the project uses."""

from __future__ import annotations

import tempfile
from typing import Any

from .quiet import quiet_vtk
from .runtime import load_modules

_MODULE_LOGICS = (
    "vtkSlicerUnitsLogic",
    "vtkSlicerVolumesLogic",
    "vtkSlicerTablesLogic",
    "vtkSlicerTransformLogic",
    "vtkSlicerMarkupsLogic",
    "vtkSlicerSubjectHierarchyModuleLogic",
    "vtkSlicerSegmentationsModuleLogic",
    "vtkSlicerSequencesLogic",
    "vtkSlicerCropVolumeLogic",
    "vtkSlicerVolumeRenderingLogic",
)
_KEPT = "_batterycell_logics"


def new_scene() -> Any:
    """A ``vtkMRMLScene`` for use without the application; hand it to `close_scene` when done.

    A bare scene does not know the nodes of Slicer's modules: each module's logic registers its own, and lives as long
    as the scene does.
    """
    import slicer

    load_modules()
    scene = slicer.vtkMRMLScene()
    application = slicer.vtkSlicerApplicationLogic()
    application.SetMRMLScene(scene)
    application.GetColorLogic().SetMRMLScene(scene)
    application.GetColorLogic().AddDefaultColorNodes()
    _give_view_collections(application)
    setattr(scene, _KEPT, [application, *(_start_logic(name, scene, application) for name in _MODULE_LOGICS)])
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
    return scene


def close_scene(scene: Any) -> None:
    """Free the scene's nodes and logics, which hold each other and would else stay in memory."""
    logics = scene.__dict__.pop(_KEPT, [])
    scene.Clear(True)
    with quiet_vtk():
        for logic in reversed(logics):
            logic.SetMRMLScene(None)


def application_logic(scene: Any) -> Any:
    """The application logic of a scene made by `new_scene`."""
    return getattr(scene, _KEPT)[0]


def _start_logic(name: str, scene: Any, application: Any) -> Any:
    import slicer

    logic = getattr(slicer, name)()
    if hasattr(logic, "SetModuleShareDirectory"):
        # Set before the scene: the logic looks for its presets there at once.
        logic.SetModuleShareDirectory(tempfile.gettempdir())
    logic.SetMRMLScene(scene)
    logic.SetMRMLApplicationLogic(application)
    application.SetModuleLogic(name.removeprefix("vtkSlicer").removesuffix("Logic").removesuffix("Module"), logic)
    return logic


def _give_view_collections(application: Any) -> None:
    from vtkmodules.vtkCommonCore import vtkCollection

    application.SetSliceLogics(vtkCollection())
    application.SetViewLogics(vtkCollection())
