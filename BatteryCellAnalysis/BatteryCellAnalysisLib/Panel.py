"""The panel: its sections, and what they share."""

from collections.abc import Callable
from typing import Any

from batterycell.mrml import (
    cell_of,
    foreign_transform,
    is_measured,
    keep_loadable,
    orientation_of,
    settle,
    stands_upright,
    undo,
)

from .Host import Host
from .Sections import Readiness
from .Sections.CanWindingSection import CanWindingSection
from .Sections.Cell.CellSection import CellSection
from .Sections.CutOpen.CutOpenSection import CutOpenSection
from .Sections.ExportSection import ExportSection
from .Sections.Look.LookSection import LookSection
from .Sections.Mark.MarkSection import MarkSection
from .Sections.Measure.MeasureSection import MeasureSection
from .Sections.Movie.MovieSection import MovieSection
from .Sections.Objects.ObjectsSection import ObjectsSection
from .Sections.Overhang.OverhangSection import OverhangSection
from .Sections.UprightSection import UprightSection
from .Views.ChosenCell import ChosenCell
from .Views.KeptInView import keptInView
from .VoxelSize import isVoxelSizeKnown, whyNotUsable
from .Work.Job import Job

# The panel from top to bottom: each a .ui file Resources/UI/BatteryCell<name>.ui.
SECTIONS = (
    "Cell",
    "Upright",
    "CutOpen",
    "Look",
    "Mark",
    "Measure",
    "Overhang",
    "CanWinding",
    "Objects",
    "Movie",
    "Export",
)


class Panel(Host):
    """Holds the sections together: they change nodes and parameters, the panel refreshes all of them.

    Args:
        ui: The widgets of the ``.ui`` files.
        parameters: The parameter node.
        makeJob: Makes a runner of workers.
    """

    def __init__(self, ui: Any, parameters: Any, makeJob: Callable[[], Job]) -> None:
        super().__init__(makeJob)
        self.parameters, self._ui = parameters, ui
        self._sections: list[Any] = []
        self._chosen = ChosenCell()
        self.cell = CellSection(ui, self)
        self.upright = UprightSection(ui, self)
        self.cutOpen = CutOpenSection(ui, self)
        self.look = LookSection(ui, self)
        self.mark = MarkSection(ui, self)
        self.measure = MeasureSection(ui, self)
        self.overhang = OverhangSection(ui, self)
        self.canWinding = CanWindingSection(ui, self)
        self.objects = ObjectsSection(ui, self)
        self.movie = MovieSection(ui, self)
        self.export = ExportSection(ui, self)
        self._sections = [
            self.cell,
            self.upright,
            self.cutOpen,
            self.look,
            self.mark,
            self.measure,
            self.overhang,
            self.canWinding,
            self.objects,
            self.movie,
            self.export,
        ]
        ui.undoButton.connect("clicked()", lambda: self._step(undo.undo))
        ui.redoButton.connect("clicked()", lambda: self._step(undo.redo))

    @property
    def scene(self) -> Any:
        """The scene of the parameter node."""
        return self.parameters.parameterNode.GetScene()

    def setParameters(self, parameters: Any) -> None:
        """Show another parameter node."""
        self.parameters = parameters
        self.refresh()

    def refresh(self) -> None:
        """Refresh all sections."""
        if not self._sections:
            return
        volume = self.parameters.volume
        if volume is not None:
            keep_loadable(volume)
            settle(volume)
        if self._chosen.follow(volume):
            self._forgetMessages()
        self.cell.showVoxelSize()  # the typed voxel size is part of the situation
        now = self.situation()
        for section in self._sections:
            section.refresh(now)
        self.setReady(self._ui.undoButton, Readiness.whyNotUndo(now))
        self.setReady(self._ui.redoButton, Readiness.whyNotRedo(now))

    def _forgetMessages(self) -> None:
        """What was said about another cell is not true of this one."""
        for section in self._sections:
            section.forget()

    def situation(self) -> Readiness.Situation:
        """What the buttons depend on."""
        parameters, volume = self.parameters, self.parameters.volume
        return Readiness.Situation(
            hasVolume=volume is not None and volume.GetImageData() is not None,
            volumeProblem=str((volume and whyNotUsable(volume)) or ""),
            voxelSizeKnown=volume is not None and isVoxelSizeKnown(volume),
            voxelSizeTyped=self.cell.isVoxelSizeTyped(),
            isTurned=volume is not None and orientation_of(volume) is not None,
            isUpright=volume is not None and stands_upright(volume),
            underOtherTransform=volume is not None and foreign_transform(volume) is not None,
            hasCell=volume is not None and cell_of(volume) is not None,
            isMeasured=volume is not None and is_measured(volume),
            hasFolder=bool(parameters.exportFolder),
            isBusy=self.isBusy,
            canUndo=undo.can_undo(self.scene),
            canRedo=undo.can_redo(self.scene),
        )

    def remember(self) -> None:
        """Remember how the cell's nodes are, before a section edits them, for Undo."""
        undo.remember(self.scene)

    def endJobs(self) -> None:
        """End running workers, for when the scene or the application closes."""
        self.endRunners()
        sections = (self.cutOpen, self.look, self.mark, self.measure, self.overhang, self.objects, self.movie)
        for section in sections:
            section.endJobs()

    def _step(self, step: Callable[[Any], bool]) -> None:
        with keptInView(self.parameters.volume):
            step(self.scene)
        self.refresh()
