"""Module of the BatteryCell extension: train a network from what was painted, correct, train again, apply, publish."""

import qt
import slicer
import vtk
from BatteryCellAnalysisLib.NodeWatch import NodeWatch
from BatteryCellAnalysisLib.Work.Job import Job
from BatteryCellAnalysisLib.Work.OwnPackages import packagesVariables
from BatteryCellAnalysisLib.Work.QtProcess import QtProcess, callLater
from BatterySegmentationWizardLib.Images import firstImage
from BatterySegmentationWizardLib.Steps import STEPS
from BatterySegmentationWizardLib.Views.TrainLayout import registerLayout
from BatterySegmentationWizardLib.Wizard import Wizard
from BatterySegmentationWizardLib.WizardParameters import WizardParameters
from BatterySegmentationWizardLib.Work.WarmWorker import WarmWorker
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin


class BatterySegmentationWizard(ScriptedLoadableModule):
    """What Slicer's module list shows."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("Battery Segmentation Wizard")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Industrial")]
        parent.dependencies = ["BatteryCellAnalysis", "SegmentEditor"]
        parent.contributors = ["BatteryCell contributors"]
        parent.helpText = _(
            "Paint a few frames of an image in the Segment Editor, train a network from them, correct what it "
            "predicts, train again, and apply the model to slices, regions and volumes. "
            'See the <a href="https://github.com/BatteryCell/SlicerBatteryCell">documentation</a>.'
        )
        parent.acknowledgementText = _("Nothing leaves this computer: no data is sent anywhere.")
        slicer.app.connect("startupCompleted()", registerLayout)


class BatterySegmentationWizardWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Keeps the wizard, the parameter node and the scene together."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self.wizard = None
        self._parameters = None
        self._guiTag = None
        self._isRefreshing = False
        self._imageWatch = NodeWatch((vtk.vtkCommand.ModifiedEvent,), self._onChange)

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        self.ui = self._loadWidgets()
        self.logic = BatterySegmentationWizardLogic()
        self.wizard = Wizard(self.ui, self.logic.getParameterNode(), self.logic.makeJob, self.logic.makeWarmWorker())
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self._onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self._onSceneEnd)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndImportEvent, self._onSceneEnd)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.NodeRemovedEvent, self._onChange)

    def _loadWidgets(self):
        """The widgets of the wizard and of its pages, by name."""
        widget = slicer.util.loadUI(self.resourcePath("UI/BatteryWizard.ui"))
        self.layout.addWidget(widget)
        widget.setMRMLScene(slicer.mrmlScene)
        layout = slicer.util.findChild(widget, "BatteryWizard").layout()
        place = layout.itemAt(3).layout()
        notice = slicer.util.loadUI(self.resourcePath("UI/BatteryWizardNotice.ui"))
        layout.insertWidget(0, notice)
        for name in ("Packages", *STEPS, "Paint"):
            page = slicer.util.loadUI(self.resourcePath(f"UI/BatteryWizard{name}.ui"))
            page.setMRMLScene(slicer.mrmlScene)
            place.addWidget(page)
        return slicer.util.childWidgetVariables(widget)

    def cleanup(self):
        self.wizard.close()
        self._disconnect()
        self.removeObservers()

    def enter(self):
        self._connect()
        self.wizard.notices.start()

    def exit(self):
        self.wizard.leave()
        self._disconnect()

    def _connect(self):
        """Bind the parameter node of the scene to the wizard."""
        self._disconnect()
        self._parameters = self.logic.getParameterNode()
        if self._parameters.image is None:
            self._parameters.image = firstImage(slicer.mrmlScene)
        self._guiTag = self._parameters.connectGui(self.ui)
        self.addObserver(self._parameters.parameterNode, vtk.vtkCommand.ModifiedEvent, self._onParameters)
        self._onParameters()

    def _disconnect(self):
        if self._parameters is None:
            return
        self._parameters.disconnectGui(self._guiTag)
        self.removeObservers(self._onParameters)
        self._imageWatch.watch(None)
        self._parameters = None

    def _onParameters(self, caller=None, event=None):
        self._imageWatch.watch(self._parameters.image)
        self.wizard.setParameters(self._parameters)

    def _onChange(self, caller=None, event=None):
        """Refresh once the scene has settled, however many changes there were."""
        if self._parameters is not None and not self._isRefreshing:
            self._isRefreshing = True
            qt.QTimer.singleShot(0, self._refresh)

    def _refresh(self):
        self._isRefreshing = False
        if self._parameters is not None and not slicer.mrmlScene.IsBatchProcessing():
            self._onParameters()

    def _onSceneStartClose(self, caller, event):
        self.wizard.leave()
        self.wizard.endJobs()
        self._disconnect()

    def _onSceneEnd(self, caller, event):
        if self.parent.isEntered:
            self._connect()
        self.wizard.notices.start()


class BatterySegmentationWizardLogic(ScriptedLoadableModuleLogic):
    """The parameter node, and what runs for long; the knowledge is in the package ``batterycell``."""

    def getParameterNode(self):
        return WizardParameters(super().getParameterNode())

    def makeJob(self):
        """A runner of workers."""
        return Job(QtProcess(packagesVariables), callLater)

    def makeWarmWorker(self):
        """The worker that stays."""
        return WarmWorker(QtProcess(packagesVariables), callLater)


class BatterySegmentationWizardTest(ScriptedLoadableModuleTest):
    """Self test: the wizard opens on an empty scene, and every step can be opened."""

    def runTest(self):
        slicer.mrmlScene.Clear()
        slicer.util.selectModule("BatterySegmentationWizard")
        ui = slicer.modules.batterysegmentationwizard.widgetRepresentation().self().ui
        for name in STEPS:
            getattr(ui, f"{name.lower()}StepButton").click()
            self.assertTrue(getattr(ui, f"BatteryWizard{name}").visible)
