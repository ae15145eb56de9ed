"""Domains set aside for examples and tests (RFC 2606; RFC 6761, section 6): nobody reads mail there.

Sample people live in them, and no connection that leaves this machine ever gets one of them.
"""

_TOP = frozenset({"test", "example", "invalid", "localhost"})
_SECOND = frozenset({"example.com", "example.net", "example.org"})


def reserved(address: str) -> bool:
    """Whether the address can only be made up."""
    labels = address.rpartition("@")[2].rstrip(".").lower().split(".")
    return labels[-1] in _TOP or ".".join(labels[-2:]) in _SECOND
