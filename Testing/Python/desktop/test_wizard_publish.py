"""The wizard's last step: a draft becomes a model of the library; models are searched, taken in, passed on, removed."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import slicer
from batterycell.segment.model.library import list_drafts, list_models
from batterycell.segment.model.removal import remove_folder
from harness import picture, plain, run_tests, wait_until
from wizarding import can_train, go_to, open_project, open_wizard, train_model


def open_publish():
    """The page with one draft and nothing else."""
    for model in (*list_drafts(), *list_models()):
        if model.kind != "shipped":
            remove_folder(model.folder)
    widget = open_project()
    train_model(widget)
    go_to(widget, "Publish")
    return widget


def fill_in(ui, name: str, version: str = "") -> None:
    ui.publishNameEdit.text, ui.publishVersionEdit.text = name, version
    ui.publishDescriptionEdit.setPlainText("Bright discs on dark ground.")
    ui.publishLicenceComboBox.setCurrentIndex(ui.publishLicenceComboBox.findData("CC-BY-4.0"))
    ui.publishLicenceComboBox.activated(1)
    wait_until(lambda: ui.publishButton.enabled and name in ui.cardBrowser.plainText, 5)


def rows(ui) -> list[str]:
    return [ui.modelTable.item(row, 0).text() for row in range(ui.modelTable.rowCount)]


def test_without_a_model_nothing_can_be_published():
    widget = open_wizard("Publish")
    assert not widget.ui.publishButton.enabled
    assert widget.ui.publishButton.toolTip
    picture("wizard_publish_empty")


@can_train
def test_a_draft_is_chosen_and_needs_a_licence():
    widget = open_publish()
    ui = widget.ui
    assert "1 model waits" in ui.stepStateLabel.text, ui.stepStateLabel.text
    assert widget.wizard.publish.model.kind == "draft"
    assert not ui.publishButton.enabled
    assert "licence" in ui.publishButton.toolTip


@can_train
def test_a_published_model_stands_in_the_library_and_stays_the_current_one():
    widget = open_publish()
    ui = widget.ui
    fill_in(ui, "discs")
    assert "CC-BY-4.0" in ui.cardBrowser.plainText
    picture("wizard_publish_card")
    ui.publishButton.click()
    assert "Published as discs@1.0.0" in plain(ui.publishMessage), plain(ui.publishMessage)
    assert not list_drafts()
    (model,) = [one for one in list_models() if one.kind == "own"]
    assert widget.wizard.parameters.model == str(model.folder)
    assert model.info.description == "Bright discs on dark ground."
    picture("wizard_publish")


@can_train
def test_the_same_version_again_is_replaced_only_when_asked():
    widget = open_publish()
    ui = widget.ui
    fill_in(ui, "discs")
    ui.publishButton.click()
    train_model(widget)
    go_to(widget, "Classes")
    go_to(widget, "Publish")
    widget.wizard.publish.choose(list_drafts())
    fill_in(ui, "discs", "1.0.0")
    ui.publishButton.click()
    assert "already" in plain(ui.publishMessage), plain(ui.publishMessage)
    assert list_drafts()
    ui.publishMessage.linkActivated("again")
    assert not list_drafts()
    assert "Published" in plain(ui.publishMessage)


@can_train
def test_models_are_exported_searched_removed_and_imported():
    widget = open_publish()
    ui, page = widget.ui, widget.wizard.publish
    fill_in(ui, "discs")
    ui.publishButton.click()
    path = Path(tempfile.mkdtemp()) / "discs.zip"
    page.exportModel(path)
    assert path.stat().st_size > 1000
    ui.modelSearchEdit.text = "nothing like it"
    wait_until(lambda: not rows(ui), 5)
    ui.modelSearchEdit.text = "active"
    wait_until(lambda: "discs" in rows(ui), 5)
    page.choose([one for one in list_models() if one.kind == "own"])
    ui.removeModelButton.click()
    assert [one for one in list_models() if one.kind == "own"], "one click removes nothing"
    picture("wizard_publish_remove")
    ui.publishMessage.linkActivated("again")
    assert not [one for one in list_models() if one.kind == "own"]
    page.importModel(path)
    assert "discs" in rows(ui)
    page.importModel(path)
    assert "already" in plain(ui.publishMessage), plain(ui.publishMessage)


@can_train
def test_a_draft_is_offered_on_top_at_the_next_start():
    widget = open_publish()
    ui = widget.ui
    go_to(widget, "Classes")
    widget.wizard.notices.look()
    assert "Not published yet" in plain(ui.draftNotice)
    assert ui.draftNotice.visible
    picture("wizard_draft_notice")
    ui.draftNotice.linkActivated("publish")
    assert ui.BatteryWizardPublish.visible
    assert widget.wizard.publish.model is not None
    assert not ui.draftNotice.visible


@can_train
def test_drafts_outlive_the_scene():
    widget = open_publish()
    assert widget.wizard.parameters.model
    slicer.mrmlScene.Clear()
    assert len(list_drafts()) == 1


run_tests(dict(globals()))
