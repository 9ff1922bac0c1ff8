"""What a search, and an ensemble of them, goes on from after it was stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from batterycell.movie.law.settings import LawSettings
from batterycell.movie.lithium import LithiumMovie

from .fields import FieldPrior
from .parts import Hyper
from .search import State
from .unknowns import Unknowns

Tensor = Any
NAME, MEMBER_NAME = "law_state.npz", "law_member_{number}.npz"
VERSION = 2
UNREADABLE = (OSError, ValueError, KeyError, EOFError, BadZipFile)
_ARRAYS = ("z", "answers", "room")


def key_of(movies: Sequence[LithiumMovie], settings: LawSettings) -> str:
    """Short name of movies and settings; what another device or the number of draws change is not in it."""
    told = {name: value for name, value in asdict(settings).items() if name not in ("device", "samples")}
    digest = hashlib.sha256(json.dumps([VERSION, told], sort_keys=True).encode())
    for movie in movies:
        for values in (movie.fraction, movie.sigma, movie.labels, movie.times_s, np.array(movie.pixel_um)):
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def save_state(folder: Path, key: str, state: State) -> None:
    """Write it, all or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f".{NAME}.part"
    with written.open("wb") as file:
        np.savez(file, key=key, **_values(state))
    written.replace(folder / NAME)


def _values(state: State) -> dict[str, Any]:
    """A state as arrays and text."""
    told: dict[str, Any] = {name: value for name, value in vars(state).items() if name not in ("hyper", *_ARRAYS)}
    arrays = {name: value.cpu().numpy() for name in _ARRAYS if (value := getattr(state, name)) is not None}
    return {"hyper": json.dumps(asdict(state.hyper)), "told": json.dumps(told), **arrays}


def read_state(folder: Path, key: str, unknowns: Unknowns) -> State | None:
    """What was kept of the same movies and settings; None without any."""
    try:
        with np.load(folder / NAME, allow_pickle=False) as kept:
            if str(kept["key"]) != key:
                return None
            hyper, told = json.loads(str(kept["hyper"])), json.loads(str(kept["told"]))
            arrays = {name: unknowns.tensor(kept[name]) for name in _ARRAYS if name in kept}
    except UNREADABLE:
        return None
    told["counts"], told["stages"] = tuple(told["counts"]), tuple(told["stages"])
    priors = {name: FieldPrior(**hyper[name]) for name in ("ln_k", "first")}
    return State(**arrays, hyper=Hyper(**priors, noise=hyper["noise"]), **told)


@dataclass(frozen=True)
class KeptMembers:
    """Where the members of an ensemble are kept, a file each.

    Args:
        folder: Where; None keeps nothing.
        key: Of movies and settings, as of `key_of`.
    """

    folder: Path | None = None
    key: str = ""

    def begun_at(self, state: State) -> KeptMembers:
        """Those of the search that ended there: members that began elsewhere are others."""
        digest = hashlib.sha256(self.key.encode())
        for name, value in _values(state).items():
            digest.update(name.encode() + (value.encode() if isinstance(value, str) else value.tobytes()))
        return KeptMembers(self.folder, digest.hexdigest())

    def save(self, number: int, found: Tensor) -> None:
        """Write one that has ended, shape (unknowns,), all or nothing."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / MEMBER_NAME.format(number=number)
        written = path.with_name(f".{path.name}.part")
        with written.open("wb") as file:
            np.savez(file, key=self.key, found=found.cpu().numpy())
        written.replace(path)

    def read(self, number: int, unknowns: Unknowns) -> Tensor | None:
        """One that ended; None where it has not, or is that of another search."""
        if self.folder is None:
            return None
        try:
            with np.load(self.folder / MEMBER_NAME.format(number=number), allow_pickle=False) as kept:
                return unknowns.tensor(kept["found"]) if str(kept["key"]) == self.key else None
        except UNREADABLE:
            return None
