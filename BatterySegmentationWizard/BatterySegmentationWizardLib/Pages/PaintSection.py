"""Section "Paint" below the pages: Slicer's own Segment Editor on the labels of the chosen image."""

from typing import Any

import qt
import slicer
import vtk
from batterycell.mrml.wizard.classes import class_ids, ensure_labels, labels_of
from batterycell.mrml.wizard.magnified import is_magnified, magnify
from BatteryCellAnalysisLib.NodeWatch import NodeWatch
from BatteryCellAnalysisLib.Views.Later import Later
from BatteryCellAnalysisLib.Views.SliceViews import resetWhenLaidOut

from .Situation import Situation

_TAG = "BatterySegmentationWizard"
_TABLE_PIXELS, _TOOLS_PIXELS = 150, 84
_EFFECTS = (
    "Paint",
    "Draw",
    "Erase",
    "Level tracing",
    "Threshold",
    "Grow from seeds",
    "Fill between slices",
    "Islands",
    "Smoothing",
    "Margin",
    "Scissors",
    "Logical operators",
)


class PaintSection:
    """Binds the editor to the image, and lends it its keys while it is seen.

    ``chosen`` tells, a moment later, that another class was chosen in the editor.

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and the scene.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        self.chosen = Later()
        self._watch = NodeWatch((vtk.vtkCommand.ModifiedEvent,), lambda caller, event: self.chosen.start())
        self._ui, self._wizard, self._hasKeys = ui, wizard, False
        editor = self.editor = ui.segmentEditor
        editor.setMRMLScene(slicer.mrmlScene)
        editor.setEffectNameOrder(list(_EFFECTS))
        editor.undoEnabled = True
        table = slicer.util.findChild(editor, "SegmentsTableView")
        table.useTerminologySelector = False
        table.statusColumnVisible = False
        slicer.util.findChild(editor, "SegmentsTableResizableFrame").setMaximumHeight(_TABLE_PIXELS)
        for name in ("EffectsGroupBox", "UndoRedoGroupBox"):
            box = slicer.util.findChild(editor, name)
            box.setMaximumWidth(_TOOLS_PIXELS)
            _alignLeft(editor.layout(), box)

    @property
    def labels(self) -> Any:
        """The labels that are painted in; None where there are none."""
        return self.editor.segmentationNode()

    @property
    def current(self) -> int:
        """The place of the class that is painted; -1 for none."""
        ids, current = class_ids(self._wizard.scene), self.editor.currentSegmentID()
        return ids.index(current) if current in ids else -1

    def choose(self, index: int) -> None:
        """Paint another class, by its place in the order."""
        if self.labels is not None:
            self.editor.setCurrentSegmentID(class_ids(self._wizard.scene)[index])

    def refresh(self, now: Situation) -> None:
        """Bind the editor to the labels of the image, which are made where they are missing."""
        image = self._wizard.parameters.image
        if now.hasImage and not now.imageProblem:
            _showFollowed(image)
        canPaint = now.hasImage and not now.imageProblem and now.classCount > 0
        labels = ensure_labels(image) if canPaint and labels_of(image) is None else None
        labels = labels or (labels_of(image) if canPaint else None)
        self._bind(image if canPaint else None, labels)

    def show(self, isSeen: bool, withTable: bool) -> None:
        """Show the section, with or without the editor's own list of segments."""
        self._ui.BatteryWizardPaint.visible = isSeen
        slicer.util.findChild(self.editor, "SegmentsTableResizableFrame").visible = withTable
        self._start() if isSeen else self.stop()

    def stop(self) -> None:
        """Leave views and keys to others."""
        if not self._hasKeys:
            return
        self._hasKeys = False
        self.editor.setActiveEffect(None)
        self.editor.uninstallKeyboardShortcuts()
        self.editor.removeViewObservations()

    def endJobs(self) -> None:
        """Let go of the scene's nodes."""
        self.stop()
        self.chosen.stop()
        self._watch.watch(None)
        self.editor.setSegmentationNode(None)
        self.editor.setMRMLSegmentEditorNode(None)

    def _start(self) -> None:
        if self._hasKeys:
            return
        self._hasKeys = True
        self.editor.setupViewObservations()
        self.editor.installKeyboardShortcuts()

    def _bind(self, image: Any, labels: Any) -> None:
        editor = self.editor
        if editor.mrmlSegmentEditorNode() is None:
            editor.setMRMLSegmentEditorNode(_editorNode(self._wizard.scene))
            self._watch.watch(editor.mrmlSegmentEditorNode())
        if editor.segmentationNode() is not labels:
            editor.setSegmentationNode(labels)
        if editor.sourceVolumeNode() is not image:
            editor.setSourceVolumeNode(image)
        self._ui.paintCollapsibleButton.enabled = labels is not None


def _alignLeft(layout: Any, widget: Any) -> None:
    """Put a widget of a layout, or of one within it, to the left: without options beside it, it would wander."""
    if layout.setAlignment(widget, qt.Qt.AlignLeft | qt.Qt.AlignTop):
        return
    for inner in (layout.itemAt(index).layout() for index in range(layout.count())):
        if inner is not None:
            _alignLeft(inner, widget)


def _showFollowed(image: Any) -> None:
    """Show an image so that the views can follow it."""
    if not is_magnified(image) and magnify(image):
        resetWhenLaidOut()


def _editorNode(scene: Any) -> Any:
    """The wizard's own node of editor settings; classes exclude each other, so paint replaces paint."""
    node = scene.GetSingletonNode(_TAG, "vtkMRMLSegmentEditorNode")
    if node is None:
        node = scene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
        node.UnRegister(None)
        node.SetSingletonTag(_TAG)
        node.SetHideFromEditors(True)
        node = scene.AddNode(node)
    node.SetOverwriteMode(node.OverwriteAllSegments)
    return node
