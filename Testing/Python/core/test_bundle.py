"""Models as folders: what is written is read back, MONAI reads it too, and nothing of a stranger's is trusted."""

from __future__ import annotations

import errno
import json
import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError, OutputError
from batterycell.segment.model import NetworkSpec, check_bundle, load_model, read_info, write_bundle
from batterycell.segment.model.contents import INFERENCE, MANIFEST, METADATA, REQUIRED, WEIGHTS, write_manifest
from made_model import INFO, SPEC, change_json, checksum, made_model, made_weights

torch = pytest.importorskip("torch", reason="torch is not installed")
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture
def model(written: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    return Path(shutil.copytree(written, tmp_path / "model"))


def refusal(folder: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load_model(folder)
    return caught.value


def test_what_a_model_says_is_read_back(written: Path) -> None:
    assert read_info(written) == INFO


def test_a_dice_that_was_not_measured_is_read_back_as_such(tmp_path: Path) -> None:
    folder = made_model(tmp_path / "model", dice={"cathode": float("nan"), "background": 0.5})
    assert np.isnan(read_info(folder).dice["cathode"])
    assert read_info(folder).dice["background"] == 0.5


def test_the_loaded_network_gives_the_same_scores(written: Path) -> None:
    from batterycell.segment.model import make_network

    network = make_network(SPEC)
    network.load_state_dict(made_weights())
    image = torch.randn(2, 1, 16, 16)
    loaded = load_model(written)
    assert torch.equal(loaded.network(image), network.eval()(image))
    assert not loaded.network.training
    assert loaded.hash == checksum(written / WEIGHTS)


@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        (NetworkSpec("3d", 1, 0, 3, (4, 8), (2,), 1), (1, 1, 8, 8, 8)),
        (NetworkSpec("2.5d", 2, 1, 3, (4, 8, 8), (2, 2), 0), (1, 6, 8, 8)),
        (NetworkSpec("2d", 1, 0, 3, (4, 8), (2,), 1, "batch", "relu"), (1, 1, 8, 8)),
    ],
)
def test_networks_of_every_dimension_come_back(tmp_path: Path, spec: NetworkSpec, shape: tuple[int, ...]) -> None:
    names = tuple(f"detector {number}" for number in range(spec.channels))
    levels = ((0.0, 1.0),) * spec.channels
    folder = made_model(tmp_path / "m", network=spec, channel_names=names, levels=levels, quantiles=())
    assert load_model(folder).network(torch.zeros(shape)).shape == (1, 3, *shape[2:])


def test_the_same_model_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    first, second = made_model(tmp_path / "a"), made_model(tmp_path / "b")
    assert (first / MANIFEST).read_bytes() == (second / MANIFEST).read_bytes()


def test_weights_may_be_arrays(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m", INFO, {name: tensor.numpy() for name, tensor in made_weights().items()})
    assert load_model(tmp_path / "m").info == INFO


def test_monai_builds_the_network_and_reads_the_weights(written: Path) -> None:
    from monai.bundle import ConfigParser
    from safetensors.torch import load_file

    parser = ConfigParser()
    parser.read_meta(str(written / METADATA))
    parser.read_config(str(written / INFERENCE))
    network = parser.get_parsed_content("network_def")
    network.load_state_dict(load_file(written / parser.get_parsed_content("weights")))
    image = torch.randn(1, 1, 16, 16)
    assert torch.equal(network.eval()(image), load_model(written).network(image))
    assert parser.get_parsed_content("inferer")(image, network).shape == (1, 3, 16, 16)


def test_monais_own_check_of_the_network_passes(written: Path) -> None:
    from monai.bundle import verify_net_in_out

    config, meta = str(written / INFERENCE), str(written / METADATA)
    verify_net_in_out("network_def", meta_file=meta, config_file=config, device="cpu", n=4)


def test_the_metadata_has_what_monais_specification_asks_for(written: Path) -> None:
    values = json.loads((written / METADATA).read_text(encoding="utf-8"))
    words = ("version", "monai_version", "pytorch_version", "numpy_version", "task", "description", "authors")
    assert all(isinstance(values[word], str) and values[word] for word in (*words, "copyright"))
    formats = {**values["network_data_format"]["inputs"], **values["network_data_format"]["outputs"]}
    assert set(formats) == {"image", "pred"}
    asked = {"type", "format", "modality", "num_channels", "spatial_shape", "dtype", "value_range", "is_patch_data"}
    for one in formats.values():
        assert asked | {"channel_def"} <= set(one)
        assert len(one["channel_def"]) == one["num_channels"]


def test_reading_what_a_model_says_loads_no_torch(written: Path) -> None:
    code = f"import sys; from batterycell.segment.model import read_info; read_info({str(written)!r})"
    code += "; print([name for name in ('torch', 'monai') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_older_model_is_replaced_only_on_demand(model: Path) -> None:
    with pytest.raises(OutputError):
        write_bundle(model, INFO, made_weights())
    write_bundle(model, replace(INFO, name="Other"), made_weights(), overwrite=True)
    assert read_info(model).name == "Other"


def test_weights_of_another_network_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="do not fit"):
        write_bundle(tmp_path / "m", INFO, made_weights(replace(SPEC, features=(4, 16))))
    assert not (tmp_path / "m").exists()


