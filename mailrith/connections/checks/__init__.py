"""Verify: asked for, carried out by a worker, kept, and repeated by itself."""
