"""Not there, as where Mailrith is installed: only a development tool brings it, and structlog would load it (5 MB a process)."""

raise ImportError("rich is not part of Mailrith")
