"""The panel: its sections, and what they share."""

from typing import Any

from . import Readiness, Results
from .CellSection import CellSection
from .ExportRun import ExportRun
from .ExportSection import ExportSection
from .Job import Job
from .OverhangSection import OverhangSection
from .UprightSection import UprightSection
from .VoxelSize import isVoxelSizeKnown


class Panel:
    """Holds the sections together: they change nodes and parameters, the panel refreshes all of them.

    Args:
        ui: The widgets of the ``.ui`` file.
        parameters: The parameter node.
        job: Runs the measuring worker.
        export: Writes result folders.
    """

    def __init__(self, ui: Any, parameters: Any, job: Job, export: ExportRun) -> None:
        self.parameters = parameters
        self._toolTips: dict[str, str] = {}
        self._runners = (job, export)
        self._sections: list[Any] = []
        self.cell = CellSection(ui, self)
        self.overhang = OverhangSection(ui, self, job)
        self.export = ExportSection(ui, self, export)
        self._sections = [self.cell, UprightSection(ui, self), self.overhang, self.export]
        for runner in self._runners:
            runner.started.connect(self.refresh)

    def setParameters(self, parameters: Any) -> None:
        """Show another parameter node."""
        self.parameters = parameters
        self.followVolume()

    def followVolume(self) -> None:
        """Point the parameter node to the results of the chosen volume, and refresh."""
        Results.followVolume(self.parameters)
        self.refresh()

    def refresh(self) -> None:
        """Refresh all sections."""
        self.cell.showVoxelSize()  # the typed voxel size is part of the situation
        now = self.situation()
        for section in self._sections:
            section.refresh(now)

    def situation(self) -> Readiness.Situation:
        """What the buttons depend on."""
        parameters = self.parameters
        volume = parameters.volume
        return Readiness.Situation(
            hasVolume=volume is not None and volume.GetImageData() is not None,
            voxelSizeKnown=volume is not None and isVoxelSizeKnown(volume),
            voxelSizeTyped=self.cell.isVoxelSizeTyped(),
            isUpright=parameters.upright is not None,
            underOtherTransform=parameters.upright is None and bool(volume and volume.GetParentTransformNode()),
            hasOverhang=parameters.overhangTable is not None,
            hasFolder=bool(parameters.exportFolder),
            isBusy=any(runner.isRunning for runner in self._runners),
        )

    def setReady(self, widget: Any, reason: str) -> None:
        """Enable a widget, or disable it and let its tooltip say why."""
        toolTip = self._toolTips.setdefault(widget.objectName, widget.toolTip)
        widget.enabled = not reason
        widget.toolTip = reason or toolTip

    def endJobs(self) -> None:
        """End running workers, for when the scene or the application closes."""
        for runner in self._runners:
            runner.endNow()