def test_weights_of_a_diverged_training_are_not_written(tmp_path: Path) -> None:
    weights = made_weights()
    next(iter(weights.values()))[0] = float("nan")
    with pytest.raises(InputError, match="not finite"):
        write_bundle(tmp_path / "m", INFO, weights)


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill_up(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill_up)
    with pytest.raises(OutputError, match="No space left"):
        write_bundle(tmp_path / "m", INFO, made_weights())
    assert list(tmp_path.iterdir()) == []


def test_a_description_that_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    for wrong in ({"name": ""}, {"version": "new"}, {"description": "$import os"}, {"levels": ((1.0, float("inf")),)}):
        with pytest.raises(InputError):
            write_bundle(tmp_path / "m", replace(INFO, **wrong), made_weights())
        assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("name", [*REQUIRED, MANIFEST])
def test_a_missing_file_is_named(model: Path, name: str) -> None:
    (model / name).unlink()
    assert name in refusal(model).message


@pytest.mark.parametrize("name", REQUIRED)
def test_an_altered_file_is_named(model: Path, name: str) -> None:
    data = bytearray((model / name).read_bytes())
    data[-2] ^= 1
    (model / name).write_bytes(bytes(data))
    error = refusal(model)
    assert error.code == "model-altered"
    assert name in error.message


@pytest.mark.parametrize("name", REQUIRED)
def test_a_file_left_out_of_the_checksums_is_named(model: Path, name: str) -> None:
    lines = (model / MANIFEST).read_text(encoding="utf-8").splitlines(keepends=True)
    (model / MANIFEST).write_text("".join(line for line in lines if not line.endswith(f"  {name}\n")))
    assert name in refusal(model).message


@pytest.mark.parametrize(
    "path",
    [
        "../evil.json",
        "/etc/passwd",
        "configs/../../x.json",
        "C:\\x.json",
        "a\\b.json",
        "x/./y.json",
        "x.py",
        "m.pt",
        "configs",
        "run",
    ],
)
def test_a_path_that_leads_out_or_is_code_is_refused(model: Path, path: str) -> None:
    with (model / MANIFEST).open("a", encoding="utf-8") as file:
        file.write(f"{'0' * 64}  {path}\n")
    assert refusal(model).code == "model-path"


@pytest.mark.parametrize("name", [WEIGHTS, "configs"])
def test_links_are_refused(model: Path, tmp_path: Path, name: str) -> None:
    shutil.move(model / name, tmp_path / "elsewhere")
    (model / name).symlink_to(tmp_path / "elsewhere")
    assert refusal(model).code == "model-link"


