"""Module of the BatteryCell extension: look into a battery cell, set it upright, measure its overhang, export."""

import qt
import slicer
import vtk
from batterycell.mrml import undo
from BatteryCellAnalysisLib.NodeWatch import NodeWatch
from BatteryCellAnalysisLib.Panel import SECTIONS, Panel
from BatteryCellAnalysisLib.Parameters import Parameters
from BatteryCellAnalysisLib.SampleCells import registerSampleCells
from BatteryCellAnalysisLib.Shortcuts import Shortcuts
from BatteryCellAnalysisLib.Views.Movie.Layout import registerMovieLayout
from BatteryCellAnalysisLib.Views.Unrolled.Layout import registerLayout
from BatteryCellAnalysisLib.Work.Job import Job
from BatteryCellAnalysisLib.Work.OwnPackages import packagesVariables
from BatteryCellAnalysisLib.Work.QtProcess import QtProcess, callLater
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin


class BatteryCellAnalysis(ScriptedLoadableModule):
    """What Slicer's module list shows."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("Battery Cell Analysis")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Industrial")]
        parent.dependencies = []
        parent.contributors = ["BatteryCell contributors"]
        parent.helpText = _(
            "Set a battery cell upright in its X-ray CT and measure the overhang of the anode over the cathode of "
            "every winding, in micrometres and with an uncertainty for each value. "
            'See the <a href="https://github.com/BatteryCell/SlicerBatteryCell">documentation</a>.'
        )
        parent.acknowledgementText = _("Nothing leaves this computer: no data is sent anywhere.")
        slicer.app.connect("startupCompleted()", registerSampleCells)
        slicer.app.connect("startupCompleted()", registerLayout)
        slicer.app.connect("startupCompleted()", registerMovieLayout)


class BatteryCellAnalysisWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Keeps the panel, the parameter node and the scene together."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self.panel = None
        self._parameters = None
        self._guiTag = None
        self._shortcuts = None
        self._isRefreshing = False
        changes = (vtk.vtkCommand.ModifiedEvent, slicer.vtkMRMLTransformableNode.TransformModifiedEvent)
        self._volumeWatch = NodeWatch(changes, self._onVolume)

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        self.ui = self._loadWidgets()
        self.logic = BatteryCellAnalysisLogic()
        self.panel = Panel(self.ui, self.logic.getParameterNode(), self.logic.makeJob)
        self._shortcuts = Shortcuts(self.ui)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self._onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self._onSceneEndClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndImportEvent, self._onSceneEndImport)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.NodeRemovedEvent, self._onNodeRemoved)
        self._connect()

    def _loadWidgets(self):
        """The widgets of the panel and of its sections, by name."""
        widget = slicer.util.loadUI(self.resourcePath("UI/BatteryCellAnalysis.ui"))
        self.layout.addWidget(widget)
        widget.setMRMLScene(slicer.mrmlScene)
        place = slicer.util.findChild(widget, "BatteryCellAnalysis").layout().itemAt(1).layout()
        for name in SECTIONS:
            section = slicer.util.loadUI(self.resourcePath(f"UI/BatteryCell{name}.ui"))
            section.setMRMLScene(slicer.mrmlScene)
            place.addWidget(section)
        return slicer.util.childWidgetVariables(widget)

    def cleanup(self):
        self._shortcuts.stop()
        self.panel.endJobs()
        self._disconnect()
        self.removeObservers()

    def enter(self):
        self._connect()
        self._shortcuts.start()

    def exit(self):
        self._shortcuts.stop()
        self._disconnect()

    def _connect(self):
        """Bind the parameter node of the scene to the panel."""
        self._disconnect()
        self._parameters = self.logic.getParameterNode()
        if self._parameters.volume is None:
            self._parameters.volume = _firstVolume()
        self._guiTag = self._parameters.connectGui(self.ui)
        self.addObserver(self._parameters.parameterNode, vtk.vtkCommand.ModifiedEvent, self._onParameters)
        self._onParameters()

    def _disconnect(self):
        if self._parameters is None:
            return
        self._parameters.disconnectGui(self._guiTag)
        self.removeObservers(self._onParameters)
        self._volumeWatch.watch(None)
        self._parameters = None

    def _onParameters(self, caller=None, event=None):
        self._volumeWatch.watch(self._parameters.volume)
        self.panel.setParameters(self._parameters)

    def _onVolume(self, caller=None, event=None):
        self._refreshSoon()

    def _onNodeRemoved(self, caller, event):
        self._refreshSoon()

    def _refreshSoon(self):
        """Refresh once the scene has settled, however many changes there were."""
        if self._parameters is not None and not self._isRefreshing:
            self._isRefreshing = True
            qt.QTimer.singleShot(0, self._refresh)

    def _refresh(self):
        self._isRefreshing = False
        if self._parameters is not None and not slicer.mrmlScene.IsBatchProcessing():
            self._volumeWatch.watch(self._parameters.volume)
            self.panel.refresh()

    def _onSceneStartClose(self, caller, event):
        self.panel.endJobs()
        self._disconnect()

    def _onSceneEndClose(self, caller, event):
        self._connect()

    def _onSceneEndImport(self, caller, event):
        # Undo would take away again what was loaded.
        undo.forget(slicer.mrmlScene)
        self._connect()


def _firstVolume():
    """The first volume that can be a cell: no colours, no labels."""
    volumes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    return next((node for node in volumes if node.GetClassName() == "vtkMRMLScalarVolumeNode"), None)


class BatteryCellAnalysisLogic(ScriptedLoadableModuleLogic):
    """The parameter node, and what runs for long; the measuring itself is in the package ``batterycell``."""

    def getParameterNode(self):
        return Parameters(super().getParameterNode())

    def makeJob(self):
        """A runner of the measuring worker."""
        return Job(QtProcess(packagesVariables), callLater)


class BatteryCellAnalysisTest(ScriptedLoadableModuleTest):
    """Self test: the panel opens on an empty scene and says what is missing."""

    def runTest(self):
        slicer.mrmlScene.Clear()
        slicer.util.selectModule("BatteryCellAnalysis")
        ui = slicer.modules.batterycellanalysis.widgetRepresentation().self().ui
        self.assertFalse(ui.measureButton.enabled)
        self.assertIn(_("volume"), ui.measureButton.toolTip)
