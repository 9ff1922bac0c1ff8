"""A model: what it says of itself, its network, its folder, the library of models."""

from .info import ModelInfo, NetworkSpec

__all__ = ["ModelInfo", "NetworkSpec"]
