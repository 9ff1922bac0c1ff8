"""One error path: every error a person can mend carries a code, a message and a hint."""

from __future__ import annotations

# Codes of an `InputError` that is of the machine, not of the input: the same command goes on where it stood.
GOES_ON = frozenset({"cluster-gone", "cluster-folder", "worker-lost", "memory", "system"})


class BatteryCellError(Exception):
    """An error to be shown to people as one sentence and one hint.

    Args:
        code: Stable machine name, e.g. ``"voxel-size-unknown"``.
        message: One sentence: what went wrong, and where.
        hint: One sentence: what to do about it.
    """

    exit_code = 3

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(code, message, hint)  # all of them, so that the error survives the way between processes
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(BatteryCellError):
    """The words of a call are wrong (exit code 2)."""

    exit_code = 2


class InputError(BatteryCellError):
    """The input cannot be used (exit code 3)."""


class OutputError(BatteryCellError):
    """The output cannot be written (exit code 3)."""


class Cancelled(BatteryCellError):
    """The user asked to stop (exit code 130)."""

    exit_code = 130

    def __init__(self, *_: str) -> None:
        super().__init__("cancelled", "Cancelled.", "Nothing was written.")


class InternalError(BatteryCellError):
    """A fault of the program itself (exit code 1)."""

    exit_code = 1


def explain(error: BaseException) -> BatteryCellError:
    """Any error as one that can be shown to people."""
    if isinstance(error, BatteryCellError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Cancelled()
    if isinstance(error, MemoryError):
        return InputError("memory", "The memory does not suffice", "Crop or bin the volume, or use a larger machine.")
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return InputError("system", f"{place}{error.strerror or error}", "Check the path, the rights and the space.")
    return InternalError("internal", f"Internal error, {type(error).__name__}: {error}", "Please report it.")
