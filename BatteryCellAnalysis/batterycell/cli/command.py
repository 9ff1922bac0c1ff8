"""From words to a verb, from a result to stdout, from an error to one line and an exit code."""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType, ModuleType
from typing import Any

import batterycell
from batterycell.errors import BatteryCellError, Cancelled, explain

from .display import shown_progress
from .options import Parser

Run = Callable[[argparse.Namespace, list[int]], int]
# Each measures one stage; they share a module.
STAGES = ("overhang", "can", "winding", "inclusions")
VERBS = (
    *("info", "phantom", "analyze", *STAGES, "reslice", "export", "replay", "lot"),
    *("train", "segment", "evaluate", "models"),
    *("instances", "microstructure", "compare"),
    "movie",
    "convert",
)
_EXAMPLE = """example:
  batterycell phantom cell --preset demo --out phantom
  batterycell analyze phantom/grey.nrrd --out result

exit codes: 0 done, 2 wrong words, 3 the input or the output cannot be used, 4 done and the cell fails by the
tolerances that were given, 130 cancelled"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The words after ``batterycell``; those of the process if absent.

    Returns:
        Exit code: 0 done, 1 a fault of the program, 2 wrong words, 3 input or output, 4 the verdict is "fail",
        130 cancelled.
    """
    return run_words(argv, make_parser, _run)


def run_words(argv: Sequence[str] | None, make: Callable[[], Parser], run: Run) -> int:
    """Run the words of a program of ours.

    Args:
        argv: Its words; those of the process if absent.
        make: Makes its parser.
        run: Runs what the words say; given a list that fills when a signal asks to stop. Returns the exit code.

    Returns:
        Exit code, as of `main`.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    stops: list[int] = []
    try:
        with _signals_raise(stops):
            return run(make().parse_args(words, argparse.Namespace(words=words)), stops)
    except SystemExit as stop:
        return int(stop.code or 0)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last place where it can become one line
        # A stop in the middle of an import may come out as an ImportError.
        return _fail(Cancelled() if stops and not isinstance(error, Cancelled) else error, words)


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
    for module in dict.fromkeys(map(_module, VERBS)):
        module.add_parser(subparsers)
    return parser


def _module(verb: str) -> ModuleType:
    return importlib.import_module(f"batterycell.cli.{'stage' if verb in STAGES else verb}")


def _run(args: argparse.Namespace, stops: list[int]) -> int:
    return run_verb(_module(args.verb), args, stops)


def run_verb(verb: Any, args: argparse.Namespace, stops: list[int]) -> int:
    """Run a verb, and print its result.

    Args:
        verb: Has ``run(args, progress)``, and may have ``describe(result)`` and ``exit_code(result)``.
        args: The words that were read.
        stops: Fills when a signal asks to stop.

    Returns:
        Exit code.
    """
    with shown_progress(args.quiet) as progress:
        result: dict[str, Any] = verb.run(args, replace(progress, is_cancelled=lambda: bool(stops)))
    describe = getattr(verb, "describe", _describe)
    print(json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) if args.json else describe(result))
    judge = getattr(verb, "exit_code", None)
    return 0 if judge is None else int(judge(result))


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
def _signals_raise(stops: list[int]) -> Iterator[None]:
    """Let Ctrl+C and a polite end of the process (SIGTERM) clean up alike, and note them in ``stops``."""

    def stop(number: int, frame: FrameType | None) -> None:
        stops.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in _signals_to_mind()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _signals_to_mind() -> list[signal.Signals]:
    """Only the main thread may mind signals, and what the caller ignores (``nohup``) stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        return []
    return [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
