"""What the desktop tests of the wizard share."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import batterycell
import numpy as np
import slicer
from batterycell.mrml.cell import volume_of
from batterycell.mrml.wizard.classes import labels_of, set_classes
from batterycell.mrml.wizard.frames import add_frame
from batterycell.mrml.wizard.labels import write_codes
from batterycell.mrml.wizard.region import Region
from batterycell.segment import PRESETS, Frame
from batterycell.segment.model.library import list_models
from batterycell.worker import write_job
from BatteryCellAnalysisLib.Work.QtProcess import pythonExecutable
from BatterySegmentationWizardLib.Steps import STEPS
from BatterySegmentationWizardLib.TrainChoices import chosenSettings
from harness import skip_unless, worker_imports

# The tests' own library of models.
os.environ["BATTERYCELL_MODELS"] = tempfile.mkdtemp()
MODULE = "BatterySegmentationWizard"
_model: list[Path] = []


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


def open_project(painted: tuple[int, ...] = (0, 1)) -> Any:
    """The wizard with a small painted project of two classes: two training frames, one that validates, one monitored.

    Args:
        painted: The classes that are painted.
    """
    widget = open_wizard()
    image = add_image(widget)
    set_classes(slicer.mrmlScene, PRESETS["cathode microstructure"][:2])
    volume, truth = volume_of(image), slicer.util.arrayFromVolume(image) > 115
    codes = np.where(truth, 2 * (1 in painted), 1 * (0 in painted)).astype(np.uint8)
    roles = ("training", "training", "validation", "monitoring")
    for k, role in zip((1, 4, 7, 10), roles, strict=True):
        add_frame(image, Frame.of_slice(f"slice {k}", image.GetName(), volume, k).with_role(role))
        if role != "monitoring":
            write_codes(labels_of(image), codes[k : k + 1], Region((k, 0, 0), (k + 1, 64, 64)))
    widget.wizard.refresh()
    settle()
    return widget


def set_quick(widget: Any, epochs: int = 4) -> None:
    """Settings with which a training takes seconds."""
    parameters = widget.wizard.parameters
    parameters.trainPatch, parameters.trainBatch, parameters.trainWidth, parameters.trainDepth = 32, 2, 8, 2
    parameters.trainEpochs, parameters.trainSteps, parameters.trainDevice = epochs, 3, "cpu"
    parameters.trainStart, parameters.trainStartChosen = "", True


def train_model(widget: Any) -> Any:
    """A small model, trained from the project once and kept as a draft; the current one from now on."""
    from batterycell.mrml.wizard.project import scene_dataset
    from batterycell.segment.data.files import write_dataset
    from batterycell.segment.model.drafts import keep_draft

    if not _model:
        set_quick(widget, epochs=10)
        widget.wizard.parameters.trainSteps = 10
        settings = chosenSettings(widget.wizard.parameters)
        folder = Path(tempfile.mkdtemp())
        write_dataset(scene_dataset(slicer.mrmlScene, settings), folder / "dataset")
        values = {"dataset": str(folder / "dataset"), "run": str(folder / "run"), "train": asdict(settings)}
        write_job(folder, "train", None, values)
        _run_worker(folder)
        _model.append(folder / "run" / "model")
    draft = keep_draft(_model[0])
    widget.wizard.parameters.model = str(draft.folder)
    widget.wizard.refresh()
    return draft


def _run_worker(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(batterycell.__file__).parents[1])}
    words = [pythonExecutable(), "-m", "batterycell.worker", str(folder)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _has_torch() -> bool:
    return worker_imports("torch", "monai")


can_train = skip_unless(_has_torch, "the worker finds no torch (set BATTERYCELL_PACKAGES)")
can_apply = skip_unless(
    lambda: worker_imports("onnxruntime") or _has_torch(), "the worker finds no onnxruntime (set BATTERYCELL_PACKAGES)"
)


def ships(*names: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Skip a test, saying so, where a model does not ship with this copy of the program."""

    def are_there() -> bool:
        return set(names) <= {model.info.name for model in list_models() if model.kind == "shipped"}

    return skip_unless(are_there, f"one of the models {', '.join(names)} does not ship with this copy")
