"""The classes as the project notes them: each with the id that its segments have, so that names may change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, count
from typing import Any, NamedTuple

from batterycell.errors import InputError
from batterycell.mrml.names import plain

from .project_node import get_note, set_note

_NOTE, _COUNT = "Classes", "ClassCount"
# Of new classes, in turn: told apart by colour-blind eyes (Okabe and Ito, 2008).
_COLORS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#999999")


class ClassEntry(NamedTuple):
    """A class.

    Args:
        id: Of its segments; stays when it is renamed.
        name: What people call it.
        color: ``"#RRGGBB"``.
    """

    id: str
    name: str
    color: str


def entries_of(scene: Any) -> list[ClassEntry]:
    """The project's classes in order."""
    return [ClassEntry(*entry) for entry in get_note(scene, _NOTE) or []]


def note_entries(scene: Any, entries: Sequence[ClassEntry]) -> None:
    """Note the project's classes."""
    set_note(scene, _NOTE, entries)


def new_id(scene: Any) -> str:
    """An id that no class of the project has or had."""
    number = int(get_note(scene, _COUNT) or 0) + 1
    set_note(scene, _COUNT, number)
    return f"class_{number}"


def same_name(name: str) -> str:
    """What two names have in common that people would confuse."""
    return plain(name).casefold()


def check_names(names: Sequence[str]) -> None:
    """Check that every class has a name of its own.

    Raises:
        InputError: if one is missing or twice there.
    """
    keys = [same_name(name) for name in names]
    hint = "Give every class a name of its own."
    if not all(keys):
        raise InputError("classes-names", "A class has no name.", hint)
    twice = next((name for name, key in zip(names, keys, strict=True) if keys.count(key) > 1), None)
    if twice is not None:
        raise InputError("classes-names", f"Two classes are called {plain(twice)!r}.", hint)


def find_entry(entries: Sequence[ClassEntry], name: str) -> int:
    """The place of the class of a name.

    Raises:
        InputError: if there is none.
    """
    keys = [same_name(entry.name) for entry in entries]
    if same_name(name) not in keys:
        raise InputError("class-missing", f"There is no class {name!r}.", "Was it renamed or removed?")
    return keys.index(same_name(name))


def new_name(entries: Sequence[ClassEntry]) -> str:
    """A name for a new class."""
    taken = {same_name(entry.name) for entry in entries}
    return next(name for number in range(1, len(taken) + 2) if (name := f"class {number}") not in taken)


def new_color(entries: Sequence[ClassEntry]) -> str:
    """The colour that is used least."""
    used = [entry.color for entry in entries]
    return min(_COLORS, key=used.count)


def with_own_names(entries: Iterable[ClassEntry]) -> list[ClassEntry]:
    """The classes, with a number behind names that are twice there, and a name for those that have none."""
    result: list[ClassEntry] = []
    for entry in entries:
        taken = [same_name(one.name) for one in result]
        name = plain(entry.name) or "class"
        numbered = chain([name], (f"{name} ({number})" for number in count(2)))
        result.append(entry._replace(name=next(one for one in numbered if same_name(one) not in taken)))
    return result
