"""The rows of the section "Objects" with the labels: which they are, what their values mean, which become objects."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import qt
from batterycell.errors import BatteryCellError
from batterycell.io.label_classes import LabelClass
from batterycell.io.label_values import ValueCounts
from batterycell.io.labels import LabelVolume, label_volume
from batterycell.mrml.loaded import is_voxel_size_known
from batterycell.mrml.object_labels import check_image, classes_in, count_labels, is_segmentation, labels_grid
from batterycell.mrml.objects import is_objects, source_of

from BatteryCellAnalysisLib.Hints import hintFor
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Work.JobFolder import describeVolume

_STEP_SECONDS = 0.02
# Voxels of this size, in mm, are those of files that state none.
_PLACEHOLDER_MM = 1.0


class ObjectsLabels:
    """Knows the labels, and reads the values of a label volume while the window lives.

    ``changed`` tells that something else is known.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self.changed = Signal()
        self.classes: tuple[LabelClass, ...] = ()
        self.problem = ""
        self._ui, self._panel, self._isFilling = ui, panel, False
        self._counts: ValueCounts | None = None
        self._steps: Iterator[ValueCounts | None] | None = None
        self._read: Any = ()
        # Slicer binds one kind of node to a selector; labels are of several.
        ui.objectsLabelsSelector.connect("currentNodeChanged(vtkMRMLNode*)", self._onNode)
        ui.objectsOfComboBox.connect("currentIndexChanged(int)", lambda index: self._onOf())
        ui.objectsPoreComboBox.connect("currentIndexChanged(int)", lambda index: self._onPore())

    @property
    def node(self) -> Any:
        """The segmentation or label volume; where objects were chosen, the labels that they were found in."""
        node = self._panel.parameters.objectsLabels
        return source_of(node) if node is not None and is_objects(node) else node

    def refresh(self) -> None:
        """Read the labels where they changed."""
        node, parameters = self.node, self._panel.parameters
        self._isFilling = True
        self._ui.objectsLabelsSelector.setCurrentNode(parameters.objectsLabels)
        self._isFilling = False
        state = (node, _stamp(node), parameters.objectsClasses)
        if state == self._read:
            return
        isSame = state[:2] == self._read[:2]
        self._read = state
        if isSame and self._counts is not None:
            self._name()
        else:
            self._begin(node)

    def stop(self) -> None:
        """Forget the nodes of the scene."""
        self._steps, self._counts, self._read = None, None, ()
        self.classes, self.problem = (), _("Choose labels first.")

    def volume(self) -> LabelVolume:
        """The labels as the core knows them; of a segmentation only where they are."""
        return label_volume(labels_grid(self.node), self.classes)

    def settings(self, folder: Path, classes: Sequence[LabelClass] | None = None) -> dict[str, Any]:
        """What the worker is told of classes, image and doubt.

        Args:
            folder: The job's.
            classes: The classes; None for those that the values mean now.

        Raises:
            InputError: if image or doubt do not lie on the labels.
        """
        parameters, told = self._panel.parameters, self.classes if classes is None else classes
        return {
            "classes": [asdict(one) for one in told],
            "images": self._described("image", parameters.objectsImage, folder),
            **self._described("uncertainty", parameters.objectsDoubt, folder),
        }

    def _described(self, name: str, node: Any, folder: Path) -> dict[str, str]:
        """A volume on the labels' grid by its name; nothing where there is none."""
        if node is None:
            return {}
        check_image(self.node, node)
        return {name: str(describeVolume(node, folder / f"{name}.json"))}

    def _begin(self, node: Any) -> None:
        self._counts, self.classes = None, ()
        self.problem = _("Choose labels first.") if node is None else _("The labels are being read.")
        self._steps = None
        if node is not None:
            self._steps = count_labels(node)
            self._step(self._steps)
        else:
            self._fill()

    def _step(self, steps: Iterator[ValueCounts | None]) -> None:
        """Go on for a moment."""
        if steps is not self._steps:
            return
        end = time.monotonic() + _STEP_SECONDS
        try:
            while self._counts is None and time.monotonic() < end:
                self._counts = next(steps)
        except BatteryCellError as error:
            self._fail(error)
            return
        if self._counts is None:
            qt.QTimer.singleShot(0, lambda: self._step(steps))
        else:
            self._name()

    def _name(self) -> None:
        try:
            self.classes = classes_in(self.node, self._counts, self._panel.parameters.objectsClasses)
            self.problem = "" if _hasVoxelSize(self.node) else _("The voxel size of the labels is not known: set it.")
        except BatteryCellError as error:
            self._fail(error)
            return
        self._fill()
        self.changed.emit()

    def _fail(self, error: BatteryCellError) -> None:
        self.classes, self.problem = (), f"{error.message} {hintFor(error)}".strip()
        self._fill()
        self.changed.emit()

    def _fill(self) -> None:
        ui, parameters = self._ui, self._panel.parameters
        _offer(ui.objectsOfComboBox, _("every class"), self.classes, parameters.objectsOf)
        _offer(ui.objectsPoreComboBox, _("by its name"), self.classes, parameters.objectsPore)

    def _onNode(self, node: Any) -> None:
        if not self._isFilling and node is not self._panel.parameters.objectsLabels:
            self._panel.parameters.objectsLabels = node

    def _onOf(self) -> None:
        self._panel.parameters.objectsOf = str(self._ui.objectsOfComboBox.currentData or "")

    def _onPore(self) -> None:
        self._panel.parameters.objectsPore = str(self._ui.objectsPoreComboBox.currentData or "")

    @property
    def of(self) -> tuple[str, ...]:
        """Names of the classes of which objects are made; none for all."""
        chosen = self._known(self._panel.parameters.objectsOf)
        return (chosen,) if chosen else ()

    @property
    def pore(self) -> str:
        """Name of the class of pores; empty for the one that is called so."""
        return self._known(self._panel.parameters.objectsPore)

    def _known(self, name: str) -> str:
        return name if name in [one.name for one in self.classes] else ""


def _stamp(node: Any) -> Any:
    """What tells whether labels are still the same."""
    if node is None:
        return None
    if is_segmentation(node):
        segmentation = node.GetSegmentation()
        ids = [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]
        return tuple((one, segmentation.GetSegment(one).GetName()) for one in ids)
    image = node.GetImageData()
    scalars = image.GetPointData().GetScalars() if image is not None else None
    return (scalars and scalars.GetMTime(), node.GetSpacing())


def _hasVoxelSize(node: Any) -> bool:
    if not is_segmentation(node):
        return is_voxel_size_known(node)
    return any(abs(1e-3 * size - _PLACEHOLDER_MM) > 1e-6 for size in labels_grid(node).voxel_size_um)


def _offer(combo: Any, first: str, classes: Sequence[LabelClass], chosen: str) -> None:
    """Fill a combo box with classes, behind what stands for none of them."""
    wasBlocked = combo.blockSignals(True)
    combo.clear()
    combo.addItem(first, "")
    for one in classes:
        combo.addItem(_icon(one.color), one.name, one.name)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
    combo.blockSignals(wasBlocked)


def _icon(color: str) -> Any:
    pixmap = qt.QPixmap(12, 12)
    pixmap.fill(qt.QColor(color))
    return qt.QIcon(pixmap)
