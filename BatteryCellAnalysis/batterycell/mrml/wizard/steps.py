"""Steps of a model in the labels: each is taken back by one undo, and never takes back what was painted since.

A step keeps the labels of its voxels as they were and as it left them. Kept in memory, beside Slicer's own undo of
brush strokes, which copies all labels of an image for each stroke.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .classes import all_labels, class_ids
from .labels import Codes, read_codes, write_codes
from .region import Places, Region

_KEPT = "_batterycell_steps"
_TOKEN = "BatteryCell.Token"
_MOST, _MOST_BYTES = 30, 500_000_000


@dataclass(frozen=True)
class Change:
    """What a step did to some voxels of the labels of one image.

    Args:
        token: What the labels' node is known by; its id would be another node's once the scene was closed.
        where: A block of the image's voxels, or single ones.
        before: Labels before.
        after: Labels after.
        classes: Ids of the project's classes at that time, which the labels count.
    """

    token: str
    where: Region | Places
    before: Codes
    after: Codes
    classes: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        places = 0 if isinstance(self.where, Region) else self.where.nbytes
        return places + self.before.nbytes + self.after.nbytes


@dataclass(frozen=True)
class Step:
    """What is taken back at once.

    Args:
        name: For the tooltip of Undo.
        changes: In the order in which they were made.
    """

    name: str
    changes: tuple[Change, ...]

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        return sum(change.bytes for change in self.changes)


@dataclass
class _Steps:
    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)


def change_labels(scene: Any, name: str, blocks: Sequence[tuple[Any, Region | Places, Codes]]) -> Step:
    """Write labels into voxels of images, as one step.

    Args:
        scene: The scene.
        name: What the step is called.
        blocks: Labels' node, voxels of its image as of `labels.write_codes`, and the labels to be there.

    Returns:
        The step, which `undo_step` takes back.

    Raises:
        InputError: if segments overlap there; then nothing was written.
    """
    changes = tuple(_change(scene, *block) for block in blocks)
    for labels_node, where, codes in blocks:
        write_codes(labels_node, codes, where)
    steps, step = _steps(scene), Step(name, changes)
    steps.done[:] = _newest([*steps.done, step])
    steps.undone.clear()
    return step


def undo_step(scene: Any) -> bool:
    """Take back the last step, wherever nobody has painted since; False where there is none."""
    steps = _steps(scene)
    if not steps.done:
        return False
    step = steps.done.pop()
    for change in reversed(step.changes):
        _swap(scene, change, change.after, change.before)
    steps.undone.append(step)
    return True


def redo_step(scene: Any) -> bool:
    """Do again the step that was taken back last, wherever nobody has painted since; False where there is none."""
    steps = _steps(scene)
    if not steps.undone:
        return False
    step = steps.undone.pop()
    for change in step.changes:
        _swap(scene, change, change.before, change.after)
    steps.done.append(step)
    return True


def next_undo(scene: Any) -> str:
    """The name of the step that `undo_step` would take back; empty where there is none."""
    done = _steps(scene).done
    return done[-1].name if done else ""


def next_redo(scene: Any) -> str:
    """The name of the step that `redo_step` would do again; empty where there is none."""
    undone = _steps(scene).undone
    return undone[-1].name if undone else ""


def forget_steps(scene: Any) -> None:
    """Forget all steps: for when the scene is closed, or the classes became others."""
    setattr(scene, _KEPT, _Steps())


def _steps(scene: Any) -> _Steps:
    if not hasattr(scene, _KEPT):
        forget_steps(scene)
    kept: _Steps = getattr(scene, _KEPT)
    return kept


def _newest(steps: list[Step]) -> list[Step]:
    """The newest steps that are worth their memory; the last one always."""
    kept = steps[-_MOST:]
    while len(kept) > 1 and sum(step.bytes for step in kept) > _MOST_BYTES:
        kept = kept[1:]
    return kept


def _change(scene: Any, labels_node: Any, where: Region | Places, codes: Codes) -> Change:
    before = read_codes(labels_node, where)
    return Change(_token(labels_node), where, before, np.array(codes, np.uint8), _ids(scene))


def _swap(scene: Any, change: Change, old: Codes, new: Codes) -> None:
    """Turn the old labels of a block into the new ones where they still are there."""
    node = next((one for one in all_labels(scene) if one.GetAttribute(_TOKEN) == change.token), None)
    if node is not None:
        here = read_codes(node, change.where)
        table = _renumbering(change.classes, _ids(scene))
        write_codes(node, np.where(here == table[old], table[new], here), change.where)


def _renumbering(then: tuple[str, ...], now: tuple[str, ...]) -> Codes:
    """From labels of then to labels of now, where classes were moved, added or removed since."""
    return np.array([0, *(now.index(one) + 1 if one in now else 0 for one in then)], np.uint8)


def _token(labels_node: Any) -> str:
    if not labels_node.GetAttribute(_TOKEN):
        labels_node.SetAttribute(_TOKEN, uuid.uuid4().hex)
    return str(labels_node.GetAttribute(_TOKEN))


def _ids(scene: Any) -> tuple[str, ...]:
    return tuple(class_ids(scene))
