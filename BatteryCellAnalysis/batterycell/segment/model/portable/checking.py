"""What of an ONNX file is trusted: nothing but a chain of the layers of U-Nets with the weights of the safetensors.

A stranger's file is given to onnxruntime only if it holds none but the fields below: so it has no data in other files,
no functions, no inner graphs, no operators other than these, and no weights other than those that the model's hash
stands for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from batterycell.segment.model.fields import damaged

from .flow import Layer, check_flow
from .plain import read_plain
from .wire import read_fields, read_wholes

_OPERATORS = {"Cast", "Conv", "ConvTranspose", "BatchNormalization", "Relu", "PRelu", "Add", "Concat"}
_MODEL = {1: "ir_version", 2: "producer_name", 7: "graph", 8: "opset_import"}
_GRAPH = {1: "node", 2: "name", 5: "initializer", 11: "input", 12: "output"}
_NODE = {1: "input", 2: "output", 3: "name", 4: "op_type", 5: "attribute"}
_ATTRIBUTE = {1: "name", 2: "f", 3: "i", 8: "ints", 20: "type"}
_TENSOR = {1: "dims", 2: "data_type", 8: "name", 9: "raw_data"}
_TYPES = {"F32": 1, "F16": 10}
# Kernels, strides and paddings of U-Nets; with more, a small file would ask for all memory.
_LARGEST_NUMBER = 8
_MOST_NODES = 2000

_Fields = dict[str, list[Any]]


def check_portable(data: bytes, weights: bytes, place: Path) -> None:
    """Check an ONNX model before anything else reads it.

    Args:
        data: Bytes of the ONNX file.
        weights: Bytes of the safetensors that it must agree with.
        place: The file, for messages.

    Raises:
        InputError: if it holds anything else than a network's layers, or other weights.
    """
    try:
        (graph,) = (_only(one, _GRAPH) for one in _only(data, _MODEL)["graph"])
        if len(graph["node"]) > _MOST_NODES:
            raise ValueError("it has too many layers")
        layers = [_checked(_only(node, _NODE)) for node in graph["node"]]
        # Of two tensors of one name, onnxruntime takes the first: compared as lists, none is overlooked.
        if sorted(map(_tensor, graph["initializer"])) != sorted(_expected(weights)):
            raise ValueError("its weights are not those of the model")
        check_flow(layers, {name: shape for name, (_, shape, _) in _expected(weights)})
    except (ValueError, KeyError, UnicodeDecodeError) as error:
        raise damaged(str(place), str(error) if type(error) is ValueError else "it is no ONNX model") from error


def _only(data: Any, known: dict[int, str]) -> _Fields:
    """The fields of a message by name, if it has no others."""
    found: _Fields = {name: [] for name in known.values()}
    for number, value in read_fields(memoryview(data)):
        if number not in known:
            raise ValueError(f"it holds what no network of this program does (field {number})")
        found[known[number]].append(value)
    return found


def _checked(node: _Fields) -> Layer:
    operator = _text(node["op_type"])
    if operator not in _OPERATORS:
        raise ValueError(f"it has a layer {operator[:60]!r}, which no network of this program has")
    sizes = {_text(one["name"]): _numbers(one) for one in (_only(value, _ATTRIBUTE) for value in node["attribute"])}
    if not all(0 <= number <= _LARGEST_NUMBER for numbers in sizes.values() for number in numbers):
        raise ValueError(f"a layer {operator} has a size that no network of this program has")
    inputs, outputs = (tuple(_text([name]) for name in node[end]) for end in ("input", "output"))
    return Layer(operator, inputs, outputs, sizes.get("strides", ()))


def _numbers(attribute: _Fields) -> tuple[int, ...]:
    return tuple(number for value in (*attribute["i"], *attribute["ints"]) for number in read_wholes(value))


def _tensor(data: Any) -> tuple[str, tuple[int, tuple[int, ...], bytes]]:
    """A tensor's name, and its type, shape and numbers."""
    fields = _only(data, _TENSOR)
    dims = tuple(number for value in fields["dims"] for number in read_wholes(value))
    (kind,), (numbers,) = fields["data_type"], fields["raw_data"]
    return _text(fields["name"]), (kind, dims, bytes(numbers))


def _expected(weights: bytes) -> Iterator[tuple[str, tuple[int, tuple[int, ...], bytes]]]:
    """The tensors of safetensors as those of ONNX; counters are none of them."""
    for name, (kind, shape, numbers) in read_plain(weights).items():
        if kind in _TYPES:
            yield name, (_TYPES[kind], shape, numbers)


def _text(values: list[Any]) -> str:
    (value,) = values
    return bytes(value).decode("utf-8")
