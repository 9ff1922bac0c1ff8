"""What each layer of a U-Net is called in ONNX, with its weights and numbers."""

from __future__ import annotations

from typing import Any

from batterycell.errors import InputError

# (name in ONNX, names of weights, numbers); an empty name passes its input on.
Made = tuple[str, list[str], dict[str, Any]]
_FUNCTIONS: dict[str, Made] = {"cat": ("Concat", [], {"axis": 1}), "add": ("Add", [], {})}


def layer_node(step: Any, layers: dict[str, Any]) -> Made:
    """What a step of a traced network is in ONNX.

    Args:
        step: A ``torch.fx.Node``.
        layers: The network's modules by name.

    Raises:
        InputError: if it is none of those that U-Nets of this program are made of.
    """
    layer = layers.get(step.target) if step.op == "call_module" else None
    known = _FUNCTIONS.get(getattr(step.target, "__name__", "")) if layer is None else _layer(layer)
    if known is None:
        what = getattr(step.target, "__name__", step.target) if layer is None else type(layer).__name__
        raise InputError("onnx-layer", f"The layer {what} cannot be written as ONNX.", "Train with norm batch.")
    kind, weights, numbers = known
    return kind, [f"{step.target}.{name}" for name in weights], numbers


def _layer(layer: Any) -> Made | None:
    kind = type(layer).__name__.rstrip("123d")
    if kind in ("Conv", "ConvTranspose"):
        return kind, ["weight"] if layer.bias is None else ["weight", "bias"], _geometry(layer)
    weights = ["weight", "bias", "running_mean", "running_var"]
    made: dict[str, Made] = {
        "BatchNorm": ("BatchNormalization", weights, {"epsilon": getattr(layer, "eps", 0.0)}),
        "ReLU": ("Relu", [], {}),
        "PReLU": ("PRelu", ["weight"], {}),
        "Identity": ("", [], {}),
        "Dropout": ("", [], {}),
    }
    return made.get(kind)


def _geometry(layer: Any) -> dict[str, Any]:
    numbers = {
        "kernel_shape": list(layer.kernel_size),
        "strides": list(layer.stride),
        "pads": [*layer.padding, *layer.padding],
        "dilations": list(layer.dilation),
        "group": layer.groups,
    }
    return numbers | ({"output_padding": list(layer.output_padding)} if any(layer.output_padding) else {})
