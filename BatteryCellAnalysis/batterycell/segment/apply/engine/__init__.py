"""What computes a network: torch on a CPU or a graphics card, or onnxruntime where torch is not installed."""

from .choice import make_engine, prepared
from .protocol import Engine

__all__ = ["Engine", "make_engine", "prepared"]
