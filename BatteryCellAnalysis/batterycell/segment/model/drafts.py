"""Drafts: trained models are kept until somebody publishes or removes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from batterycell.errors import UsageError
from batterycell.file_names import untaken

from .bundle import check_bundle, model_hash
from .exchange import add_model
from .library import Model, list_drafts, list_models
from .naming import folder_name, version_order
from .places import drafts_folder, library_folder
from .removal import remove_folder


@dataclass(frozen=True)
class Publication:
    """What a person says of a model that is published.

    Args:
        name: Its name; empty for the draft's.
        description: What it is for; empty for the draft's.
        licence: SPDX name, e.g. "CC-BY-4.0"; see `batterycell.segment.model.licences.KNOWN`.
        version: E.g. "1.0.0"; empty for the next one.
    """

    name: str = ""
    description: str = ""
    licence: str = ""
    version: str = ""


def keep_draft(folder: Path) -> Model:
    """Keep a trained model among the drafts, under a name that none has yet.

    Args:
        folder: The model; it stays where it is.

    Returns:
        The draft: one that has the same weights already, else a new one.

    Raises:
        InputError: if it is damaged.
        OutputError: if the drafts' folder cannot be written.
    """
    info, own, place = check_bundle(folder), model_hash(folder), drafts_folder()
    same = next((draft for draft in list_drafts() if draft.hash == own), None)
    if same is not None:
        return same
    taken = {path.name.lower() for path in place.iterdir()} if place.is_dir() else set()
    return add_model(folder, None, place / untaken(folder_name(info), taken))


def publish(draft: Model, said: Publication, overwrite: bool = False) -> Model:
    """Publish a model: from now on it stands in the library, and no longer among the drafts.

    Args:
        draft: A draft, or any model.
        said: Its name, description, licence and version.
        overwrite: Whether it may replace the library's model of that name and version.

    Returns:
        The model in the library.

    Raises:
        UsageError: if no licence was chosen: nobody may use what nobody permitted.
        InputError: if the draft is damaged, or a name or version cannot be one.
        OutputError: if the library has a model of that name and version, or cannot be written.
    """
    info = check_bundle(draft.folder)
    licence, name = said.licence.strip() or info.licence, said.name.strip() or info.name
    if not licence:
        hint = "CC-BY-4.0 lets everybody use it who names you."
        raise UsageError("licence-missing", "A model needs a licence to be published.", hint)
    new = replace(
        info,
        name=name,
        description=said.description.strip() or info.description,
        licence=licence,
        version=said.version.strip() or next_version(name),
    )
    published = add_model(draft.folder, new, library_folder() / folder_name(new), overwrite)
    if draft.kind == "draft":
        remove_folder(draft.folder)
    return published


def next_version(name: str) -> str:
    """The version after the newest one of a name: 1.0.0, then 1.1.0."""
    versions = [model.info.version for model in list_models() if model.info.name.casefold() == name.casefold()]
    if not versions:
        return "1.0.0"
    major, minor, *_ = [*max(map(version_order, versions))[0], 0, 0]
    return f"{major}.{minor + 1}.0"
