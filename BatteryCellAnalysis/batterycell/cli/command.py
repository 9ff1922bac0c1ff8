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
from batterycell.errors import BatteryCellError, explain

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
            _run(make_parser().parse_args(words, argparse.Namespace(words=words)))
    except SystemExit as stop:
        return int(stop.code or 0)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last place where it can become one line
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
    explained = explain(error)
    print(f"batterycell: {_one_line(explained)}", file=sys.stderr)
    return explained.exit_code


def _one_line(error: BatteryCellError) -> str:
    message, hint = (" ".join(text.split()).rstrip(".") for text in (error.message, error.hint))
    return f"{message} ({hint})" if hint else message


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
