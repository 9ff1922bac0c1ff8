"""Loading: every kind of file through the section Cell, previews, raw files; the window never waits."""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
import vtk
from batterycell.clip import Box
from batterycell.mrml import volume_of
from batterycell.mrml.cut_roi import add_roi, put_box
from batterycell.mrml.files import write_volume
from batterycell.mrml.loaded import preview_step_of
from batterycell.mrml.mapped import voxels_of
from batterycell.volume import Volume
from harness import Watchdog, cell_file, load, needs, open_module, picture, plain, run_tests, wait_until

FOLDER = Path(tempfile.mkdtemp())
SHAPE = (100, 728, 728)
VOXEL = (67.94, 33.97, 33.97)
LONGEST_GAP = 0.2


def grey(dtype="uint8", shape=(40, 60, 64)):
    """Something like a can in air, with a mark in the first voxels."""
    k, j, i = np.indices(shape)
    radius = np.hypot(j - shape[1] / 2, i - shape[2] / 2)
    array = np.where(abs(radius - 22) < 2, 200, 20) + (k + j + i) % 7
    array[0, 0, :3] = 90, 91, 92
    return array.astype(dtype)


def slices(folder, array):
    import tifffile

    folder.mkdir(exist_ok=True)
    for number, image in enumerate(array, 1):
        tifffile.imwrite(folder / f"im{number:03d}.tif", image)
    return folder


def stack(folder, array):
    import tifffile

    path = folder / "stack.tif"
    tifffile.imwrite(path, array, imagej=True, resolution=(50, 50), metadata={"unit": "mm", "spacing": 0.04})
    return path


def medical(name):
    def write(folder, array):
        write_volume(Volume.from_stack(array, (40.0, 20.0, 20.0), "", "x"), folder / name)
        return folder / name

    return write


def dicom(folder, array):
    import pydicom
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    folder = folder / "dicom"
    folder.mkdir(exist_ok=True)
    series = generate_uid()
    for number, image in enumerate(array):
        data = pydicom.Dataset()
        data.file_meta = pydicom.dataset.FileMetaDataset()
        data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = pydicom.uid.CTImageStorage
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = generate_uid()
        data.SeriesInstanceUID = series
        data.Rows, data.Columns = image.shape
        data.PixelSpacing, data.ImageOrientationPatient = [0.02, 0.02], [1, 0, 0, 0, 1, 0]
        data.ImagePositionPatient = [0, 0, number * 0.04]
        data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
        data.BitsAllocated = data.BitsStored = 16
        data.HighBit = 15
        data.PixelData = image.astype("<u2").tobytes()
        data.save_as(folder / f"{number:03d}.dcm", enforce_file_format=True)
    return folder


def type_voxel_size(ui, step=1):
    """Type the voxel size, times step, and set it."""
    for box, size in zip((ui.voxelSizeZ, ui.voxelSizeY, ui.voxelSizeX), VOXEL, strict=True):
        box.value = step * size
    ui.setVoxelSizeButton.click()


KINDS = {
    "multi-page TIFF": stack,
    "NRRD": medical("cell.nrrd"),
    "NIfTI": medical("cell.nii.gz"),
    "MHA": medical("cell.mha"),
    "DICOM folder": dicom,
}


@needs("pydicom")
@needs("tifffile")
def test_every_kind_of_file_is_loaded_with_its_voxel_size():
    widget, array = open_module(), grey()
    for kind, write in KINDS.items():
        node = load(widget, write(FOLDER, array))
        assert node is not None, f"{kind}: {plain(widget.ui.cellMessage)}"
        np.testing.assert_array_equal(volume_of(node).array, array, kind)
        np.testing.assert_allclose(volume_of(node).voxel_size_um, (40, 20, 20), rtol=1e-5, err_msg=kind)
        assert widget.ui.volumeSelector.currentNode() is node
        assert abs(widget.ui.voxelSizeZ.value - 40) < 1e-3, kind
        widget.panel.parameters.volume = None


