"""A model: what it says of itself, its network, its folder, the library of models."""

from .bundle import LoadedModel, check_bundle, is_portable, load_model, model_hash, read_info, write_bundle
from .drafts import Publication, keep_draft, next_version, publish
from .exchange import export_model, import_model
from .info import ModelInfo, NetworkSpec
from .library import Broken, Model, find_model, list_broken, list_drafts, list_models, search_models
from .network import make_network
from .places import library_folder
from .removal import remove_model

__all__ = [
    "Broken",
    "LoadedModel",
    "Model",
    "ModelInfo",
    "NetworkSpec",
    "Publication",
    "check_bundle",
    "export_model",
    "find_model",
    "import_model",
    "is_portable",
    "keep_draft",
    "library_folder",
    "list_broken",
    "list_drafts",
    "list_models",
    "load_model",
    "make_network",
    "model_hash",
    "next_version",
    "publish",
    "read_info",
    "remove_model",
    "search_models",
    "write_bundle",
]
