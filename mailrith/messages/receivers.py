"""What other packages learn of single messages at start: who sends their runs, and which connections they need."""

from mailrith.connections import uses
from mailrith.delivery.runs import sources
from mailrith.messages import needs, sending
from mailrith.messages.models import SOURCE


def register() -> None:
    """Called by create_app."""
    sources.register(SOURCE, sending.work)
    uses.register(needs.uses_of_connection)
