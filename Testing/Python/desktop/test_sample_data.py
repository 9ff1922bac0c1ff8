"""The cells in Slicer's module Sample Data: generated, and downloaded from a server on this machine."""

import hashlib
import os
import shutil
import sys
import tempfile
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.io.samples import Sample, SampleFile
from batterycell.mrml import volume_of
from harness import Watchdog, needs, open_module, picture, plain, run_tests, wait_until

FOLDER = Path(tempfile.mkdtemp())
VOXEL = (67.94, 33.97, 33.97)
LONGEST_GAP = 0.2


def grey():
    """Some voxels."""
    return np.random.default_rng(1).integers(0, 255, (20, 40, 44), np.uint8)


def slices(folder, array):
    import tifffile

    folder.mkdir(exist_ok=True)
    for number, image in enumerate(array, 1):
        tifffile.imwrite(folder / f"im{number:03d}.tif", image)
    return folder


def test_sample_data_lists_both_cells():
    import SampleData

    sources = SampleData.SampleDataLogic.sampleDataSourcesByCategory("BatteryCell")
    names = [source.sampleName for source in sources]
    assert names[0] == "Generated cell", names
    assert "53 MB" in names[1], names
    assert len(sources[1].uris) == len(set(sources[1].checksums)) == 100
    assert all(Path(source.thumbnailFileName).is_file() for source in sources)
    slicer.util.selectModule("SampleData")
    slicer.app.processEvents()
    buttons = slicer.util.findChildren(slicer.util.mainWindow(), className="QToolButton", text=names[1])
    assert len(buttons) == 1
    area = buttons[0]
    while not area.inherits("QScrollArea"):
        area = area.parentWidget()
    area.ensureWidgetVisible(buttons[0])
    picture("sample_data")


@needs("tifffile")
def test_a_sample_is_downloaded_checked_cached_and_loaded():
    from BatteryCellAnalysisLib.SampleCells import cacheFolder, sampleEntry

    widget, array = open_module(), grey()
    sample = served(array)
    shutil.rmtree(cacheFolder() / sample.name, ignore_errors=True)
    entry = sampleEntry(sample)
    entry["customDownloader"](None)
    wait_until(lambda: not widget.panel.cell.job.isRunning)
    node = widget.panel.parameters.volume
    assert node is not None, plain(widget.ui.cellMessage)
    np.testing.assert_array_equal(volume_of(node).array, array)
    np.testing.assert_allclose(volume_of(node).voxel_size_um, VOXEL, rtol=1e-6)
    assert not plain(widget.ui.cellMessage)
    assert len(list((cacheFolder() / sample.name).iterdir())) == len(array)
    shutil.rmtree(FOLDER / "served")
    entry["customDownloader"](None)
    wait_until(lambda: not widget.panel.cell.job.isRunning)
    assert widget.panel.parameters.volume is not node, "from the cache"
    shutil.rmtree(cacheFolder() / sample.name)


@needs("tifffile")
def test_a_sample_with_a_wrong_checksum_is_not_loaded():
    from BatteryCellAnalysisLib.SampleCells import cacheFolder, sampleEntry

    widget = open_module()
    sample = served(grey())
    wrong = replace(sample, name="wrong", files=(replace(sample.files[0], sha256="0" * 64), *sample.files[1:]))
    sampleEntry(wrong)["customDownloader"](None)
    wait_until(lambda: not widget.panel.cell.job.isRunning)
    assert "SHA-256" in plain(widget.ui.cellMessage), plain(widget.ui.cellMessage)
    assert widget.panel.parameters.volume is None
    assert list((cacheFolder() / "wrong").iterdir()) == []


def served(array):
    """A sample whose files a server on this machine gives."""
    folder = slices(FOLDER / "served", array)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    files = tuple(
        SampleFile(path.name, f"{address}/{path.name}", hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.iterdir())
    )
    return Sample("served", "Served", files, VOXEL, 1)


def test_the_generated_cell_is_made_and_loaded():
    import SampleData

    widget = open_module()
    source = SampleData.SampleDataLogic.sampleDataSourcesByCategory("BatteryCell")[0]
    with Watchdog() as dog:
        source.customDownloader(source)
        wait_until(lambda: not widget.panel.cell.job.isRunning)
    assert widget.panel.parameters.volume is not None, plain(widget.ui.cellMessage)
    print(f"TOOK longest gap of the window, generated cell: {dog}")
    assert dog.worked < LONGEST_GAP
    picture("generated")


run_tests(dict(globals()))
