"""Say whether networks can be trained or applied here, and on which device."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from batterycell.progress import Progress
from batterycell.segment.needs import missing_packages, missing_to_apply

from .jobs import RESULT_FOLDER, write_json

SUMMARY_FILE = "device.json"


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Look; settings: ``device``, what is wished for ("auto" by default)."""
    missing = missing_packages()
    values: dict[str, Any] = {"missing": missing, "device": "", "why": ""}
    if missing and not missing_to_apply(is_portable=True):
        values |= {"device": "cpu", "why": "cpu: onnxruntime, as PyTorch is not installed"}
    if not missing:
        from batterycell.segment.device import choose_device

        progress.report(0.1, "looking for a graphics card")
        device = choose_device(job["settings"].get("device", "auto"))
        values |= {"device": device.name, "why": device.why}
    write_json(out / SUMMARY_FILE, values)


def read_device(folder: Path) -> dict[str, Any]:
    """What a finished job found: packages ``missing`` to train, ``device`` (empty: none), and ``why`` this one."""
    text = (folder / RESULT_FOLDER / SUMMARY_FILE).read_text(encoding="utf-8")
    values: dict[str, Any] = json.loads(text)
    return values
