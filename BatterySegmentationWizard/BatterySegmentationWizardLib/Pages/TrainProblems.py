"""What is missing before a training, told a moment after frames, paint or settings changed."""

from html import escape
from typing import Any

from batterycell.mrml.loaded import is_voxel_size_known
from batterycell.mrml.wizard.classes import all_labels
from batterycell.mrml.wizard.images import channel_nodes, image_nodes
from batterycell.mrml.wizard.labels import resolve_overlaps
from batterycell.mrml.wizard.project import problems_of
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.Later import Later

from BatterySegmentationWizardLib.Images import openAnalysis
from BatterySegmentationWizardLib.TrainChoices import chosenSettings

_AFTER_CHANGE_MS = 200
_COLORS = {"error": "#d1495b", "warning": "#b8860b"}
# What can be done at once about a problem, by its code.
_LINKS = {
    "segments-overlap": ("overlaps", "Let the later class win"),
    "voxel-size-unknown": ("voxelsize", "Open Battery Cell Analysis to type it"),
}
_MARKS = {"error": "✖", "warning": "▲"}


class TrainProblems:
    """Shows the problems in a label while its page is seen; ``changed`` tells that they were looked for.

    Args:
        label: The ``QLabel``.
        wizard: Gives the scene and the parameters.
    """

    def __init__(self, label: Any, wizard: Any) -> None:
        self._label, self._wizard = label, wizard
        self.changed = Later(0)
        self._later = Later(_AFTER_CHANGE_MS)
        self._later.connect(self._look)
        self._found: list[Any] | None = None
        label.connect("linkActivated(QString)", self._onLink)
        self._settings: Any = None

    @property
    def first(self) -> str:
        """The first error; empty where there is none, or while nobody looked."""
        errors = (problem for problem in self._found or () if problem.severity == "error")
        return next((problem.message for problem in errors), "")

    @property
    def reason(self) -> str:
        """Why nothing can be trained; empty where something can."""
        return self.first if self._found is not None else _("Looking what is missing.")

    def look(self) -> None:
        """Look for problems, soon."""
        self._later.start()

    def refresh(self) -> None:
        """Look again where the settings are others."""
        if self._settings is not None and chosenSettings(self._wizard.parameters) != self._settings:
            self.look()

    def stop(self) -> None:
        """Look no more."""
        self._later.stop()
        self.changed.stop()
        self._found, self._settings = None, None

    def _onLink(self, link: str) -> None:
        """Do what a problem's link offers."""
        if link == "overlaps":
            self._wizard.paint.editor.saveStateForUndo()
            for labels in all_labels(self._wizard.scene):
                resolve_overlaps(labels)
        elif link == "voxelsize":
            openAnalysis(_ofUnknownSize(self._wizard.scene))
        self.look()

    def _look(self) -> None:
        self._settings = chosenSettings(self._wizard.parameters)
        self._found = problems_of(self._wizard.scene, self._settings)
        self._label.text = "".join(_line(problem) for problem in self._found)
        self._label.visible = bool(self._found)
        self.changed.start()


def _ofUnknownSize(scene: Any) -> Any:
    """The first volume of the project whose voxel size nobody said."""
    volumes = (node for image in image_nodes(scene) for node in channel_nodes(image))
    return next((node for node in volumes if not is_voxel_size_known(node)), None)


def _line(problem: Any) -> str:
    link, words = _LINKS.get(problem.code, ("", ""))
    offer = f' <a href="{link}">{escape(_(words))}</a>' if link else ""
    mark = f'<span style="color:{_COLORS[problem.severity]}">{_MARKS[problem.severity]}</span>'
    return f"<p style='margin:2px'>{mark} {escape(problem.message)} <i>{escape(problem.hint)}</i>{offer}</p>"
