"""The library of models: what people do with it, and what strangers may try."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from batterycell.cli import main
from batterycell.errors import InputError, OutputError, UsageError
from batterycell.segment import model as models
from batterycell.segment.model import Publication, find_model, import_model, list_drafts, list_models, places
from batterycell.segment.model.contents import CARD, METADATA
from batterycell.segment.model.removal import remove_folder
from made_model import INFO, made_model

torch = pytest.importorskip("torch", reason="torch is not installed")
torch.set_num_threads(1)
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "other"
    return made_model(folder, name="Cathode SEM", description="Pores and particles.", seed=1, version="2.1.0")


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty library, without models that come with the program."""
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "library"))
    monkeypatch.setattr("batterycell.segment.model.library.shipped_folders", lambda: [tmp_path / "shipped"])
    return tmp_path / "library"


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        import_model(path)
    assert list_models() == []
    return caught.value


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_library_lists_nothing() -> None:
    assert (list_models(), list_drafts(), models.list_broken()) == ([], [], [])


def test_an_imported_model_is_listed_found_and_loaded(written: Path) -> None:
    imported = import_model(written)
    assert [model.info for model in list_models()] == [INFO]
    for name in ("Cell top", "cell TOP", "Cell top@1.0.0", imported.folder):
        assert find_model(name) == imported
    assert models.load_model(imported.folder).hash == imported.hash


def test_a_model_that_went_out_and_in_again_is_the_same(written: Path, tmp_path: Path) -> None:
    file = models.export_model(import_model(written), tmp_path)
    assert file == tmp_path / "Cell-top-1.0.0.zip"
    models.remove_model("Cell top")
    assert list_models() == []
    imported = import_model(file)
    assert {name: data for name, data in files_of(imported.folder).items() if not name.startswith(".")} == {
        name: data for name, data in files_of(written).items() if not name.startswith(".")
    }


def test_the_same_model_is_packed_as_the_same_bytes(written: Path, tmp_path: Path) -> None:
    first = models.export_model(find_model(written), tmp_path / "a.zip")
    copy = shutil.copytree(written, tmp_path / "copy")
    (copy / CARD).touch()
    assert first.read_bytes() == models.export_model(find_model(copy), tmp_path / "b").read_bytes()


def test_a_file_is_replaced_only_on_demand(written: Path, tmp_path: Path) -> None:
    models.export_model(find_model(written), tmp_path / "a.zip")
    with pytest.raises(OutputError):
        models.export_model(find_model(written), tmp_path / "a.zip")
    models.export_model(find_model(written), tmp_path / "a.zip", overwrite=True)


def test_a_folder_around_the_model_does_not_matter(written: Path, tmp_path: Path) -> None:
    shutil.copytree(written, tmp_path / "unpacked" / "model")
    assert import_model(tmp_path / "unpacked").info == INFO


def test_a_name_that_is_taken_is_replaced_or_changed(written: Path) -> None:
    import_model(written)
    with pytest.raises(OutputError, match="already"):
        import_model(written)
    import_model(written, overwrite=True)
    renamed = import_model(written, name="My cell top")
    assert [model.info.name for model in list_models()] == ["Cell top", "My cell top"]
    assert models.check_bundle(renamed.folder) == replace(INFO, name="My cell top")
    assert "My cell top" in (renamed.folder / CARD).read_text(encoding="utf-8")


@pytest.mark.parametrize("names", [("电池", "正极"), ("Cell-top", "Cell top"), ("Zelle ä", "Zelle ae"), ("...", "con")])
def test_names_that_file_systems_cannot_tell_apart_do_not_meet(written: Path, names: tuple[str, str]) -> None:
    for name in names:
        import_model(written, name=name)
    assert sorted(model.info.name for model in list_models()) == sorted(names)


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "a/../../b", "x\0y", "x" * 101, "a\nb"])
def test_a_name_never_leads_out_of_the_library(written: Path, library: Path, name: str) -> None:
    try:
        assert import_model(written, name=name).folder.parent == library
    except InputError as error:
        assert error.code == "model-damaged"
    assert {path.name for path in library.parent.iterdir()} <= {"library"}


def test_what_is_no_model_is_refused_and_leaves_nothing(tmp_path: Path, library: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path / "folder").code == "model-foreign"
    assert not library.exists()


def test_a_damaged_model_does_not_hide_the_others(written: Path, other: Path) -> None:
    import_model(other)
    (import_model(written).folder / METADATA).unlink()
    broken = import_model(written, name="Altered").folder
    (broken / METADATA).write_text("{}", encoding="utf-8")
    assert [model.info.name for model in list_models()] == ["Cathode SEM"]
    assert [one.folder for one in models.list_broken()] == [broken]


def test_search_asks_for_every_word(written: Path, other: Path) -> None:
    import_model(written)
    import_model(other)
    names = {words: [model.info.name for model in models.search_models(words)] for words in ("", "PORES", "cell 21700")}
    assert names == {"": ["Cathode SEM", "Cell top"], "PORES": ["Cathode SEM"], "cell 21700": ["Cell top"]}
    assert models.search_models("overhang nonsense") == []


