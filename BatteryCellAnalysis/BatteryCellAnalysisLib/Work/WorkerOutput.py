"""What a worker process writes: one JSON object a line, with progress or an error."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from batterycell.errors import BatteryCellError


@dataclass(frozen=True)
class ProgressLine:
    """How far the worker is.

    Args:
        fraction: Done, 0..1.
        message: What it is doing, in the field's words.
    """

    fraction: float
    message: str


class WorkerOutput:
    """Turns the bytes of a worker's output, in pieces of any size, into progress and errors."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[ProgressLine | BatteryCellError]:
        """The messages that are complete with this piece; lines that are no message are skipped."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        messages = (parseLine(line) for line in lines)
        return (message for message in messages if message is not None)


def parseLine(line: bytes) -> ProgressLine | BatteryCellError | None:
    """The message of one line, or None where the line is none (libraries print, too)."""
    try:
        content = json.loads(line)
    except ValueError:
        return None
    if not isinstance(content, dict):
        return None
    return _parseError(content) if "error" in content else _parseProgress(content)


def _parseError(content: dict) -> BatteryCellError:
    error = content["error"]
    return BatteryCellError(error.get("code", "unknown"), error.get("message", ""), error.get("hint", ""))


def _parseProgress(content: dict) -> ProgressLine | None:
    if "fraction" not in content:
        return None
    return ProgressLine(float(content["fraction"]), str(content.get("message", "")))
