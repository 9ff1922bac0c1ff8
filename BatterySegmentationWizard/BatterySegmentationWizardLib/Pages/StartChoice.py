"""The combo box of models that a training can go on from."""

from pathlib import Path
from typing import Any

from batterycell.segment.model.library import Model, list_drafts, list_models
from BatteryCellAnalysisLib.I18n import _


class StartChoice:
    """Keeps the combo box and the parameter together.

    Args:
        combo: The ``QComboBox``.
        wizard: Gives the parameters.
    """

    def __init__(self, combo: Any, wizard: Any) -> None:
        self._combo, self._wizard = combo, wizard
        combo.connect("activated(int)", self._onChosen)

    def list(self) -> None:
        """List what there is now; a folder that is gone is not chosen any more."""
        current = self._wizard.parameters.model
        entries = [(_("scratch"), "")]
        if current and Path(current).is_dir():
            entries.append((_("the current model"), current))
        entries += [(_words(model), str(model.folder)) for model in (*list_models(), *list_drafts())]
        wasBlocked = self._combo.blockSignals(True)
        self._combo.clear()
        for text, folder in entries:
            self._combo.addItem(text, folder)
        self._combo.blockSignals(wasBlocked)
        if self._wizard.parameters.trainStart not in [folder for _text, folder in entries]:
            self._wizard.parameters.trainStart = ""
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen."""
        self._combo.setCurrentIndex(max(0, self._combo.findData(self._wizard.parameters.trainStart)))

    def _onChosen(self, index: int) -> None:
        self._wizard.parameters.trainStart = self._combo.itemData(index)


def _words(model: Model) -> str:
    kind = {"draft": _("draft"), "shipped": _("shipped")}.get(model.kind, "")
    return f"{model.info.name} {model.info.version}" + (f" ({kind})" if kind else "")
