"""Removing models from the library."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from batterycell.errors import InputError, OutputError

from .library import Model, find_model

_REMOVED = ".removed-"


def remove_model(name: str | Path) -> Model:
    """Remove one of the user's own models or drafts from the library, at once.

    Returns:
        The model that was there.

    Raises:
        InputError: if there is none, or if it is not the user's own.
        OutputError: if it cannot be removed.
    """
    model = find_model(name)
    if model.kind not in ("own", "draft"):
        hint = "Only models that you imported or published can be removed."
        raise InputError("model-not-own", f"{model.info.name} is not a model of your library.", hint)
    remove_folder(model.folder)
    return model


def remove_folder(folder: Path) -> None:
    """Remove a model's folder: it is out of sight at once, also where deleting its files is slow or stopped.

    Raises:
        OutputError: if the system does not let us.
    """
    for left in folder.parent.glob(f"{_REMOVED}*"):
        shutil.rmtree(left, ignore_errors=True)
    hidden = folder.with_name(f"{_REMOVED}{uuid.uuid4().hex}")
    try:
        folder.rename(hidden)
    except OSError as error:
        hint = "See that no other program uses it and that you may write there."
        raise OutputError("model-unremovable", f"{folder} cannot be removed: {error.strerror}.", hint) from error
    shutil.rmtree(hidden, ignore_errors=True)
