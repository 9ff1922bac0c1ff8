"""The rows of the section "Overhang" with the tolerances and the verdict."""

from html import escape
from pathlib import Path
from typing import Any

from batterycell import palette
from batterycell.mrml import tolerances_of
from batterycell.mrml.verdicts import judge_by
from batterycell.tolerance import Verdict, read_tolerances

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections import Readiness

_COLORS = {"pass": palette.SEPARATOR, "fail": palette.ALARM, "cannot tell": palette.CATHODE, "not judged": palette.CAN}


class VerdictRow:
    """Lets people choose a file of tolerances, and says how the cell stands by it.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
        section: Shows what is wrong with a file.
    """

    def __init__(self, ui: Any, panel: Any, section: Any) -> None:
        self._ui, self._panel, self._section = ui, panel, section
        ui.tolerancesPathEdit.connect("currentPathChanged(QString)", self._onPath)
        ui.tolerancesClearButton.connect("clicked()", lambda: self._judgeBy(""))

    def refresh(self, now: Readiness.Situation) -> None:
        """Show by what the cell is judged."""
        reason = Readiness.whyNotLook(now)
        source = self._source()
        self._panel.setReady(self._ui.tolerancesPathEdit, reason)
        self._panel.setReady(self._ui.tolerancesClearButton, reason or Readiness.whyNotForgetTolerances(bool(source)))
        edit = self._ui.tolerancesPathEdit
        if edit.currentPath != source:
            wasBlocked = edit.blockSignals(True)
            edit.currentPath = source
            edit.blockSignals(wasBlocked)

    def show(self, verdict: Verdict | None) -> None:
        """Show the verdict; nothing for None."""
        self._ui.verdictLabel.visible = verdict is not None
        if verdict is not None:
            badge = (
                f'<span style="background:{_COLORS[verdict.outcome]};color:#FFFFFF">&nbsp;{_word(verdict)}&nbsp;</span>'
            )
            self._ui.verdictLabel.text = f"<b>{badge}</b> {escape(verdict.text)}"

    def _source(self) -> str:
        volume = self._panel.parameters.volume
        tolerances = tolerances_of(volume) if volume is not None else None
        return tolerances.source if tolerances else ""

    def _onPath(self, path: str) -> None:
        if path != self._source() and (not path or Path(path).is_file()):
            self._judgeBy(path)

    def _judgeBy(self, path: str) -> None:
        with self._section.reporting(_("The cell cannot be judged.")):
            judge_by(self._panel.parameters.volume, read_tolerances(Path(path)) if path else None)
        self._panel.refresh()


def _word(verdict: Verdict) -> str:
    words = {"pass": _("PASS"), "fail": _("FAIL"), "cannot tell": _("CANNOT TELL"), "not judged": _("NOT JUDGED")}
    return words[verdict.outcome]
