"""What learning a law needs: a package that all else of a movie does without."""

from __future__ import annotations

import os
from pathlib import Path

from batterycell.errors import InputError
from batterycell.segment.needs import missing_packages

# For gradients, on CPU and GPU.
PACKAGES = ("torch",)


def missing_to_learn(folder: Path | None = None) -> list[str]:
    """The packages for learning a law that are not installed, without importing any.

    Args:
        folder: Where to look as well.
    """
    return [name for name in missing_packages(folder) if name in PACKAGES]


def require_torch() -> None:
    """Check that a law can be learned here; to be called before torch is imported.

    Raises:
        InputError: if torch is not installed.
    """
    if missing_to_learn():
        message = "Learning the law needs the package torch."
        raise InputError("packages-missing", message, "Install: pip install batterycell[segment]")
    # Threads that wait for each other would spin else, which makes steps many times as long where others work too.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
