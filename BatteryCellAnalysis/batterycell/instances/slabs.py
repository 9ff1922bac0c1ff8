"""Label volumes read a slab at a time: see `batterycell.slabs`."""

from batterycell.slabs import Slab, SlabSource

__all__ = ["Slab", "SlabSource"]
