"""Broadcasts: writing, choosing an audience, scheduling, sending now, undoing. The sending itself is `mailrith.delivery`."""
