"""A finished search for a law stays with its result, so that another question about the same law needs no new one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path


def keep_search(keep: Path | None, folder: Path) -> None:
    """Put what a search ended with into its result folder."""
    from batterycell.movie.law.learn.keep import NAME

    if keep is not None and (keep / NAME).is_file():
        shutil.copyfile(keep / NAME, folder / NAME)


def go_on_from(results: Iterable[Path], keep: Path) -> None:
    """Begin where the search of a result ended, unless an interrupted one is kept; the search sees whether it fits."""
    from batterycell.movie.law.learn.keep import NAME

    ended = next((one / NAME for one in results if (one / NAME).is_file()), None)
    if ended is not None and not (keep / NAME).exists():
        keep.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ended, keep / NAME)
