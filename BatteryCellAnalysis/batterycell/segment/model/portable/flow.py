"""How much memory the layers of an ONNX file ask for: a few nodes can double an image as often as they like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

# Twice the widest level that a model may describe: what a level hands up is laid beside what comes from below.
_MOST_CHANNELS = 2 * 2048


@dataclass(frozen=True)
class Layer:
    """A node of an ONNX graph.

    Args:
        operator: What it does.
        inputs: Names of what it takes.
        outputs: Names of what it gives.
        strides: Its steps along each axis; none where it has none.
    """

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    strides: tuple[int, ...] = ()


@dataclass
class _Flow:
    weights: dict[str, tuple[int, ...]]
    sizes: dict[str, tuple[int, Fraction]] = field(default_factory=dict)

    def give(self, layer: Layer) -> None:
        """Follow a layer: channels, and pixels of an edge beside the image's."""
        if layer.operator == "Cast":
            self.weights |= {name: self.weights.get(layer.inputs[0], ()) for name in layer.outputs}
            return
        channels, edge = self._size(layer)
        if channels > _MOST_CHANNELS or edge > 1:
            raise ValueError(f"its layer {layer.operator} yields more than any network of this program")
        self.sizes |= dict.fromkeys(layer.outputs, (channels, edge))

    def _size(self, layer: Layer) -> tuple[int, Fraction]:
        # What no layer gave is the image, whose channels are few.
        given = [self.sizes.get(name, (1, Fraction(1))) for name in layer.inputs if name not in self.weights]
        channels, edge = max(one for one, _ in given), max(one for _, one in given)
        shape = next((self.weights[name] for name in layer.inputs if len(self.weights.get(name, ())) > 2), ())
        steps = layer.strides or (1,)
        if layer.operator == "Conv":
            return shape[0], edge / max(1, min(steps))
        if layer.operator == "ConvTranspose":
            return shape[1], edge * max(steps)
        return (sum(one for one, _ in given) if layer.operator == "Concat" else channels), edge


def check_flow(layers: Iterable[Layer], weights: dict[str, tuple[int, ...]]) -> None:
    """Check that nothing in a graph grows beyond what a U-Net of this program holds.

    Args:
        layers: In the order in which they are computed.
        weights: The shapes of its weights by name.

    Raises:
        ValueError: if something does, or if a layer lacks its weights.
    """
    flow = _Flow(dict(weights))
    for layer in layers:
        try:
            flow.give(layer)
        except (IndexError, StopIteration) as error:
            raise ValueError(f"its layer {layer.operator} lacks what it works on") from error
