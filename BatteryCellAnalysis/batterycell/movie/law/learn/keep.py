"""What a search goes on from after it was stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.movie.law.settings import LawSettings
from batterycell.movie.lithium import LithiumMovie

from .fields import FieldPrior
from .search import State
from .unknowns import Hyper, Unknowns

NAME = "law_state.npz"
VERSION = 2
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
    told: dict[str, Any] = {name: value for name, value in vars(state).items() if name not in ("hyper", *_ARRAYS)}
    arrays = {name: value.cpu().numpy() for name in _ARRAYS if (value := getattr(state, name)) is not None}
    written = folder / f".{NAME}.part"
    with written.open("wb") as file:
        np.savez(file, key=key, hyper=json.dumps(asdict(state.hyper)), told=json.dumps(told), **arrays)
    written.replace(folder / NAME)


def read_state(folder: Path, key: str, unknowns: Unknowns) -> State | None:
    """What was kept of the same movies and settings; None without any."""
    try:
        with np.load(folder / NAME, allow_pickle=False) as kept:
            if str(kept["key"]) != key:
                return None
            hyper, told = json.loads(str(kept["hyper"])), json.loads(str(kept["told"]))
            arrays = {name: unknowns.tensor(kept[name]) for name in _ARRAYS if name in kept}
    except (OSError, ValueError, KeyError):
        return None
    told["counts"], told["stages"] = tuple(told["counts"]), tuple(told["stages"])
    priors = {name: FieldPrior(**hyper[name]) for name in ("ln_k", "first")}
    return State(**arrays, hyper=Hyper(**priors, noise=hyper["noise"]), **told)
