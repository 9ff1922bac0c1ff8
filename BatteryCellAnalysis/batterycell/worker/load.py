"""Loading: a volume read, downloaded or made, and laid down where the desktop maps it."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from batterycell.io import Estimate, LoadOptions, estimate, load_volume
from batterycell.io.exchange import VOXELS_FILE
from batterycell.io.memory import preview_limit
from batterycell.io.samples import Sample, fetch_sample
from batterycell.mrml.loaded import write_loaded
from batterycell.output import check_room, is_abandoned
from batterycell.progress import Progress

from .jobs import JOB_PREFIX, RESULT_FOLDER, write_json

_CHOICE = "choice.json"
_WRITE = 0.9
# The cell that the command line generates by default.
_SEED = 1
# The desktop asks for the voxel size once the volume is seen.
_ANY = LoadOptions(needs_voxel_size=False)


@dataclass(frozen=True)
class LoadSettings:
    """What to load: one of path, sample and preset.

    Args:
        path: A file or folder.
        sample: What to download.
        cache: Where downloads are kept.
        preset: What cell to generate.
        options: What is known of the image, and whether a preview of it is wanted.
        limit: Bytes above which nothing is loaded but a preview offered; None for what is large for this machine,
            0 for no limit.
    """

    path: str = ""
    sample: Sample | None = None
    cache: str = ""
    preset: str = ""
    options: LoadOptions = _ANY
    limit: int | None = None

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> LoadSettings:
        """The settings of which ``dataclasses.asdict`` went to JSON and came back."""
        sample, options = values["sample"], LoadOptions.from_json(values["options"])
        return cls(**{**values, "sample": sample and Sample.from_json(sample), "options": options})


@dataclass(frozen=True)
class Choice:
    """A large image, which was not loaded: a preview of it may be enough.

    Args:
        path: The file or folder.
        estimate: Its shape and memory.
        step: The finest preview that is not large.
    """

    path: Path
    estimate: Estimate
    step: int


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Load; settings as of `LoadSettings`."""
    _remove_abandoned(out.parents[1])
    settings = LoadSettings.from_json(job["settings"])
    if settings.preset:
        _generate(settings.preset, out, progress)
        return
    settings, progress = _fetched(settings, progress)
    path, options = Path(settings.path), settings.options
    progress.report(0.0, "looking at the headers")
    guess = estimate(path, options)
    limit = preview_limit() if settings.limit is None else settings.limit
    if options.step == 1 and 0 < limit < guess.bytes:
        choice = {"path": settings.path, **asdict(guess), "step": guess.preview_step(limit)}
        write_json(out / _CHOICE, choice)
        return
    check_room(out, guess.bytes_at(options.step))
    options = replace(options, scratch=out / VOXELS_FILE)
    volume = load_volume(path, options, progress.part(0.0, _WRITE))
    write_loaded(volume, options, path, out, progress.part(_WRITE, 1.0))


def read_choice(folder: Path) -> Choice | None:
    """What a finished job found too large to load without asking; None where it loaded."""
    path = folder / RESULT_FOLDER / _CHOICE
    if not path.exists():
        return None
    values = json.loads(path.read_text(encoding="utf-8"))
    guess = Estimate(tuple(values["shape"]), values["dtype"], tuple(values["steps"]))
    return Choice(Path(values["path"]), guess, values["step"])


def _remove_abandoned(folder: Path) -> None:
    """Remove volumes and jobs of desktops that came to a sudden end."""
    for left in folder.glob(f"{JOB_PREFIX}.*.*.*"):
        if is_abandoned(left):
            shutil.rmtree(left, ignore_errors=True)


def _fetched(settings: LoadSettings, progress: Progress) -> tuple[LoadSettings, Progress]:
    """The settings with a path, once there is one, and the rest of the progress."""
    sample = settings.sample
    if sample is None:
        return settings, progress
    folder = fetch_sample(sample, Path(settings.cache), progress.part(0.0, 0.8))
    options = replace(settings.options, voxel_size_um=sample.voxel_size_um)
    return replace(settings, path=str(folder), options=options), progress.part(0.8, 1.0)


def _generate(preset: str, out: Path, progress: Progress) -> None:
    from batterycell import phantom

    cell = phantom.make_cell(*phantom.preset(preset), _SEED, progress.part(0.0, _WRITE))
    volume = replace(cell.volume, name="generated cell")
    write_loaded(volume, LoadOptions(), None, out, progress.part(_WRITE, 1.0))
