"""Translation of what people read; outside a Slicer application the words stay as they are."""

try:
    from slicer.i18n import tr as _
except ImportError:

    def _(text: str) -> str:
        return text


__all__ = ["_"]
