"""How fast: rates, windows, sessions and slowed receivers, agreed among all workers through Valkey."""
