"""How a service that cannot sign proves itself: by a secret of ours, as the password of Basic authentication or in a header."""

import binascii
from base64 import b64decode

from mailrith.events import comparing
from mailrith.events.reports import BadSignature, Keys, Post

HEADER = "X-Mailrith-Secret"

_MISSING = (
    "The webhook secret is missing. Put it before the address, as in https://mailrith:SECRET@..., "
    f"or into the header {HEADER}."
)
_WRONG = "The webhook secret is not the one on the connection's page. Copy it again."
_NONE = "This connection has no webhook secret yet. Create one on its page."


def check(post: Post, keys: Keys) -> BadSignature | None:
    """None when the request carries one of `keys.ours`; the user name of Basic authentication (RFC 7617) does not matter."""
    rights = [secret.encode() for secret in keys.ours if secret]
    if not rights:
        return BadSignature(_NONE)
    given = [part for part in (post.headers.get(HEADER, "").strip(), _password(post)) if part]
    if not given:
        return BadSignature(_MISSING)
    # Each is compared, so that the time taken tells nothing.
    found = [comparing.is_one_of(each.encode("utf-8", "replace"), rights) for each in given]
    return None if any(found) else BadSignature(_WRONG)


def _password(post: Post) -> str:
    scheme, _, credentials = post.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = b64decode(credentials.strip(), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return decoded.decode("utf-8", "replace").partition(":")[2]
