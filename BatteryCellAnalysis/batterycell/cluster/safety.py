"""What a cluster needs from elsewhere, and the keys that keep strangers out of one that is ours."""

from __future__ import annotations

import importlib.util
from typing import Any

from batterycell.errors import InputError


def own_keys() -> Any:
    """Keys for the time of one run, without which nobody reaches its scheduler; None where none can be made."""
    if importlib.util.find_spec("cryptography") is None:
        return None
    from distributed.security import Security

    return Security.temporary()


def require_package(package: str, name: str) -> None:
    """See that a package is there.

    Raises:
        InputError: if it is not.
    """
    if importlib.util.find_spec(package) is None:
        raise InputError("cluster-missing", f"{name} is not installed.", "pip install 'batterycell[cluster]'")
