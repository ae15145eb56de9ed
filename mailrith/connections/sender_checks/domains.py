"""Organisational domains, and whether two domains belong together (RFC 7489, 3.1 and 3.2)."""

from functools import lru_cache

from publicsuffixlist import PublicSuffixList


def organisational(domain: str) -> str:
    """The domain that somebody registered: news.example.co.uk -> example.co.uk. A public suffix is its own."""
    name = domain.lower().rstrip(".")
    return _list().privatesuffix(name) or name


def aligned(domain: str, author: str, *, strict: bool = False) -> bool:
    """Whether `domain` (of a signature or an envelope) speaks for the From domain `author`."""
    one, other = domain.lower().rstrip("."), author.lower().rstrip(".")
    if not one or not other:
        return False
    # Nearly always they are equal, and the list of suffixes takes a while to read the first time.
    return one == other or (not strict and organisational(one) == organisational(other))


@lru_cache(maxsize=1)
def _list() -> PublicSuffixList:
    return PublicSuffixList()
