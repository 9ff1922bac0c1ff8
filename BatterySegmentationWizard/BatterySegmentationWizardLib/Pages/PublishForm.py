"""What a person says of a model that is published, and the card that comes of it."""

from dataclasses import replace
from typing import Any

import qt
from batterycell.segment.model import Publication, next_version
from batterycell.segment.model.card import write_card
from batterycell.segment.model.library import Model
from batterycell.segment.model.licences import KNOWN
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.Later import Later

_AFTER_TYPING_MS = 300


class PublishForm:
    """Connects the fields; ``edited`` tells, a moment later, that something was typed.

    Args:
        ui: The wizard's widgets.
    """

    def __init__(self, ui: Any) -> None:
        self.edited = Later(_AFTER_TYPING_MS)
        self._ui, self._model = ui, None
        ui.publishLicenceComboBox.addItem(_("choose…"), "")
        for name, (title, _place) in KNOWN.items():
            ui.publishLicenceComboBox.addItem(f"{name}: {title}", name)
        for edit in (ui.publishNameEdit, ui.publishVersionEdit):
            edit.connect("textEdited(QString)", lambda text: self.edited.start())
        ui.publishDescriptionEdit.connect("textChanged()", self.edited.start)
        ui.publishLicenceComboBox.connect("activated(int)", lambda index: self.edited.start())
        self.edited.connect(self._showCard)

    @property
    def hasLicence(self) -> bool:
        """Whether a licence is chosen."""
        return bool(self._ui.publishLicenceComboBox.currentData)

    @property
    def said(self) -> Publication:
        """What is typed and chosen."""
        ui = self._ui
        return Publication(
            ui.publishNameEdit.text.strip(),
            ui.publishDescriptionEdit.plainText.strip(),
            ui.publishLicenceComboBox.currentData or "",
            ui.publishVersionEdit.text.strip(),
        )

    def show(self, model: Model | None) -> None:
        """Show what another model says of itself; nothing for None."""
        self._model, ui = model, self._ui
        ui.publishNameEdit.text = model.info.name if model else ""
        ui.publishVersionEdit.text = ""
        ui.publishDescriptionEdit.setPlainText(model.info.description if model else "")
        licence = model.info.licence if model else ""
        if licence and ui.publishLicenceComboBox.findData(licence) < 0:
            ui.publishLicenceComboBox.addItem(licence, licence)
        ui.publishLicenceComboBox.setCurrentIndex(ui.publishLicenceComboBox.findData(licence))
        self._showCard()

    def _showCard(self) -> None:
        self.edited.stop()
        model, said, ui = self._model, self.said, self._ui
        if model is None:
            ui.cardBrowser.setPlainText(_("Choose a model in the list to see its card."))
            return
        version = said.version or next_version(said.name or model.info.name)
        ui.publishVersionEdit.placeholderText = version
        if model.kind != "draft" and not _differs(model, said):
            version = model.info.version
        info = replace(
            model.info,
            name=said.name or model.info.name,
            description=said.description,
            licence=said.licence,
            version=version,
        )
        showMarkdown(ui.cardBrowser, write_card(info))


def showMarkdown(browser: Any, text: str) -> None:
    """Show Markdown in a ``QTextBrowser``."""
    browser.setMarkdown(text) if hasattr(browser, "setMarkdown") else browser.setPlainText(text)
    browser.moveCursor(qt.QTextCursor.Start)


def _differs(model: Model, said: Publication) -> bool:
    info = model.info
    return bool(said.version) or (said.name, said.description, said.licence) != (
        info.name,
        info.description,
        info.licence,
    )
