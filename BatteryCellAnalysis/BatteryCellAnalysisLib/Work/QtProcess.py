"""Slicer's own Python as a child process that never blocks the window."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import qt

from BatteryCellAnalysisLib.Signal import Signal

from .ProcessTree import endDescendants

_MODULE_FOLDER = Path(__file__).parents[2]
_KEPT_ERROR_BYTES = 20_000


class QtProcess:
    """Runs Python with the headless package on its path.

    Signals: ``outputReceived(bytes)``, ``ended(exit code)``.

    Args:
        variables: Asked at each start for environment variables beside those of the application.
    """

    def __init__(self, variables: Callable[[], Mapping[str, str]] = dict) -> None:
        self.outputReceived = Signal()
        self.ended = Signal()
        self._errors, self._variables = b"", variables
        self._process = qt.QProcess()
        self._process.connect("readyReadStandardOutput()", self._onOutput)
        self._process.connect("readyReadStandardError()", self._onErrors)
        self._process.connect("finished(int,QProcess::ExitStatus)", self._onFinished)
        self._process.connect("errorOccurred(QProcess::ProcessError)", self._onFailed)

    def start(self, arguments: Sequence[str]) -> None:
        """Start Python with these arguments."""
        self._errors = b""
        self._process.setProcessEnvironment(_environment(self._variables()))
        self._process.start(pythonExecutable(), list(arguments))

    def tell(self, line: str) -> None:
        """Write a line to the process's standard input, which ends when this one does."""
        self._process.write(qt.QByteArray(line.encode() + b"\n"))

    def endTree(self) -> None:
        """End the process and everything it started: Slicer's Python runs as the child of a launcher."""
        if self._process.state() == qt.QProcess.NotRunning:
            return
        endDescendants(self._process.processId())
        self._process.kill()

    def errorText(self) -> str:
        """The end of what the process wrote to its standard error."""
        return self._errors.decode("utf-8", "replace")

    def _onOutput(self) -> None:
        self.outputReceived.emit(_bytes(self._process.readAllStandardOutput()))

    def _onErrors(self) -> None:
        self._errors = (self._errors + _bytes(self._process.readAllStandardError()))[-_KEPT_ERROR_BYTES:]

    def _onFinished(self, exitCode: int, exitStatus: int) -> None:
        self._onOutput()
        self._onErrors()
        self.ended.emit(exitCode if exitStatus == qt.QProcess.NormalExit else -1)

    def _onFailed(self, error: int) -> None:
        if error == qt.QProcess.FailedToStart:
            self._errors = self._process.errorString().encode()
            self.ended.emit(-1)


def callLater(seconds: float, function: Callable[[], None]) -> None:
    """Call a function after some seconds, in the main thread."""
    qt.QTimer.singleShot(round(seconds * 1000), function)


def pythonExecutable() -> str:
    """Slicer's Python outside the window."""
    return shutil.which("PythonSlicer") or sys.executable


def _environment(variables: Mapping[str, str]) -> "qt.QProcessEnvironment":
    environment = qt.QProcessEnvironment.systemEnvironment()
    paths = [str(_MODULE_FOLDER), environment.value("PYTHONPATH", "")]
    environment.insert("PYTHONPATH", os.pathsep.join(path for path in paths if path))
    environment.insert("PYTHONUNBUFFERED", "1")
    for name, value in variables.items():
        environment.insert(name, value)
    return environment


def _bytes(data: "qt.QByteArray") -> bytes:
    return bytes(data.data())
