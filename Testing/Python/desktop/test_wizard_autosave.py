"""What was painted is kept while one works, and found again after Slicer came to a sudden end."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.mrml.wizard.autosave import autosave_folder, left_behind
from batterycell.mrml.wizard.classes import classes_of, labels_of
from batterycell.mrml.wizard.frames import frame_nodes
from batterycell.mrml.wizard.labels import read_labels, write_codes
from batterycell.mrml.wizard.region import Region
from batterycell.output import host
from harness import Watch, picture, plain, run_tests, wait_until
from wizarding import add_image, open_project, open_wizard, settle

_OTHER = Path(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or Path(__file__).parent) / "other_slicer.py"


def keep(widget) -> Path:
    """Save now; the folder."""
    keeper = widget.wizard.notices.keeper
    keeper.save()
    keeper.wait()
    return keeper.autosave.folder


def test_a_change_is_saved_within_a_minute_without_holding_the_window():
    widget = open_project()
    keeper = widget.wizard.notices.keeper
    assert keeper.interval <= 60
    with Watch() as watch:
        folder = keep(widget)
        settle()
    first = (folder / "project.npz").stat().st_mtime_ns
    keep(widget)
    assert (folder / "project.npz").stat().st_mtime_ns == first, "nothing changed, nothing written"
    image = widget.wizard.parameters.image
    write_codes(labels_of(image), read_labels(labels_of(image)).array[:1] * 0 + 1, Region((0, 0, 0), (1, 64, 64)))
    keep(widget)
    assert (folder / "project.npz").stat().st_mtime_ns > first
    print(f"TOOK {keeper.longest:.3f} s at most for a snapshot, {watch.busiest:.3f} s of the window's own work")
    assert watch.busiest < 0.2


def test_a_large_image_is_kept_without_holding_the_window():
    widget = open_project()
    image = add_image(widget, "large", (200, 512, 512))
    widget.wizard.refresh()
    settle()
    labels, region = labels_of(image), Region((90, 0, 0), (100, 512, 512))
    write_codes(labels, (slicer.util.arrayFromVolume(image)[90:100] > 115).astype("uint8") + 1, region)
    keeper = widget.wizard.notices.keeper
    keeper.longest = 0.0
    with Watch() as watch:
        keeper.save()
        wait_until(lambda: not keeper.isWriting, 60)
    print(f"TOOK {keeper.longest:.3f} s for 52 million voxels, {watch.busiest:.3f} s of the window's own work")
    assert watch.busiest < 0.2


def test_closing_the_scene_on_purpose_leaves_nothing_behind():
    widget = open_project()
    folder = keep(widget)
    assert folder.is_dir()
    slicer.mrmlScene.Clear()
    assert not folder.exists()


def test_after_kill_9_the_project_is_offered_and_reopens():
    left_by_kill_9()
    # A project in the scene is not mixed with another.
    widget = open_project()
    ui, notices = widget.ui, widget.wizard.notices
    notices.look()
    assert "ended without saving" in plain(ui.reopenNotice), plain(ui.reopenNotice)
    picture("wizard_reopen")
    ui.reopenNotice.linkActivated("reopen")
    assert "There is a project" in plain(ui.reopenNotice), plain(ui.reopenNotice)

    widget = open_wizard()
    notices.look()
    ui.reopenNotice.linkActivated("reopen")
    settle()
    image = widget.wizard.parameters.image
    assert image is not None and image.GetName() == "micrograph", plain(ui.reopenNotice)
    assert [one.name for one in classes_of(slicer.mrmlScene)] == ["pore", "active material"]
    assert len(frame_nodes(slicer.mrmlScene)) == 4
    assert set(np.unique(read_labels(labels_of(image)).array)) == {0, 1, 2}
    assert not ui.reopenNotice.visible
    assert not left_behind(autosave_folder(), notices.keeper.autosave.folder)
    picture("wizard_reopened")


def test_what_is_discarded_is_gone():
    widget = open_project()
    folder = keep(widget)
    left = folder.with_name(f"{folder.name.split('.')[0]}x.{host()}.999999.autosave")
    shutil.copytree(folder, left)
    widget.wizard.notices.look()
    widget.ui.reopenNotice.linkActivated("discard")
    assert not left.exists()
    assert not widget.ui.reopenNotice.visible


def left_by_kill_9() -> None:
    """Another Slicer paints, keeps, and is killed."""
    root, process = autosave_folder(), start_other()
    try:
        wait_until(lambda: any(root.glob("*/project.npz")) or process.poll() is not None, 300)
        assert process.poll() is None, f"the other Slicer left with {process.returncode}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    wait_until(lambda: left_behind(root), 20)


def start_other() -> subprocess.Popen:
    """Another Slicer with a painted project of its own, which it keeps."""
    modules = [slicer.modules.batterycellanalysis.path, slicer.modules.batterysegmentationwizard.path]
    program = slicer.app.launcherExecutableFilePath or slicer.app.applicationFilePath()
    words = [
        program,
        "--testing",
        "--no-splash",
        "--additional-module-paths",
        *(str(Path(one).parent) for one in modules),
    ]
    environment = {**os.environ, "BATTERYCELL_AUTOSAVES": os.environ["BATTERYCELL_MODELS"]}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    words += ["--python-script", str(_OTHER)]
    return subprocess.Popen(words, env=environment, start_new_session=True, **quiet)


run_tests(dict(globals()))
