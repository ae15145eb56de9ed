"""Addresses that a mail may point to."""

from urllib.parse import quote, urlsplit

LINK_SCHEMES = ("http", "https", "mailto")
PICTURE_SCHEMES = ("http", "https")
LONGEST = 2048
"""Characters. Longer ones are cut by some mail programs."""

_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def check_url(url: str, schemes: tuple[str, ...] = LINK_SCHEMES) -> str:
    """The address as given, or ValueError with a sentence."""
    if len(url) > LONGEST:
        raise ValueError(f"This address is longer than {LONGEST} characters.")
    if any(
        ord(letter) <= 0x20 or 0x7F <= ord(letter) <= 0xA0 or letter in '\u2028\u2029<>"'
        for letter in url
    ):
        raise ValueError("An address can't have spaces, quotes or angle brackets in it.")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise ValueError("This isn't a complete web address.") from None
    if parts.scheme not in schemes:
        allowed = ", ".join(f"{scheme}:" for scheme in schemes)
        raise ValueError(f"An address here starts with {allowed} and “{url[:40]}” doesn't.")
    if parts.scheme == "mailto":
        if "@" not in parts.path:
            raise ValueError("An e-mail link needs an address: mailto:name@example.com.")
    elif not host:
        raise ValueError("This isn't a complete web address.")
    return url


def is_allowed(url: str, schemes: tuple[str, ...] = LINK_SCHEMES) -> bool:
    try:
        check_url(url, schemes)
    except ValueError:
        return False
    return True


def wire_url(url: str) -> str:
    """The address in ASCII, as mail programs that know nothing of Unicode want it (RFC 3987, 3.1)."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    if parts.hostname and not parts.netloc.isascii():
        try:
            host = parts.hostname.encode("idna").decode("ascii")
        except UnicodeError:
            return quote(url, safe=_ASCII)
        netloc = parts.netloc.lower().replace(parts.hostname, host)
        url = parts._replace(netloc=netloc).geturl()
    return quote(url, safe=_ASCII)