@needs("tifffile")
def test_a_folder_of_slices_is_loaded_and_asks_for_its_voxel_size():
    widget, array = open_module(), grey()
    ui = widget.ui
    node = load(widget, slices(FOLDER / "slices", array))
    assert "does not state it" in plain(ui.cellMessage), plain(ui.cellMessage)
    assert not ui.measureButton.enabled
    type_voxel_size(ui)
    np.testing.assert_allclose(volume_of(node).voxel_size_um, VOXEL, rtol=1e-6)
    assert volume_of(node).voxel_size_source == "typed in Slicer"
    assert ui.measureButton.enabled


@needs("tifffile")
def test_loading_shows_four_views_with_a_window_that_metal_does_not_upset():
    widget = open_module()
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    array = grey("uint16", (40, 60, 64)) * 100
    array[5, 5, 5] = 65535  # one glaring voxel
    node = load(widget, stack(FOLDER, array))
    assert slicer.app.layoutManager().layout == slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
    for view in ("Red", "Yellow", "Green"):
        layers = slicer.app.layoutManager().sliceWidget(view).mrmlSliceCompositeNode()
        assert layers.GetBackgroundVolumeID() == node.GetID(), view
    assert node.GetDisplayNode().GetWindowLevelMax() < 25000
    assert not node.GetDisplayNode().GetAutoWindowLevel()
    picture("loaded")


def test_a_double_click_maximises_a_view_and_another_restores_it():
    widget = open_module()
    load(widget, cell_file(FOLDER))
    view = slicer.app.layoutManager().sliceWidget("Red").sliceView()
    whole = view.width
    double_click(view)
    assert view.width > 1.5 * whole, (whole, view.width)
    picture("maximised")
    double_click(view)
    assert abs(view.width - whole) < 5, (whole, view.width)


