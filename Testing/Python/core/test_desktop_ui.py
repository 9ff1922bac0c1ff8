"""The .ui file of the module against the code that uses it."""

import ast
import re
import xml.etree.ElementTree as ET
from pathlib import Path

MODULE = Path(__file__).parents[3] / "BatteryCellAnalysis"
LIB = MODULE / "BatteryCellAnalysisLib"
UI = MODULE / "Resources" / "UI" / "BatteryCellAnalysis.ui"


def widgets() -> dict[str, ET.Element]:
    return {widget.attrib["name"]: widget for widget in ET.parse(UI).iter("widget")}


def test_every_widget_that_the_code_names_is_in_the_ui_file() -> None:
    sources = [MODULE / "BatteryCellAnalysis.py", *LIB.glob("*.py")]
    named = {name for path in sources for name in re.findall(r"\bui\.(\w+)", path.read_text(encoding="utf-8"))}
    assert named - {"findChildren"} <= set(widgets())


def test_every_bound_parameter_exists() -> None:
    tree = ast.parse((LIB / "Parameters.py").read_text(encoding="utf-8"))
    fields = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)}  # type: ignore[union-attr]
    bound = [p.findtext("string") for p in ET.parse(UI).iter("property") if p.get("name") == "SlicerParameterName"]
    assert bound
    assert set(bound) <= fields


def test_everything_that_can_be_pressed_has_a_tooltip() -> None:
    pressable = {"QPushButton", "QSpinBox", "QDoubleSpinBox", "QCheckBox", "QComboBox", "qMRMLNodeComboBox"}
    for name, widget in widgets().items():
        tips = [p for p in widget.findall("property") if p.get("name") == "toolTip"]
        assert tips or widget.attrib["class"] not in pressable, name


def test_every_custom_widget_is_declared() -> None:
    declared = {widget.findtext("class") for widget in ET.parse(UI).iter("customwidget")}
    used = {widget.attrib["class"] for widget in widgets().values()}
    assert {name for name in used if name.startswith(("ctk", "qMRML"))} == declared
