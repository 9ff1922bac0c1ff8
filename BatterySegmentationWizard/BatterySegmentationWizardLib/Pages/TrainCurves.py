"""What one sees of a training in the views: its curves, and the predictions of monitored frames."""

from pathlib import Path
from typing import Any

from batterycell.mrml.wizard.curves import show_training
from batterycell.mrml.wizard.frame_views import show_frame
from batterycell.mrml.wizard.frames import frame_nodes, role_of_frame
from batterycell.mrml.wizard.training_previews import show_training_previews
from batterycell.segment.train.history import HISTORY_FILE, read_history
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections.Message import Message

from BatterySegmentationWizardLib.Views.TrainLayout import TrainLayout
from BatterySegmentationWizardLib.Views.ViewChoice import sliceNodes
from BatterySegmentationWizardLib.Work.TrainRun import TrainRun, classesOf


class TrainCurves:
    """Follows a training.

    Args:
        run: The training.
        wizard: Gives the scene.
        message: Shows what goes wrong.
    """

    def __init__(self, run: TrainRun, wizard: Any, message: Message) -> None:
        self.layout = TrainLayout()
        self._run, self._wizard, self._message = run, wizard, message
        run.advanced.connect(self._onAdvanced)
        run.previewed.connect(self._onPreviewed)

    def show(self) -> None:
        """Show the curves beside the slice views."""
        self.layout.show()
        if (self._run.folder / HISTORY_FILE).is_file():
            self._onAdvanced(self._run.folder)

    def showMonitored(self) -> None:
        """Bring the views to what is monitored."""
        rois = [roi for roi in frame_nodes(self._wizard.scene) if role_of_frame(roi) == "monitoring"]
        if rois:
            nodes = sliceNodes()
            show_frame(rois[0], nodes, nodes[0])

    def _onAdvanced(self, folder: Path) -> None:
        with self._message.reporting(_("The curves cannot be shown."), waitCursor=False, keepMessage=True):
            classes = classesOf(folder)
            self.layout.put(*show_training(self._wizard.scene, read_history(folder / HISTORY_FILE, classes), classes))

    def _onPreviewed(self, folder: Path) -> None:
        with self._message.reporting(_("The preview cannot be shown."), waitCursor=False, keepMessage=True):
            show_training_previews(self._wizard.scene, folder)
