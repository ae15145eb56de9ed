"""How much one message may carry. Checked on the letter and again on the bytes that were made of it."""

MOST_EXTRA_HEADERS = 50
"""Fields that people add."""

MOST_HEADERS = 100
"""Fields of a whole message: people's, ours, and what a mail service wants. Servers begin to refuse above."""

LARGEST_BODY = 10_000_000
"""Bytes of everything after the header, as it is sent. Most mail services stop at 10 MB."""