def test_the_newest_version_of_a_name_is_found_first(written: Path, tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0", "1.10.0-rc1", "1.2"):
        import_model(made_model(tmp_path / version, version=version))
    assert find_model("Cell top").info.version == "1.10.0"
    assert find_model("Cell top@1.2").info.version == "1.2"
    assert [model.info.version for model in list_models()] == ["1.10.0", "1.10.0-rc1", "1.9.0", "1.2"]


def test_an_unknown_name_says_which_one_is_near(written: Path) -> None:
    import_model(written)
    with pytest.raises(InputError, match="Did you mean Cell top") as caught:
        find_model("Cell tpo")
    assert caught.value.code == "model-unknown"


def test_shipped_models_are_listed_and_stay(written: Path, tmp_path: Path) -> None:
    shutil.copytree(written, tmp_path / "shipped" / "cell")
    assert [model.kind for model in list_models()] == ["shipped"]
    with pytest.raises(InputError, match="not a model of your library"):
        models.remove_model("Cell top")
    import_model(written)
    assert [model.kind for model in list_models()] == ["own"]


def test_a_folder_elsewhere_is_used_but_never_removed(written: Path) -> None:
    assert find_model(written).kind == "elsewhere"
    with pytest.raises(InputError):
        models.remove_model(written)
    assert written.exists()


def test_removing_clears_what_a_stopped_removal_left(written: Path, library: Path) -> None:
    folder = import_model(written).folder
    (library / ".removed-before").mkdir()
    remove_folder(folder)
    assert list(library.iterdir()) == []


def test_a_draft_is_kept_once_and_published(written: Path, other: Path) -> None:
    draft = models.keep_draft(written)
    assert models.keep_draft(written) == draft
    models.keep_draft(other)
    assert (len(list_drafts()), list_models()) == (2, [])
    said = Publication("Cell top 21700", "Made for tops.", "MIT")
    published = models.publish(find_model("Cell top"), said)
    assert published.info == replace(INFO, name="Cell top 21700", description="Made for tops.", licence="MIT")
    assert [draft.info.name for draft in list_drafts()] == ["Cathode SEM"]
    assert "MIT" in (published.folder / "LICENSE").read_text(encoding="utf-8")
    assert published.hash == draft.hash


def test_publishing_again_counts_the_version_up(written: Path) -> None:
    draft = find_model(written)
    versions = [models.publish(draft, Publication()).info.version for _ in range(3)]
    assert versions == ["1.0.0", "1.1.0", "1.2.0"]
    with pytest.raises(OutputError):
        models.publish(draft, Publication(version="1.1.0"))
    assert written.exists()


def test_nothing_is_published_without_a_licence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="licence"):
        models.publish(models.keep_draft(made_model(tmp_path / "m", licence="")), Publication())
    assert len(list_drafts()) == 1


def test_the_library_loads_no_torch(written: Path, library: Path) -> None:
    """The desktop shows, publishes and exports models; networks run in a process of their own."""
    code = f"""
import sys
from batterycell.segment.model import *
draft = keep_draft(__import__("pathlib").Path({str(written)!r}))
model = publish(draft, Publication("Published"))
export_model(model, model.folder.parent)
remove_model("Published")
print([name for name in ("torch", "monai", "safetensors") if name in sys.modules])"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_models_are_published_where_networks_cannot_run(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(package: str) -> str:
        raise PackageNotFoundError(package)

    monkeypatch.setattr("batterycell.segment.model.description.version", missing)
    assert models.publish(find_model(written), Publication("Other")).info.name == "Other"


def test_a_second_draft_of_a_name_does_not_replace_the_first(tmp_path: Path) -> None:
    for seed in range(3):
        models.keep_draft(made_model(tmp_path / str(seed), seed=seed))
    assert len({draft.hash for draft in list_drafts()}) == 3


@pytest.mark.parametrize("system", ["win32", "darwin", "linux"])
def test_every_system_has_a_folder_for_models(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.delenv(places.VARIABLE)
    monkeypatch.setattr(places.sys, "platform", system)
    assert places.library_folder().parts[-2:] == ("BatteryCell", "Models")
    assert places.library_folder().is_absolute()


def said(capsys: Capture, *words: str) -> dict[str, object]:
    assert main(["models", *words, "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_the_command_line_goes_once_around(written: Path, tmp_path: Path, capsys: Capture) -> None:
    assert said(capsys, "import", str(written))["name"] == "Cell top"
    shown = said(capsys, "show", "cell top")
    assert (shown["classes"], shown["licence"]) == (["background", "cathode", "anode overhang"], "CC-BY-4.0")
    assert main(["models", "show", "cell top"]) == 0
    told = capsys.readouterr().out
    assert (written / "docs" / "README.md").read_text(encoding="utf-8") in told and str(shown["sha256"]) in told
    file = said(capsys, "export", "Cell top", "--out", str(tmp_path / "m.zip"))["file"]
    assert said(capsys, "publish", "Cell top", "--name", "Mine", "--licence", "MIT")["version"] == "1.0.0"
    assert said(capsys, "remove", "Cell top@1.0.0") == {"removed": "Cell top@1.0.0"}
    assert said(capsys, "import", str(file), "--name", "Back")["kind"] == "own"
    assert main(["models", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["Back@1.0.0", "Mine@1.0.0"]


def test_the_command_line_refuses_in_one_line(written: Path, capsys: Capture) -> None:
    assert main(["models", "show", "nothing"]) == 3
    assert main(["models", "publish", str(written), "--version", "new"]) == 3
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert "no model nothing" in errors[0]


def test_an_import_that_is_stopped_leaves_nothing(
    written: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*paths: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("batterycell.segment.model.exchange.copy_files", stop)
    with pytest.raises(KeyboardInterrupt):
        import_model(written)
    assert not library.exists() or list(library.iterdir()) == []
