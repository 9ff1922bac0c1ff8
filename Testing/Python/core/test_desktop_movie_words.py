"""The section "X-ray movie" speaks of its own fields where the core speaks of options of the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import batterycell
import pytest
from batterycell.errors import InputError
from batterycell.movie.law.found.answer import _RESTLESS
from desktop_ring import lib

CORE = Path(batterycell.__file__).parent
PANEL = CORE.parent / "Resources" / "UI" / "BatteryCellMovie.ui"
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]+")
# The panel has no such field: a hint with one of these is told as one for the command line.
NOT_IN_PANEL = {"--dark", "--dataset", "--lithium"}


def sentences() -> Iterator[str]:
    """All texts on movies in which options stand."""
    for path in sorted((CORE / "movie").rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        yield from (text for text in texts if OPTION.search(text))


def test_every_option_that_is_spoken_of_is_a_field_of_the_panel_or_known_not_to_be() -> None:
    words = lib("Hints").movieWords()
    spoken = {option for text in sentences() for option in OPTION.findall(text)}
    assert len(spoken) > 10
    assert spoken - set(words) == spoken & NOT_IN_PANEL


def test_the_words_for_options_stand_in_the_panel() -> None:
    shown = set(re.findall(r">([^<>]+?):?</string>", PANEL.read_text(encoding="utf-8")))
    assert {word.partition(" (")[0] for word in lib("Hints").movieWords().values()} <= shown


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Give it with --i0 FILE.", "Give it with “Beam file”."),
        ("Give --end-member NAME=FILE for each.", "Give “End members” for each."),
        ("Lower --threshold, or give --mask.", "Lower “Particles (density)”, or give “Mask file”."),
        ("See --dark and the area.", "On the command line: See --dark and the area."),
    ],
)
def test_hints_name_fields_of_the_panel(said: str, told: str) -> None:
    hints = lib("Hints")
    assert hints.hintFor(InputError("movie-made-up", "No.", said), hints.movieWords()) == told


def test_what_is_told_of_a_law_names_fields_of_the_panel() -> None:
    hints = lib("Hints")
    told = hints.inPanelWords(_RESTLESS, hints.movieWords())
    assert "“Most steps”" in told and "--" not in told


def test_other_sections_say_what_the_core_says() -> None:
    hint = lib("Hints").hintFor(InputError("mask-empty", "No.", "Give --mask FILE."))
    assert hint == "On the command line: Give --mask FILE."
