"""A worker that stays: job folders as lines on stdin, one after the other, with packages and the last model at hand.

On stdout beside what each job tells (`jobs`): ``{"done": folder, "exit_code": n}`` after it. It ends with stdin.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from .jobs import run, say

# What takes seconds to import, done before the first job comes.
_HEAVY = ("torch", "monai.networks.nets", "safetensors.numpy", "onnxruntime", "batterycell.segment.apply")


def serve(lines: Iterable[str]) -> int:
    """Run the jobs in the folders that lines name.

    Returns:
        Exit code: 0; each job has its own.
    """
    for name in _HEAVY:
        # A job that needs what is missing says so itself.
        with suppress(ImportError):
            importlib.import_module(name)
    for line in lines:
        folder = line.strip()
        if folder:
            say({"done": folder, "exit_code": run(Path(folder))})
    return 0
