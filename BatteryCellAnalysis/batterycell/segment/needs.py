"""What networks need: packages that measuring does without."""

from __future__ import annotations

from importlib.util import find_spec

from batterycell.errors import InputError

PACKAGES = ("torch", "monai", "safetensors")


def missing_packages() -> list[str]:
    """The packages that are not installed, without importing any."""
    return [name for name in PACKAGES if find_spec(name) is None]


def require_packages() -> None:
    """Check that networks can be trained and applied here.

    Raises:
        InputError: if a package is not installed.
    """
    missing = missing_packages()
    if missing:
        message = f"Networks need the packages {', '.join(missing)}."
        raise InputError("packages-missing", message, "Install them: pip install batterycell[segment]")