class Harmful:
    """What unpickling would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("code of the model was run",))


@pytest.mark.parametrize("write", ["pickle", "torch"])
def test_pickled_weights_under_another_name_are_never_run(model: Path, write: str) -> None:
    if write == "pickle":
        (model / WEIGHTS).write_bytes(pickle.dumps(Harmful()))
    else:
        torch.save({"state": Harmful()}, model / WEIGHTS)
    write_manifest(model)
    error = refusal(model)
    assert (error.code, "safetensors" in error.message) == ("model-damaged", True)


@pytest.mark.parametrize(
    "data", [b"", b"\x08", b"\xff" * 64, (10**15).to_bytes(8, "little") + b"{}", b"\x02" + 7 * b"\0" + b"[]"]
)
def test_damaged_weights_are_refused(model: Path, data: bytes) -> None:
    (model / WEIGHTS).write_bytes(data)
    write_manifest(model)
    assert refusal(model).code == "model-damaged"


def test_a_header_that_announces_more_than_the_file_holds_is_refused(model: Path) -> None:
    header = b'{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}'
    (model / WEIGHTS).write_bytes(len(header).to_bytes(8, "little") + header)
    write_manifest(model)
    assert refusal(model).code == "model-damaged"


@pytest.mark.parametrize("name", [METADATA, INFERENCE])
def test_expressions_are_refused_wherever_they_stand(model: Path, name: str) -> None:
    change_json(model, name, lambda values: values.update(deep=[{"value": "$__import__('os').system('true')"}]))
    assert refusal(model).code == "model-code"


def test_a_config_that_builds_something_else_than_a_network_is_refused(model: Path) -> None:
    change_json(model, INFERENCE, lambda values: values["network_def"].update({"_target_": "os.system"}))
    assert refusal(model).code == "model-code"


def set_in(path: str, value: Any) -> Any:
    """A change of one value of this program's block."""

    def change(values: dict[str, Any]) -> None:
        *parts, last = path.split(".")
        place = values["batterycell"]
        for part in parts:
            place = place[part]
        place[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("network.features", [10**9, 10**9]),
        ("network.features", [8] * 100),
        ("network.features", [8]),
        ("network.features", [8.5, 16]),
        ("network.features", "many"),
        ("network.strides", [2, 2]),
        ("network.strides", [0]),
        ("network.units", -1),
        ("network.units", 10**6),
        ("network.units", True),
        ("network.classes", 4),
        ("network.channels", 2),
        ("network.dimension", "4d"),
        ("network.margin", 1),
        ("classes", [{"name": "one", "color": "#000000"}]),
        ("classes", [{"name": "a", "color": "red"}] * 3),
        ("classes", [{"name": "same", "color": "#000000"}] * 3),
        ("channel_names", []),
        ("voxel_size_um", [1, 1]),
        ("voxel_size_um", [1, 1, 0]),
        ("voxel_size_um", [1, 1, "1"]),
        ("voxel_size_um", [1, 1, 10**400]),
        ("levels", [[5, 1]]),
        ("quantiles", [[1, 2, 3]]),
        ("quantiles", [[1, 2, 3, 5, 4]]),
        ("dice", {"cathode": 7}),
        ("dice", []),
        ("frames", [1]),
        ("training", "much"),
        ("training", {"device": "half a letter \ud800"}),
        ("name", "x" * 1000),
        ("name", "line\u0000"),
        ("name", "turned\u202eround"),
        ("name", None),
        ("version", "../../1"),
        ("licence", "<script>"),
        ("format", 99),
    ],
)
def test_a_description_beyond_what_a_model_can_be_is_refused(model: Path, path: str, value: Any) -> None:
    change_json(model, METADATA, set_in(path, value))
    assert refusal(model).code in ("model-damaged", "model-newer")


def test_a_large_network_that_is_only_announced_costs_no_memory(model: Path) -> None:
    """Eight levels of 2048 features in 3D would need gigabytes."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    huge = {"dimension": "3d", "features": [2048] * 8, "strides": [2] * 7, "units": 8}
    change_json(model, METADATA, lambda values: values["batterycell"]["network"].update(huge))
    assert "do not fit" in refusal(model).message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.parametrize("text", ["", "[" * 100_000, "{", '{"a": NaN}', "\xff", "[]"])
def test_metadata_that_is_no_json_object_is_refused(model: Path, text: str) -> None:
    (model / METADATA).write_bytes(text.encode("latin-1"))
    write_manifest(model)
    assert refusal(model).code in ("model-damaged", "model-foreign")


@pytest.mark.parametrize("depth", [40, 900, 50_000])
def test_values_nested_too_deep_are_refused(model: Path, depth: int) -> None:
    text = (model / METADATA).read_text(encoding="utf-8").rstrip().removesuffix("}")
    (model / METADATA).write_text(f'{text}, "deep": {"[" * depth}{"]" * depth}}}', encoding="utf-8")
    write_manifest(model)
    assert refusal(model).code == "model-damaged"


def test_a_bundle_of_another_program_is_told_as_such(model: Path) -> None:
    change_json(model, METADATA, lambda values: values.pop("batterycell"))
    assert refusal(model).code == "model-foreign"
    (model / MANIFEST).unlink()
    assert refusal(model).code == "model-foreign"


def test_checking_needs_no_weights_in_memory(written: Path) -> None:
    assert check_bundle(written) == INFO


def test_the_card_tells_classes_dice_and_limits(written: Path) -> None:
    card = (written / "docs" / "README.md").read_text(encoding="utf-8")
    for text in ("anode overhang", "0.910", "33.97", "12 to 201.5", "cell_7/frame 2", "CC-BY-4.0", "foreign"):
        assert text in card


def test_a_name_cannot_break_the_card(tmp_path: Path) -> None:
    classes = (replace(INFO.classes[0], name="a|b\nc"), *INFO.classes[1:])
    card = (made_model(tmp_path / "m", classes=classes) / "docs" / "README.md").read_text(encoding="utf-8")
    assert "| 1 | a\\|b c |" in card
