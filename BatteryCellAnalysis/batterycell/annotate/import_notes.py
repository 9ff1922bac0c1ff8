"""What an import of defects did, in sentences for people."""

from __future__ import annotations

from dataclasses import dataclass, field

_SHOWN = 5


@dataclass
class ImportNotes:
    """What became of the rows of a table.

    Args:
        added: How many defects are new.
        updated: How many were there already.
        renumbered: Numbers that were taken, and what they are now.
        outside: Names of rows whose place lies outside the volume.
        moved: Names of rows whose XYZ does not fit their IJK.
    """

    added: int = 0
    updated: int = 0
    renumbered: list[tuple[str, str]] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)

    def sentences(self) -> list[str]:
        """One sentence each on what happened."""
        counts = ((self.added, "added"), (self.updated, "updated"))
        renumbered = [f"{old} is now {new}" for old, new in self.renumbered]
        said = {
            "{}.": [f"{number} {word}" for number, word in counts if number],
            "Numbers that were taken: {}.": renumbered,
            "Outside the volume, but kept: {}.": self.outside,
            "The cell stands otherwise than in the table, so that I, J, K count and not X, Y, Z: {}.": self.moved,
        }
        return [sentence.format(_some(words)) for sentence, words in said.items() if words]


def _some(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
