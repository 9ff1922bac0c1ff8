"""Keep the runtime's own messages from people, who get one sentence from us instead."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep off stderr what ITK and HDF5 write to the process's own."""
    try:
        kept = os.dup(2)
    except OSError:  # a desktop application may have none
        yield
        return
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@contextmanager
def quiet_vtk() -> Iterator[None]:
    """Keep VTK's messages off stderr, and off the application's log."""
    from vtkmodules.vtkCommonCore import vtkObject

    shown = vtkObject.GetGlobalWarningDisplay()
    vtkObject.SetGlobalWarningDisplay(0)
    try:
        yield
    finally:
        vtkObject.SetGlobalWarningDisplay(shown)
