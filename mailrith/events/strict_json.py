"""JSON from strangers, as `core.strict_json` reads it."""

from mailrith.core.strict_json import MAX_DEPTH, Unreadable, is_storable, read

__all__ = ["MAX_DEPTH", "Unreadable", "is_storable", "read"]
