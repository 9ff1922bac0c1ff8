"""What the desktop tests of the wizard share."""

from typing import Any

import numpy as np
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


def settle() -> None:
    """Let the window do what it put off."""
    for _ in range(5):
        slicer.app.processEvents()


def add_image(widget: Any, name: str = "micrograph", shape: tuple[int, int, int] = (12, 64, 64)) -> Any:
    """A small image of bright discs on dark ground, 0.1 µm a voxel, chosen in the wizard."""
    node = slicer.util.addVolumeFromArray(discs(shape), name=name)
    node.SetSpacing(1e-4, 1e-4, 1e-4)
    widget.ui.wizardImageSelector.setCurrentNode(node)
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    settle()
    return node


def discs(shape: tuple[int, int, int], seed: int = 1) -> np.ndarray:
    """Grey values: discs of 150 on 80, with noise; the same in every slice."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices(shape[1:])
    grey = np.full(shape[1:], 80.0)
    for row, column in rng.uniform(8, min(shape[1:]) - 8, (8, 2)):
        grey[np.hypot(rows - row, columns - column) < 6] = 150.0
    return (grey + rng.normal(0, 8, shape)).clip(0, 255).astype(np.uint8)


def paint_stroke(ui: Any, view: str, start: tuple[int, int], stop: tuple[int, int]) -> None:
    """Paint with the mouse, from and to pixels beside the middle of a slice view."""
    ui.segmentEditor.setActiveEffectByName("Paint")
    widget = slicer.app.layoutManager().sliceWidget(view)
    settle()
    view_widget = widget.sliceView()
    x, y = view_widget.width // 2, view_widget.height // 2
    slicer.util.clickAndDrag(widget, start=(x + start[0], y + start[1]), end=(x + stop[0], y + stop[1]), steps=5)
    settle()


def slice_widget(name: str = "Red") -> Any:
    """The widget of a slice view."""
    return slicer.app.layoutManager().sliceWidget(name)
