"""What of a conversion is done: kept beside its place, so that the next start goes on where a sudden end came."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from batterycell.errors import OutputError
from batterycell.output import host, is_abandoned

_JOB, _DONE, _LOCK = "job.json", "done", ".lock"


class Journal:
    """A folder beside the output, for what is written and how much of it.

    Args:
        out: The output to be.
        job: What is converted how, in JSON's types; work of another job is thrown away.

    Raises:
        OutputError: if another process works on it.
    """

    def __init__(self, out: Path, job: dict[str, Any]) -> None:
        self.folder = out.with_name(f".{out.name}.converting")
        if self.folder.is_dir():
            self._check_alone(out)
            if self._job() != json.loads(json.dumps(job)):
                shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = self.folder / f"{_LOCK}.{host()}.{os.getpid()}.0"
        self._lock.touch()
        self._write(_JOB, json.dumps(job))

    @property
    def done(self) -> int:
        """How many pieces are done."""
        try:
            return int((self.folder / _DONE).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def mark(self, done: int) -> None:
        """Note how many pieces are done."""
        self._write(_DONE, str(done))

    def release(self) -> None:
        """Let others go on."""
        self._lock.unlink(missing_ok=True)

    def remove(self) -> None:
        """Forget everything: it is done."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _job(self) -> Any:
        try:
            return json.loads((self.folder / _JOB).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _write(self, name: str, text: str) -> None:
        part = self.folder / f"{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(self.folder / name)

    def _check_alone(self, out: Path) -> None:
        for lock in self.folder.glob(f"{_LOCK}.*"):
            if not is_abandoned(lock):
                raise OutputError("convert-busy", f"{out} is being written by another process.", "Wait for it.")
            lock.unlink()
