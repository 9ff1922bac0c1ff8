"""From words to a verb, from a result to stdout, from an error to one line and an exit code."""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any

import batterycell
from batterycell.errors import BatteryCellError, Cancelled

from .display import shown_progress
from .options import Parser

VERBS = ("info", "phantom", "analyze")
_EXAMPLE = """example:
  batterycell phantom cell --preset demo --out phantom
  batterycell analyze phantom/grey.nrrd --out result

exit codes: 0 done, 2 wrong words, 3 the input or the output cannot be used, 130 cancelled"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The words after ``batterycell``; those of the process if absent.

    Returns:
        Exit code: 0 done, 1 a fault of the program, 2 wrong words, 3 input or output, 130 cancelled.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        with _signals_raise():
            _run(make_parser().parse_args(words))
    except SystemExit as stop:
        return int(stop.code or 0)
    except KeyboardInterrupt:
        return _fail(Cancelled(), words)
    except Exception as error:  # noqa: BLE001 - the last place where an error can become one line
        return _fail(error, words)
    return 0


def make_parser() -> Parser:
    """The parser of all verbs."""
    parser = Parser(
        prog="batterycell",
        description="Measure battery cells in X-ray CT.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"batterycell {batterycell.__version__}")
    subparsers = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in VERBS:
        _module(verb).add_parser(subparsers)
    return parser


def _module(verb: str) -> ModuleType:
    return importlib.import_module(f"batterycell.cli.{verb}")


def _run(args: argparse.Namespace) -> None:
    verb = _module(args.verb)
    with shown_progress(args.quiet) as progress:
        result: dict[str, Any] = verb.run(args, progress)
    describe = getattr(verb, "describe", _describe)
    print(json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) if args.json else describe(result))


def _describe(result: dict[str, Any]) -> str:
    """One line a value: what is printed of a verb that has no words of its own."""
    width = max(map(len, result), default=0)
    return "\n".join(f"{name:{width}}  {value}" for name, value in result.items())


def _fail(error: BaseException, words: Sequence[str]) -> int:
    if "--debug" in words:
        traceback.print_exception(error, file=sys.stderr)
    print("batterycell: " + " ".join(_sentence(error).split()), file=sys.stderr)
    return _exit_code(error)


def _sentence(error: BaseException) -> str:
    if isinstance(error, BatteryCellError):
        return str(error)
    if isinstance(error, MemoryError):
        return "The memory does not suffice. (Crop or bin the volume, or use a larger machine.)"
    if isinstance(error, OSError):
        return f"{error.filename or 'the system'}: {error.strerror or error}."
    return f"Internal error: {type(error).__name__}: {error} (Run again with --debug and report what it prints.)"


def _exit_code(error: BaseException) -> int:
    if isinstance(error, BatteryCellError):
        return error.exit_code
    return 3 if isinstance(error, OSError | MemoryError) else 1


@contextmanager
def _signals_raise() -> Iterator[None]:
    """Let a polite end of the process (SIGTERM) clean up as Ctrl+C does."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may mind signals
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
