"""What networks need: packages that measuring does without."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Literal

from batterycell.errors import InputError

# To train, and to apply any model.
PACKAGES = ("torch", "monai", "safetensors")
# To apply models that carry an ONNX copy, such as those that ship.
APPLY_PACKAGES = ("onnxruntime",)

Runtime = Literal["auto", "torch", "onnx"]


def missing_packages(folder: Path | None = None) -> list[str]:
    """The packages for training, and for applying any model, that are not installed, without importing any.

    Args:
        folder: Where to look as well.
    """
    return _missing(PACKAGES, folder)


def missing_to_apply(is_portable: bool, folder: Path | None = None) -> list[str]:
    """The packages that are not installed and without which a model cannot be applied.

    Args:
        is_portable: Whether it carries an ONNX copy (`batterycell.segment.model.is_portable`).
        folder: Where to look as well.

    Returns:
        None where it can be applied, by torch or by onnxruntime; else the fewest to install.
    """
    missing = _missing(PACKAGES, folder)
    return _missing(APPLY_PACKAGES, folder) if missing and is_portable else missing


def require_packages() -> None:
    """Check that networks can be trained and applied here; to be called before torch is imported.

    Raises:
        InputError: if a package is not installed.
    """
    _require(missing_packages(), "segment")
    _share_cores()


def require_runtime(is_portable: bool, wish: Runtime = "auto") -> Literal["torch", "onnx"]:
    """Check that a model can be applied here; to be called before torch is imported.

    Args:
        is_portable: Whether it carries an ONNX copy.
        wish: What is to compute; "auto" takes torch where it is installed.

    Returns:
        What computes.

    Raises:
        InputError: if a package is not installed, or the model has no ONNX copy though it is wished for.
    """
    _share_cores()
    if wish == "onnx" and not is_portable:
        raise InputError("onnx-missing", "This model has no ONNX copy.", "Apply it with torch.")
    if wish == "onnx" or (wish == "auto" and is_portable and missing_packages()):
        _require(_missing(APPLY_PACKAGES, None), "apply")
        return "onnx"
    _require(missing_packages(), "segment")
    return "torch"


def _missing(names: tuple[str, ...], folder: Path | None) -> list[str]:
    # A folder that was not there is remembered as none.
    importlib.invalidate_caches()
    places = [*sys.path, *([str(folder)] if folder else [])]
    return [name for name in names if PathFinder.find_spec(name, places) is None]


def _require(missing: list[str], extra: str) -> None:
    if missing:
        plural = "s" if len(missing) > 1 else ""
        message = f"Networks need the package{plural} {', '.join(missing)}."
        raise InputError("packages-missing", message, f"Install: pip install batterycell[{extra}]")


def _share_cores() -> None:
    """Let threads of torch that wait for each other sleep.

    As they spin else, a step takes ten to thirty times as long where others work too, such as Slicer on a laptop with
    two cores.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
