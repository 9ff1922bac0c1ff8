"""A line for messages where they arise: what was done, what is wrong and what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import slicer
from batterycell.errors import BatteryCellError, Cancelled

from BatteryCellAnalysisLib.Hints import hintFor, inPanelWords
from BatteryCellAnalysisLib.I18n import _

_ERROR_COLOR = "#d1495b"


class Message:
    """Shows messages in a label, which is away while there is none.

    Args:
        label: The ``QLabel`` for messages.
        words: What is called here what the command line calls by its options; None where that is never spoken of.
    """

    def __init__(self, label: Any, words: Mapping[str, str] | None = None) -> None:
        self._message, self._words = label, words or {}
        self.clear()

    def clear(self) -> None:
        """Take the message away."""
        self._show("")

    def say(self, text: str) -> None:
        """Show a message."""
        self._show(escape(text))

    def sayLines(self, lines: Sequence[str]) -> None:
        """Show a message of several lines."""
        self._show("<br>".join(escape(inPanelWords(line, self._words)) for line in lines))

    def sayWithLink(self, text: str, link: str, linkText: str) -> None:
        """Show a message with a link behind it."""
        self.sayWithLinks(text, {link: linkText})

    def sayWithLinks(self, text: str, links: Mapping[str, str]) -> None:
        """Show a message with links behind it: the words of each by its target."""
        parts = [f'<a href="{escape(link)}">{escape(words)}</a>' for link, words in links.items()]
        self._show(f"{escape(text)} {' · '.join(parts)}")

    def warn(self, text: str, hint: str = "") -> None:
        """Show what is wrong, and what to do about it."""
        self._show(f"{_warning(text)} {escape(hint)}".strip())

    def warnWithLink(self, text: str, link: str, linkText: str) -> None:
        """Show what is wrong, with a link behind it to what can be done all the same."""
        self._show(f'{_warning(text)} <a href="{escape(link)}">{escape(linkText)}</a>')

    def showError(self, error: BatteryCellError) -> None:
        """Show an error as one sentence and one hint; what the user asked for is no error."""
        if isinstance(error, Cancelled):
            self.say(_("Cancelled."))
            return
        self.warn(inPanelWords(error.message, self._words), hintFor(error, self._words))

    @contextmanager
    def reporting(self, failure: str, waitCursor: bool = True, keepMessage: bool = False) -> Iterator[None]:
        """Show errors for people in the section, and faults of the program as Slicer does.

        Args:
            failure: What failed, for faults of the program.
            waitCursor: Whether the work holds the window.
            keepMessage: Whether what was said before stays, as for what follows by itself from what was said.
        """
        if not keepMessage:
            self.clear()
        with slicer.util.tryWithErrorDisplay(failure, waitCursor=waitCursor):
            try:
                yield
            except BatteryCellError as error:
                self.showError(error)

    def _show(self, richText: str) -> None:
        self._message.text = richText
        self._message.visible = bool(richText)


def _warning(text: str) -> str:
    text = text if text.endswith((".", "!", "?", ":")) else f"{text}."
    return f'<span style="color:{_ERROR_COLOR}"><b>{escape(text)}</b></span>'
