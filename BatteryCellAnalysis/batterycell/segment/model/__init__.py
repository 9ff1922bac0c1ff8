"""A model: what it says of itself, its network, its folder, the library of models."""

from .bundle import LoadedModel, check_bundle, load_model, model_hash, read_info, write_bundle
from .info import ModelInfo, NetworkSpec
from .network import make_network

__all__ = [
    "LoadedModel",
    "ModelInfo",
    "NetworkSpec",
    "check_bundle",
    "load_model",
    "make_network",
    "model_hash",
    "read_info",
    "write_bundle",
]
