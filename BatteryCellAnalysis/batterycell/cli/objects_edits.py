"""Merges, splits and removals from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from batterycell.errors import InputError


def read_edits(path: Path) -> list[dict[str, Any]]:
    """Merges, splits and removals from a JSON file.

    Raises:
        InputError: if they cannot be read.
    """
    hint = 'It holds {"edits": [{"kind": "merge", "ids": [3, 7]}, ...]}.'
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        edits = found["edits"] if isinstance(found, dict) else found
    except OSError as error:
        raise InputError("edits-unreadable", f"{path} cannot be read: {error.strerror}.", hint) from error
    except (ValueError, KeyError) as error:
        raise InputError("edits-unreadable", f"{path} holds no edits.", hint) from error
    if not isinstance(edits, list) or not all(isinstance(one, dict) for one in edits):
        raise InputError("edits-unreadable", f"{path} holds no list of edits.", hint)
    return edits
