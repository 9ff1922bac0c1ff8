"""Models in zip files that strangers made: nothing is unpacked but what a model holds, where it belongs."""

from __future__ import annotations

import io
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from batterycell.errors import InputError
from batterycell.segment.model import import_model, list_models, places
from batterycell.segment.model.contents import CARD, MANIFEST, METADATA, REQUIRED, WEIGHTS
from made_model import INFO, made_model

torch = pytest.importorskip("torch", reason="torch is not installed")
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty library, without models that come with the program."""
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "library"))
    monkeypatch.setattr("batterycell.segment.model.library.shipped_folders", lambda: [tmp_path / "shipped"])
    return tmp_path / "library"


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def packed(folder: Path, path: Path, top: str = "model/") -> Path:
    """The model as somebody else would zip it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files_of(folder).items():
            archive.writestr(f"{top}{name}", data)
    return path


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        import_model(path)
    assert list_models() == []
    return caught.value


@pytest.mark.parametrize("top", ["", "model/", "a/b/model/"])
def test_a_model_is_found_in_whatever_folder_of_the_zip_file_it_lies(written: Path, tmp_path: Path, top: str) -> None:
    assert import_model(packed(written, tmp_path / "m.zip", top)).info == INFO


def test_what_macos_adds_to_a_zip_file_does_not_matter(written: Path, tmp_path: Path) -> None:
    path = packed(written, tmp_path / "m.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"__MACOSX/model/._{MANIFEST}", "x")
        archive.writestr("model/.DS_Store", "x")
    assert ".DS_Store" not in files_of(import_model(path).folder)


def test_only_what_belongs_to_a_model_is_taken_in(written: Path, tmp_path: Path) -> None:
    path = packed(written, tmp_path / "m.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("model/scripts/run.py", "raise SystemExit")
        archive.writestr("model/models/model.pt", "pickle")
    assert set(files_of(import_model(path).folder)) == {*REQUIRED, MANIFEST, ".batterycell-files"}


def write_raw(path: Path, entry: str | zipfile.ZipInfo, data: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(entry, data)
    return path


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/etc/evil.txt", "model/../../evil.txt", "C:/evil.txt", "..\\..\\evil.txt"]
)
def test_a_zip_file_that_leads_out_of_its_folder_is_refused(written: Path, tmp_path: Path, name: str) -> None:
    entry = zipfile.ZipInfo("placeholder")
    entry.filename = name
    path = write_raw(packed(written, tmp_path / "m.zip"), entry)
    if "\\" in name:  # no folder on this system: never taken in, as it is no part of a model
        assert name not in files_of(import_model(path).folder)
    else:
        assert refusal(path).code == "model-harmful"
    assert not list(tmp_path.rglob("evil.txt"))


def test_a_link_in_a_zip_file_is_refused(written: Path, tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("model/docs/link.md")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    assert "link" in refusal(write_raw(packed(written, tmp_path / "m.zip"), entry, b"/etc/passwd")).message


def test_a_bomb_is_refused_before_it_is_unpacked(written: Path, tmp_path: Path) -> None:
    path = packed(written, tmp_path / "m.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/docs/bomb.txt", bytes(50_000_000))
    assert refusal(path).code == "model-harmful"


def test_a_bomb_that_lies_about_its_size_is_refused(written: Path, tmp_path: Path) -> None:
    """The card holds 50 MB of zeros, the directory says 40 bytes."""
    changed = shutil.copytree(written, tmp_path / "m")
    (changed / CARD).write_bytes(bytes(50_000_000))
    data = bytearray(packed(changed, tmp_path / "m.zip").read_bytes())
    size = struct.pack("<L", 50_000_000)
    assert data.count(size) == 2
    (tmp_path / "m.zip").write_bytes(bytes(data).replace(size, struct.pack("<L", 40)))
    assert refusal(tmp_path / "m.zip").code in ("model-harmful", "model-damaged")


def test_too_many_files_are_refused(written: Path, tmp_path: Path) -> None:
    path = packed(written, tmp_path / "m.zip")
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(1001):
            archive.writestr(f"model/docs/{number}.txt", "")
    assert refusal(path).code == "model-harmful"


def test_two_files_of_one_name_are_refused(written: Path, tmp_path: Path) -> None:
    path = packed(written, tmp_path / "m.zip")
    with pytest.warns(UserWarning, match="Duplicate"):
        write_raw(path, f"model/{METADATA}")
    assert "two files" in refusal(path).message


def test_an_encrypted_zip_file_is_refused(written: Path, tmp_path: Path) -> None:
    data = bytearray(packed(written, tmp_path / "m.zip").read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(mark, place + 4)
    (tmp_path / "m.zip").write_bytes(bytes(data))
    assert "encrypted" in refusal(tmp_path / "m.zip").message


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_refused(written: Path, tmp_path: Path, method: int) -> None:
    path = packed(written, tmp_path / "m.zip")
    with zipfile.ZipFile(path, "a", method) as archive:
        archive.writestr("model/docs/more.txt", "x")
    assert refusal(path).code == "model-harmful"


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    return data[:300] + bytes(byte ^ 0x55 for byte in data[300:340]) + data[340:]


@pytest.mark.parametrize("harm", [cut, flipped, lambda data: b"", lambda data: b"PK\x03\x04"], ids=range(4))
def test_a_damaged_zip_file_is_refused(written: Path, tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    path = packed(written, tmp_path / "m.zip")
    path.write_bytes(harm(path.read_bytes()))
    assert refusal(path).code == "model-damaged"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_zip_file_with_a_missing_file_is_refused(written: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(written, tmp_path / "m")
    (folder / name).unlink()
    assert name in refusal(packed(folder, tmp_path / "m.zip")).message


def test_a_zip_file_with_an_altered_file_is_refused(written: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(written, tmp_path / "m")
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-1] + b"x")
    error = refusal(packed(folder, tmp_path / "m.zip"))
    assert (error.code, WEIGHTS in error.message) == ("model-altered", True)


def test_zip_files_of_none_or_several_models_are_refused(written: Path, tmp_path: Path) -> None:
    assert refusal(write_raw(tmp_path / "none.zip", "a.txt")).code == "model-foreign"
    path = packed(written, tmp_path / "two.zip", "a/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"b/{MANIFEST}", "")
    assert "2 models" in refusal(path).message
    assert refusal(tmp_path / "absent.zip").code == "model-missing"


def test_weights_of_torch_are_no_model_though_they_are_a_zip_file(tmp_path: Path) -> None:

    buffer = io.BytesIO()
    torch.save({"a": torch.zeros(3)}, buffer)
    (tmp_path / "model.pt").write_bytes(buffer.getvalue())
    assert refusal(tmp_path / "model.pt").code == "model-foreign"
