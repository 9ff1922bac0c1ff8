"""What the desktop tests of the section Mark share: a cell to mark in, and a mouse."""

import tempfile
from pathlib import Path

import qt
import slicer
import vtk
from harness import cell_file, load, open_module

FOLDER = Path(tempfile.mkdtemp())


def open_cell():
    """The module, its widgets and the volume of a generated cell; all sections but Mark are closed."""
    widget = open_module()
    ui = widget.ui
    load(widget, cell_file(FOLDER))
    for name, button in vars(ui).items():
        if name.endswith("CollapsibleButton"):
            button.collapsed = name != "markCollapsibleButton"
    ui.markClassComboBox.setCurrentIndex(0)
    ui.markSeverityComboBox.setCurrentIndex(0)
    ui.markNoteEdit.text = ""
    slicer.app.processEvents()
    return widget, ui, widget.panel.parameters.volume


def settle(seconds=0.15):
    timer = qt.QElapsedTimer()
    timer.start()
    while timer.elapsed() < 1000 * seconds:
        slicer.app.processEvents()


def slice_widget(name="Red"):
    return slicer.app.layoutManager().sliceWidget(name)


def middle(widget):
    style = widget.interactorStyle()
    width, height = style.GetInteractor().GetRenderWindow().GetSize()
    return width // 2, height // 2


def click(widget, at, modifiers=("Control",), to=None):
    slicer.util.clickAndDrag(widget, start=at, end=to or at, steps=1 if to is None else 8, modifiers=list(modifiers))
    settle()


def ctrl_click(name="Red", dx=0, dy=0):
    x, y = middle(slice_widget(name))
    click(slice_widget(name), (x + dx, y + dy))


def choose(combo, text):
    combo.setCurrentIndex(combo.findText(text))
    combo.activated(combo.currentIndex)


def cell_text(ui, row, column):
    return ui.defectTable.item(row, column).text()


def hover(widget, at):
    interactor = widget.interactorStyle().GetInteractor()
    for step in (8, 4, 0):
        interactor.SetEventPosition(at[0] + step, at[1])
        interactor.MouseMoveEvent()
        settle(0.05)


def still_click(widget):
    interactor = widget.interactorStyle().GetInteractor()
    interactor.LeftButtonPressEvent()
    interactor.LeftButtonReleaseEvent()
    settle()


def edit_cell(ui, row, column, text):
    table = ui.defectTable
    table.setCurrentCell(row, column)
    if column == 5:
        table.item(row, column).setText(text)
        settle()
        return
    table.editItem(table.item(row, column))
    slicer.app.processEvents()
    editor = table.findChildren(qt.QComboBox)[-1]
    editor.setCurrentIndex(editor.findText(text))
    delegate = table.itemDelegateForColumn(column)
    delegate.commitData(editor)
    delegate.closeEditor(editor)
    settle()


def ijk_to_ras(volume):
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return matrix
