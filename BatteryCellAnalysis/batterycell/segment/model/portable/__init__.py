"""Networks without torch: written as ONNX beside their weights, checked as a stranger's, run by onnxruntime."""

from .checking import check_portable
from .network import PortableNetwork

__all__ = ["PortableNetwork", "check_portable"]
