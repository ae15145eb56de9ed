"""A run from its launch to its end: who is in it, which phase it is in, which connections carry it."""
