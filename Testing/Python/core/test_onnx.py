"""Models without torch: the ONNX copy says the same, and of a stranger's nothing else is trusted."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.segment import Image, needs
from batterycell.segment.apply import ApplySettings, Windows, predict_probabilities, segment_image
from batterycell.segment.apply.engine import prepared
from batterycell.segment.apply.engine.room import smaller_edge
from batterycell.segment.model import NetworkSpec, check_bundle, is_portable, load_model, write_bundle
from batterycell.segment.model.contents import PORTABLE, WEIGHTS, write_manifest
from batterycell.volume import Volume
from made_model import INFO, made_model, made_weights

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
SPEC = NetworkSpec("2d", 1, 0, 3, (4, 8, 16), (2, 2), 2, "batch", "relu")
SPECS = (
    SPEC,
    NetworkSpec("2d", 1, 0, 3, (4, 8), (2,), 0, "batch", "prelu"),
    NetworkSpec("2.5d", 1, 1, 3, (4, 8), (2,), 1, "batch", "relu"),
    NetworkSpec("3d", 1, 0, 3, (4, 8), (2,), 1, "batch", "relu"),
)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def trained_weights(spec: NetworkSpec) -> dict[str, Any]:
    """Random weights with statistics of batches that are not those at the start."""
    weights = made_weights(spec)
    for name, value in weights.items():
        if "running" in name:
            weights[name] = torch.rand_like(value) + 0.2
    return weights


def portable_model(folder: Path, spec: NetworkSpec = SPEC) -> Path:
    write_bundle(folder, replace(INFO, network=spec), trained_weights(spec), portable=True)
    return folder


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return portable_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture
def model(written: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    return Path(shutil.copytree(written, tmp_path / "model"))


def noise(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("spec", SPECS)
def test_onnxruntime_gives_the_scores_of_torch_within_rounding(tmp_path: Path, spec: NetworkSpec) -> None:
    folder = portable_model(tmp_path / "m", spec)
    own, other = load_model(folder), load_model(folder, runtime="onnx")
    assert own.hash == other.hash
    for size in (16, 24):
        batch = noise(2, spec.inputs, *[size] * (3 if spec.dimension == "3d" else 2))
        with torch.inference_mode():
            scores = own.network(torch.from_numpy(batch)).numpy()
        np.testing.assert_allclose(other.network(batch), scores, atol=1e-5 * np.abs(scores).max())


@pytest.mark.parametrize("spec", SPECS[::2])
@pytest.mark.parametrize("how", [Windows(), Windows(edge=16, overlap=6), Windows(flips=True)])
def test_whole_images_get_the_same_probabilities(tmp_path: Path, spec: NetworkSpec, how: Windows) -> None:
    folder, image = portable_model(tmp_path / "m", spec), noise(1, 3, 45, 33)
    first, second = (
        predict_probabilities(load_model(folder, runtime=runtime).network, image, spec, how=how)
        for runtime in ("torch", "onnx")
    )
    np.testing.assert_allclose(first, second, atol=1e-5)


@pytest.mark.parametrize("spec", SPECS)
def test_a_network_made_ready_to_predict_fast_says_the_same(tmp_path: Path, spec: NetworkSpec) -> None:
    model, image = load_model(portable_model(tmp_path / "m", spec)), noise(1, 3, 40, 32)
    before = predict_probabilities(model.network, image, spec)
    ready, _ = prepared(model, "cpu")
    assert not any("BatchNorm" in type(one).__name__ for one in ready.network.modules())
    np.testing.assert_allclose(predict_probabilities(ready.network, image, spec), before, atol=1e-5)
    np.testing.assert_array_equal(predict_probabilities(model.network, image, spec), before)


def test_labels_of_an_image_agree_but_where_two_classes_are_equally_likely(written: Path) -> None:
    image = Image("noise", (Volume.from_stack(noise(3, 40, 50), (1, 1, 1), "made"),))
    settings = ApplySettings(along="k", mixed_precision=False, uncertainty=True)
    own, other = (segment_image(image, load_model(written, runtime=one), settings) for one in ("torch", "onnx"))
    assert own.uncertainty is not None
    differ = own.labels.array != other.labels.array
    assert np.all(own.uncertainty.array[differ] >= 99) and differ.mean() < 0.001
    assert any("onnxruntime" in note for note in other.notes)


def test_weights_of_a_portable_model_are_stored_in_16_bits_and_torch_sees_the_same_numbers(written: Path) -> None:
    model = load_model(written)
    for name, value in model.network.state_dict().items():
        if value.is_floating_point():
            assert value.dtype == torch.float32 and torch.equal(value, value.half().float()), name
    numbers = sum(value.numel() for value in model.network.state_dict().values())
    assert (written / WEIGHTS).stat().st_size < 2 * numbers + 10_000


def test_a_variance_that_16_bits_cannot_tell_keeps_32(tmp_path: Path) -> None:
    weights = trained_weights(SPEC)
    name = next(name for name in weights if name.endswith("running_var"))
    weights[name] = torch.full_like(weights[name], 3e-7)
    write_bundle(tmp_path / "m", replace(INFO, network=SPEC), weights, portable=True)
    assert torch.equal(load_model(tmp_path / "m").network.state_dict()[name], weights[name])
    load_model(tmp_path / "m", runtime="onnx")


def test_the_same_model_is_written_as_the_same_bytes_and_onnx_finds_it_valid(written: Path, tmp_path: Path) -> None:
    again = portable_model(tmp_path / "again")
    assert (again / PORTABLE).read_bytes() == (written / PORTABLE).read_bytes()
    onnx.checker.check_model(onnx.load(str(written / PORTABLE)), full_check=True)


def test_networks_that_cannot_be_written_as_onnx_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="InstanceNorm2d"):
        write_bundle(tmp_path / "m", INFO, made_weights(), portable=True)
    assert not (tmp_path / "m").exists()


def _change(change: Callable[[Any], None]) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        model = onnx.load(str(path))
        change(model)
        path.write_bytes(model.SerializeToString())

    return apply


def _external(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = 1
    tensor.external_data.add(key="location", value="/etc/passwd")


def _loop(model: Any) -> None:
    node = model.graph.node[-1]
    node.attribute.append(onnx.helper.make_attribute("body", onnx.helper.make_graph([], "inner", [], [])))


def _other_weights(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.raw_data = bytes(len(tensor.raw_data))


def _huge(model: Any) -> None:
    node = next(node for node in model.graph.node if node.op_type == "Conv")
    next(one for one in node.attribute if one.name == "pads").ints[:] = [10**9] * 4


def _twice(model: Any) -> None:
    first = onnx.TensorProto()
    first.CopyFrom(model.graph.initializer[0])
    first.raw_data = bytes(len(first.raw_data))
    others = list(model.graph.initializer)
    del model.graph.initializer[:]
    model.graph.initializer.extend([first, *others])


def _takes_five_channels(model: Any) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 5


def _says_what_it_sees(model: Any) -> None:
    del model.graph.node[:]
    model.graph.node.append(onnx.helper.make_node("Concat", ["image"] * 7, ["scores"], axis=1))


def _doubles(model: Any) -> None:
    """An image laid beside itself again and again, of which the rest of the network sees nothing."""
    for number in range(13):
        names = [f"wide {number - 1}" if number else "image"] * 2
        model.graph.node.append(onnx.helper.make_node("Concat", names, [f"wide {number}"], axis=1))


def _enlarges(model: Any) -> None:
    up = next(node for node in model.graph.node if node.op_type == "ConvTranspose")
    larger = onnx.NodeProto()
    larger.CopyFrom(up)
    larger.input[0], larger.output[0] = model.graph.node[-1].output[0], "larger"
    model.graph.node.append(larger)


HARMFUL: dict[str, Callable[[Path], None]] = {
    "data in another file": _change(_external),
    "an inner graph": _change(_loop),
    "another operator": _change(lambda model: setattr(model.graph.node[-1], "op_type", "Loop")),
    "an operator of somebody's": _change(lambda model: setattr(model.graph.node[-1], "domain", "evil")),
    "a function": _change(lambda model: model.functions.add(name="f", domain="d")),
    "other weights": _change(_other_weights),
    "a weight twice": _change(_twice),
    "more weights": _change(lambda model: model.graph.initializer.add(name="x", data_type=1, raw_data=b"")),
    "fewer weights": _change(lambda model: model.graph.initializer.pop()),
    "a layer that fills all memory": _change(_huge),
    "an image beside itself, again and again": _change(_doubles),
    "an image larger than the one given": _change(_enlarges),
    "nothing": lambda path: path.write_bytes(b"") and None,
    "half of it": lambda path: path.write_bytes(path.read_bytes()[:-100]) and None,
    "noise": lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)) and None,
    "a field without end": lambda path: path.write_bytes(b"\x3a" + b"\xff" * 9) and None,
}


@pytest.mark.parametrize("name", HARMFUL)
def test_an_onnx_file_that_is_more_than_the_models_own_network_is_refused(model: Path, name: str) -> None:
    HARMFUL[name](model / PORTABLE)
    write_manifest(model)
    for look in (check_bundle, load_model, lambda folder: load_model(folder, runtime="onnx")):
        with pytest.raises(InputError) as caught:
            look(model)
        assert caught.value.code == "model-damaged"


def test_a_graph_of_allowed_layers_that_is_no_network_is_refused_when_it_is_loaded(model: Path) -> None:
    _change(lambda changed: setattr(changed.graph.node[-1], "op_type", "Relu"))(model / PORTABLE)
    write_manifest(model)
    with pytest.raises(InputError, match="onnxruntime cannot run it"):
        load_model(model, runtime="onnx")


@pytest.mark.parametrize("change", [_takes_five_channels, _says_what_it_sees])
def test_an_onnx_file_of_other_channels_or_classes_is_refused_when_it_is_loaded(
    model: Path, change: Callable[[Any], None]
) -> None:
    _change(change)(model / PORTABLE)
    write_manifest(model)
    with pytest.raises(InputError) as caught:
        load_model(model, runtime="onnx")
    assert caught.value.code == "model-damaged"


def test_what_is_missing_to_train_and_to_apply_are_two_things(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"onnxruntime"}
    monkeypatch.setattr(needs, "_missing", lambda names, folder: [name for name in names if name not in there])
    assert needs.missing_packages() == ["torch", "monai", "safetensors"]
    assert needs.missing_to_apply(is_portable=True) == []
    assert needs.missing_to_apply(is_portable=False) == ["torch", "monai", "safetensors"]
    assert needs.require_runtime(is_portable=True) == "onnx"
    there.clear()
    assert needs.missing_to_apply(is_portable=True) == ["onnxruntime"]
    with pytest.raises(InputError, match="onnxruntime") as caught:
        needs.require_runtime(is_portable=True)
    assert "batterycell[apply]" in caught.value.hint


def test_a_model_without_a_copy_cannot_be_run_by_onnxruntime(tmp_path: Path) -> None:
    folder = made_model(tmp_path / "m")
    assert not is_portable(folder)
    with pytest.raises(InputError, match="no ONNX copy"):
        load_model(folder, runtime="onnx")


def test_where_onnxruntime_finds_no_memory_windows_become_smaller() -> None:
    error = RuntimeError("Failed to allocate memory for requested buffer of size 9000000000")
    assert smaller_edge(256, SPEC, error) == 128


def test_what_computes_is_known_by_its_own_checksum_beside_that_of_the_weights(written: Path) -> None:
    own, other = load_model(written), load_model(written, runtime="onnx")
    assert own.hash == other.hash and own.portable_hash == ""
    copies = {hashlib.sha256(file.read_bytes()).hexdigest() for file in written.rglob("*.onnx")}
    assert copies == {other.portable_hash}


def test_a_graphics_card_needs_torch(written: Path) -> None:
    with pytest.raises(InputError, match="needs torch"):
        prepared(load_model(written, runtime="onnx"), "cuda:0")


_WITHOUT_TORCH = """
import sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
hidden = {"torch", "monai", "safetensors", "onnx"}
PathFinder.find_spec = lambda name, *rest: None if name.partition(".")[0] in hidden else find(name, *rest)
from batterycell.cli import main
for words in (["models", "list"], *(words.split() for words in sys.argv[1:])):
    code = main(words)
    assert code == 0, (words, code)
assert not hidden & set(sys.modules), hidden & set(sys.modules)
"""


def test_the_command_line_lists_and_applies_a_model_without_torch(written: Path, tmp_path: Path) -> None:
    from PIL import Image as Picture

    Picture.fromarray((128 + 40 * noise(40, 50)).clip(0, 255).astype(np.uint8)).save(tmp_path / "cell.png")
    words = f"segment {tmp_path / 'cell.png'} --voxel-size 67,33,33 --model {written} --out {tmp_path / 'out'} --quiet"
    done = subprocess.run([sys.executable, "-c", _WITHOUT_TORCH, words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "cell.seg.nrrd").is_file()
