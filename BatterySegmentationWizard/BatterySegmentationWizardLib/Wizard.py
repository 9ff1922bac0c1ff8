"""The wizard: its pages, and what they share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from batterycell.mrml.wizard.classes import classes_of
from batterycell.mrml.wizard.frames import frame_nodes, role_of_frame
from batterycell.segment.model.places import shipped_folders
from BatteryCellAnalysisLib.Host import Host
from BatteryCellAnalysisLib.VoxelSize import whyNotUsable
from BatteryCellAnalysisLib.Work.Job import Job

from .Pages.ApplyPage import ApplyPage
from .Pages.ClassesPage import ClassesPage
from .Pages.FramesPage import FramesPage
from .Pages.MeasurePage import MeasurePage
from .Pages.Notices import Notices
from .Pages.PackagesSection import PackagesSection
from .Pages.Page import Page
from .Pages.PaintSection import PaintSection
from .Pages.PublishPage import PublishPage
from .Pages.ReviewPage import ReviewPage
from .Pages.Situation import Situation
from .Pages.TrainPage import TrainPage
from .StepBar import StepBar
from .Steps import STEPS
from .Work.WarmWorker import WarmJob, WarmWorker


class Wizard(Host):
    """Holds the pages together: they change nodes and parameters, the wizard refreshes all of them.

    Args:
        ui: The widgets of the ``.ui`` files.
        parameters: The parameter node.
        makeJob: Makes a runner of workers.
        warm: The worker that stays.
    """

    def __init__(self, ui: Any, parameters: Any, makeJob: Callable[[], Job], warm: WarmWorker) -> None:
        super().__init__(makeJob)
        self.warm = warm
        self.parameters, self._ui = parameters, ui
        self._pages: list[Page] = []
        self._shown: Page | None = None
        self._bar = StepBar(ui)
        self._bar.chosen.connect(self.goTo)
        self.notices = Notices(ui, self)
        self.packages = PackagesSection(ui, self, makeJob)
        self.paint = PaintSection(ui, self)
        self.classes = ClassesPage(ui, self)
        self.frames = FramesPage(ui, self)
        self.train = TrainPage(ui, self)
        self.review = ReviewPage(ui, self)
        self.apply = ApplyPage(ui, self)
        self.measure = MeasurePage(ui, self)
        self.publish = PublishPage(ui, self)
        self._pages = [getattr(self, name.lower()) for name in STEPS]

    @property
    def scene(self) -> Any:
        """The scene of the parameter node."""
        return self.parameters.parameterNode.GetScene()

    def makeWarmJob(self) -> WarmJob:
        """A runner in the worker that stays; while it runs, the other parts wait."""
        job = WarmJob(self.warm)
        self.addRunner(job)
        return job

    def openPublish(self, models: list[Any]) -> None:
        """Open the page "Publish" at the first of the models."""
        self.goTo(self._pages.index(self.publish))
        self.publish.choose(models)

    def goTo(self, step: int) -> None:
        """Open a step, by its place in ``Steps.STEPS``."""
        self.parameters.step = step
        self.refresh()

    def setParameters(self, parameters: Any) -> None:
        """Show another parameter node."""
        self.parameters = parameters
        self.refresh()

    def refresh(self) -> None:
        """Refresh the bar and all pages."""
        if not self._pages:
            return
        now = self.situation()
        self.packages.refresh(now)
        self.paint.refresh(now)
        for page in self._pages:
            page.refresh(now)
        self._bar.show(self.parameters.step, [page.state(now) for page in self._pages])
        self._showPage(self._pages[self.parameters.step])

    def situation(self) -> Situation:
        """What the buttons depend on."""
        image = self.parameters.image
        return Situation(
            hasImage=image is not None and image.GetImageData() is not None,
            imageProblem=str((image and whyNotUsable(image)) or ""),
            classCount=len(classes_of(self.scene)),
            roles=tuple(role_of_frame(roi) for roi in frame_nodes(self.scene)),
            hasModel=bool(self.parameters.model) and Path(self.parameters.model).is_dir(),
            isShipped=Path(self.parameters.model).parent in shipped_folders(),
            isBusy=self.isBusy,
            packagesProblem=self.packages.trainProblem,
            applyProblem=self.packages.applyProblem,
        )

    def leave(self) -> None:
        """The module is not shown any more."""
        if self._shown is not None:
            self._shown.leave()
        self._shown = None
        self.paint.stop()

    def endJobs(self) -> None:
        """End running workers, for when the scene or the application closes."""
        self.endRunners()
        self.packages.endJobs()
        self.notices.end()
        for page in self._pages:
            page.endJobs()
        self.paint.endJobs()

    def close(self) -> None:
        """End for good: the widgets are about to go."""
        self.endJobs()
        self._pages = []

    def _showPage(self, page: Page) -> None:
        if page is self._shown:
            return
        self.leave()
        self._shown = page
        for name, other in zip(STEPS, self._pages, strict=True):
            getattr(self._ui, f"BatteryWizard{name}").visible = other is page
        self.paint.show(page in (self.classes, self.frames, self.review), withTable=page is not self.classes)
        page.enter()
        self.packages.show(page is self.train, page in (self.review, self.apply, self.measure))