def double_click(view):
    """A double click as the mouse makes it."""
    interactor = view.interactor()
    interactor.SetEventInformation(view.width // 2, view.height // 2, 0, 0, chr(0), 1, None)
    for event in ("MouseMoveEvent", "LeftButtonPressEvent", "LeftButtonReleaseEvent", "LeftButtonDoubleClickEvent"):
        interactor.InvokeEvent(event)
    interactor.InvokeEvent("LeftButtonReleaseEvent")
    slicer.app.processEvents()
    time.sleep(0.3)
    slicer.app.processEvents()


@needs("tifffile")
def test_the_window_never_waits_for_loading_nor_for_jobs():
    widget = open_module()
    array = np.random.default_rng(1).integers(0, 60000, SHAPE, np.uint16)
    folder = slices(FOLDER / "large", array)
    load(widget, stack(FOLDER, grey()))  # views and libraries are there from here on
    with Watchdog() as loading:
        node = load(widget, folder)
    assert node.GetImageData().GetDimensions() == SHAPE[::-1]
    type_voxel_size(widget.ui)
    mapped = voxels_of(node)
    assert widget.ui.measureButton.enabled
    with Watchdog() as measuring:
        widget.ui.measureButton.click()
        wait_until(lambda: not widget.panel.overhang.job.isRunning, 120)  # there is no cell in it
    assert voxels_of(node) == mapped, "the worker took the voxels from where they were loaded"
    size = array.nbytes / 1e6
    print(f"TOOK longest gap of the window, {size:.0f} MB: loading {loading}, job {measuring}")
    assert loading.worked < LONGEST_GAP
    assert measuring.worked < LONGEST_GAP


def test_a_volume_that_was_not_loaded_here_is_handed_over_without_waiting():
    widget = open_module()
    array = np.random.default_rng(1).integers(0, 60000, SHAPE, np.uint16)
    node = slicer.util.addVolumeFromArray(array)
    node.SetSpacing(0.03, 0.03, 0.03)
    widget.ui.volumeSelector.setCurrentNode(node)
    slicer.app.processEvents()
    with Watchdog() as dog:
        widget.ui.measureButton.click()
        wait_until(lambda: not widget.panel.overhang.job.isRunning, 60)
    assert "cell" in plain(widget.ui.overhangMessage).lower(), plain(widget.ui.overhangMessage)
    print(f"TOOK longest gap of the window, volume of another loader: {dog}")
    assert dog.worked < LONGEST_GAP


@needs("tifffile")
def test_files_of_a_volume_go_with_it():
    widget = open_module()
    node = load(widget, stack(FOLDER, grey()))
    folder = voxels_of(node).parents[1]
    assert folder.exists()
    slicer.mrmlScene.RemoveNode(node)
    node = None
    wait_until(lambda: not folder.exists(), 10)


@needs("tifffile")
def test_loading_can_be_cancelled_and_closing_the_scene_ends_it():
    widget = open_module()
    ui = widget.ui
    folder = slices(FOLDER / "many", np.tile(grey("uint16", (40, 200, 200)), (20, 1, 1)))
    widget.panel.cell.load(folder)
    assert ui.cellProgressRow.visible
    assert not ui.loadFileButton.enabled
    assert "Wait" in ui.loadFileButton.toolTip
    wait_until(lambda: ui.cellProgressBar.value > 0, 60)
    picture("loading")
    ui.cellCancelButton.click()
    wait_until(lambda: not widget.panel.cell.job.isRunning, 30)
    assert "Cancelled" in plain(ui.cellMessage)
    assert not widget.panel.cell.job.folder.exists()
    widget.panel.cell.load(folder)
    slicer.mrmlScene.Clear()
    wait_until(lambda: not widget.panel.cell.job.isRunning, 10)
    assert widget.panel.parameters.volume is None
    assert ui.loadFileButton.enabled


@needs("tifffile")
def test_of_a_large_volume_a_preview_is_offered_first():
    widget, array = open_module(), grey("uint16", (41, 60, 64))
    ui, loads = widget.ui, widget.panel.cell.loads
    assert not ui.previewRow.visible
    loads.limit = array.nbytes // 2
    try:
        load(widget, stack(FOLDER, array))
    finally:
        loads.limit = None
    assert "41 × 60 × 64" in plain(ui.cellMessage), plain(ui.cellMessage)
    assert ui.previewRow.visible
    assert ui.loadPreviewButton.text == "Load preview (1:2, 0.0 MB of 0.3 MB)", ui.loadPreviewButton.text
    assert ui.loadWholeButton.text == "Load whole (0.3 MB)"
    picture("preview_offered")
    ui.loadPreviewButton.click()
    wait_until(lambda: not widget.panel.cell.job.isRunning)
    node = widget.panel.parameters.volume
    assert node.GetName() == "stack preview 1:2"
    assert preview_step_of(node) == 2
    np.testing.assert_allclose(volume_of(node).voxel_size_um, (80, 40, 40), rtol=1e-5)
    assert "preview" in volume_of(node).voxel_size_source
    assert not ui.loadPreviewButton.visible
    picture("preview")
    ui.loadWholeButton.click()
    wait_until(lambda: not widget.panel.cell.job.isRunning)
    whole = widget.panel.parameters.volume
    np.testing.assert_array_equal(volume_of(whole).array, array)
    assert not ui.previewRow.visible


def store(folder, array):
    """An OME-Zarr store of two levels, as the command line converts one."""
    from batterycell.io.convert import ConvertSettings, convert

    settings = ConvertSettings(levels=2, chunk=(16, 32, 32))
    convert(medical("zarred.nrrd")(folder, array), folder / "cell.ome.zarr", settings, overwrite=True)
    return folder / "cell.ome.zarr"


@needs("zarr")
def test_a_store_opens_by_a_coarse_level_and_gives_a_region_at_full_resolution():
    widget, array = open_module(), grey("uint16", (40, 60, 64))
    ui, loads = widget.ui, widget.panel.cell.loads
    loads.limit = array.nbytes // 2
    try:
        load(widget, store(FOLDER, array))
    finally:
        loads.limit = None
    assert ui.loadPreviewButton.text.startswith("Load preview (1:2"), ui.loadPreviewButton.text
    ui.loadPreviewButton.click()
    wait_until(lambda: not widget.panel.cell.job.isRunning)
    preview = widget.panel.parameters.volume
    assert ui.loadRegionButton.visible and not ui.loadRegionButton.enabled
    assert "Cut the cell open" in ui.loadRegionButton.toolTip, ui.loadRegionButton.toolTip
    whole = volume_of(preview)
    box = Box(whole.to_ras((15.5, 14.5, 9.5)), np.eye(3), np.array((0.4, 0.6, 0.8)))
    put_box(add_roi(preview), box)
    widget.panel.refresh()
    assert ui.loadRegionButton.enabled, ui.loadRegionButton.toolTip
    picture("store_preview")
    ui.loadRegionButton.click()
    wait_until(lambda: not widget.panel.cell.job.isRunning)
    region = widget.panel.parameters.volume
    assert region.GetName() == "cell region", plain(ui.cellMessage)
    np.testing.assert_array_equal(volume_of(region).array, array[10:30, 15:45, 22:42])
    np.testing.assert_allclose(volume_of(region).voxel_size_um, (40, 20, 20), rtol=1e-5)
    np.testing.assert_allclose(volume_of(region).to_ras((0, 0, 0)), whole.to_ras((10.75, 7.25, 4.75)), atol=1e-9)
    assert not ui.previewRow.visible
    picture("store_region")


@needs("tifffile")
def test_a_voxel_size_typed_for_a_preview_holds_for_the_whole():
    widget, array = open_module(), grey("uint8", (40, 60, 64))
    ui, loads = widget.ui, widget.panel.cell.loads
    loads.limit = array.nbytes // 2
    try:
        load(widget, slices(FOLDER / "slices", array))
        ui.loadPreviewButton.click()
        wait_until(lambda: not widget.panel.cell.job.isRunning)
    finally:
        loads.limit = None
    assert "does not state it" in plain(ui.cellMessage), plain(ui.cellMessage)
    type_voxel_size(ui, 2)
    assert volume_of(widget.panel.parameters.volume).voxel_size_source.startswith("typed in Slicer; preview")
    ui.loadWholeButton.click()
    wait_until(lambda: not widget.panel.cell.job.isRunning)
    np.testing.assert_allclose(volume_of(widget.panel.parameters.volume).voxel_size_um, VOXEL, rtol=1e-6)


def test_a_raw_file_is_described_in_the_panel():
    widget, array = open_module(), grey("uint16", (40, 60, 64))
    ui = widget.ui
    path = FOLDER / "cell_64x60x40_16bit.raw"
    path.write_bytes(b"headr" + array.tobytes())
    load(widget, path)
    assert ui.rawRows.visible
    assert "how its voxels lie" in plain(ui.cellMessage), plain(ui.cellMessage)
    assert (ui.rawSlices.value, ui.rawLines.value, ui.rawColumns.value, ui.rawOffset.value) == (40, 60, 64, 5)
    assert ui.rawTypeComboBox.currentText == "uint16"
    ui.rawSlices.value = 41
    assert not ui.loadRawButton.enabled
    assert "307,205" in ui.loadRawButton.toolTip, ui.loadRawButton.toolTip
    ui.rawSlices.value = 40
    picture("raw")
    ui.loadRawButton.click()
    wait_until(lambda: not widget.panel.cell.job.isRunning)
    np.testing.assert_array_equal(volume_of(widget.panel.parameters.volume).array, array)
    assert not ui.rawRows.visible


@needs("tifffile")
def test_colours_vectors_and_sheared_axes_are_refused_in_one_line():
    widget = open_module()
    ui = widget.ui
    vectors = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "rgb")
    slicer.util.updateVolumeFromArray(vectors, np.zeros((20, 20, 20, 3), np.uint8))
    assert ui.volumeSelector.nodeCount() == 0, "vectors cannot be chosen"
    colours = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "colours")
    image = vtk.vtkImageData()
    image.DeepCopy(vectors.GetImageData())
    colours.SetAndObserveImageData(image)
    sheared = slicer.util.addVolumeFromArray(grey(), name="sheared")
    sheared.SetSpacing(0.03, 0.03, 0.03)
    sheared.SetIJKToRASDirections(1, 0.3, 0, 0, 0.95, 0, 0, 0, 1)
    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    for node, word in ((colours, "3 values a voxel"), (sheared, "right angles"), (empty, "no image")):
        ui.volumeSelector.setCurrentNode(node)
        slicer.app.processEvents()
        assert word in plain(ui.cellMessage), (word, plain(ui.cellMessage))
        assert not ui.measureButton.enabled, word
        assert not ui.setUprightButton.enabled, word
    picture("refused")
    ui.volumeSelector.setCurrentNode(load(widget, stack(FOLDER, grey())))
    assert ui.measureButton.enabled


run_tests(dict(globals()))
