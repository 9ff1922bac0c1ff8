"""A network of torch as an ONNX model: its layers one by one, its weights under the names they have in safetensors."""

from __future__ import annotations

from typing import Any

from batterycell.segment.model.info import NetworkSpec

from .layers import layer_node

# What onnxruntime 1.17, the oldest that is supported, reads.
_OPSET, _IR_VERSION = 17, 8
_FLOAT = 1
INPUT, OUTPUT = "image", "scores"


def to_onnx(network: Any, weights: dict[str, Any], spec: NetworkSpec) -> bytes:
    """An ONNX model: (batch, inputs, rows, columns) to (batch, classes, rows, columns), scores before softmax.

    Batch, rows and columns (3D: slices too) may be of any size that the network can halve.

    Args:
        network: The ``torch.nn.Module``, in evaluation mode.
        weights: Its tensors by name, each stored in the type it has here; they are computed with in float32.
        spec: What it is.

    Returns:
        The bytes of a file, the same for the same weights.

    Raises:
        InputError: if it has a layer that is not written here, such as instance normalisation.
    """
    from onnx import helper

    nodes, used = _nodes(network)
    stored = [_tensor(name, weights[name]) for name in used]
    casts = [helper.make_node("Cast", [name], [_cast(name)], to=_FLOAT) for name in used]
    axes = [f"axis {number}" for number in range(3 if spec.dimension == "3d" else 2)]
    ends = [
        helper.make_tensor_value_info(name, _FLOAT, ["batch", count, *axes])
        for name, count in ((INPUT, spec.inputs), (OUTPUT, spec.classes))
    ]
    graph = helper.make_graph([*casts, *nodes], "network", ends[:1], ends[1:], stored)
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION, producer_name="batterycell")
    return bytes(model.SerializeToString(deterministic=True))


def _nodes(network: Any) -> tuple[list[Any], list[str]]:
    """The steps of a network in order, and the names of the weights that they use."""
    from torch.fx import symbolic_trace

    traced = symbolic_trace(network)
    layers, names = dict(traced.named_modules()), dict[Any, str]()
    nodes, used = list[Any](), list[str]()
    for step in traced.graph.nodes:
        if step.op == "placeholder":
            names[step] = INPUT
        elif step.op != "output":
            kind, weights, numbers = layer_node(step, layers)
            sources = [names[source] for source in step.all_input_nodes]
            names[step] = _append(nodes, step, (kind, [*sources, *map(_cast, weights)], numbers))
            used += weights
    return nodes, used


def _append(nodes: list[Any], step: Any, made: tuple[str, list[str], dict[str, Any]]) -> str:
    """Add what a step does, if it does anything; return the name of what it yields."""
    from onnx import helper

    kind, sources, numbers = made
    if not kind:
        return sources[0]
    name = OUTPUT if any(user.op == "output" for user in step.users) else str(step.name)
    nodes.append(helper.make_node(kind, sources, [name], **numbers))
    return name


def _cast(name: str) -> str:
    return f"{name} as float32"


def _tensor(name: str, value: Any) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(value.numpy(), name)
