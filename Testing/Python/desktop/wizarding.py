"""What the desktop tests of the wizard share."""

from typing import Any

import slicer
from BatterySegmentationWizardLib.Steps import STEPS

MODULE = "BatterySegmentationWizard"


def open_wizard(step: str = "Classes") -> Any:
    """The wizard on an empty scene, at a step."""
    slicer.mrmlScene.Clear()
    slicer.util.mainWindow().resize(1500, 1000)
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    slicer.util.selectModule(MODULE)
    slicer.app.processEvents()
    widget = slicer.modules.batterysegmentationwizard.widgetRepresentation().self()
    go_to(widget, step)
    return widget


def go_to(widget: Any, step: str) -> None:
    """Press a step of the bar."""
    getattr(widget.ui, f"{STEPS[STEPS.index(step)].lower()}StepButton").click()
    slicer.app.processEvents()
