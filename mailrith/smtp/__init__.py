"""Speak SMTP: the guarded connect, TLS, sign-in, one transaction after another, and what a reply means.

Owns the words for what mail servers do (`causes`, `classification`). Knows nothing of rows, workspaces or broadcasts:
frozen dataclasses go in, data comes out, and what the world does is never an exception.
"""
