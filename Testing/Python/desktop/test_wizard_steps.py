"""The wizard's bar of steps: free to go back and forth, and each step says where it stands."""

import os
import sys
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import slicer
from BatterySegmentationWizardLib.Steps import STEPS
from BatterySegmentationWizardLib.Views.TrainLayout import DICE_VIEW, LOSS_VIEW
from harness import picture, run_tests
from wizarding import MODULE, go_to, open_wizard


def shown(ui) -> list[str]:
    return [name for name in STEPS if getattr(ui, f"BatteryWizard{name}").visible]


def test_every_step_opens_its_page_and_no_other():
    widget = open_wizard()
    for step in (*STEPS, *reversed(STEPS)):
        go_to(widget, step)
        assert shown(widget.ui) == [step], shown(widget.ui)
        assert getattr(widget.ui, f"{step.lower()}StepButton").checked
    picture("wizard_empty")


def test_the_open_step_is_kept_with_the_scene_and_over_another_module():
    widget = open_wizard("Train")
    slicer.util.selectModule("Data")
    slicer.util.selectModule(MODULE)
    assert shown(widget.ui) == ["Train"]
    slicer.mrmlScene.Clear()
    slicer.app.processEvents()
    assert shown(widget.ui) == ["Classes"], shown(widget.ui)


def test_the_curves_have_views_of_their_own_beside_the_layouts_of_the_other_module():
    widget = open_wizard("Train")
    widget.ui.curvesButton.click()
    layout = slicer.app.layoutManager()
    plots = [layout.plotWidget(index).mrmlPlotViewNode().GetSingletonTag() for index in range(layout.plotViewCount)]
    assert {LOSS_VIEW, DICE_VIEW} <= set(plots), plots


run_tests(dict(globals()))
