"""Attachments at hand: decoded, or fetched through the guard. Waits for the network, so never inside a transaction."""

import asyncio
import re
import threading
import time
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from mimetypes import guess_type
from urllib.parse import unquote, urlsplit

from mailrith.content.characters import one_value
from mailrith.content.limits import LARGEST_BODY
from mailrith.core import config, outbound
from mailrith.core.errors import Invalid, TooMany
from mailrith.core.line_breaks import breaks_a_line
from mailrith.core.network import Policy
from mailrith.messages.composing import File
from mailrith.messages.drafts import Attachment

MOST = 20  # of one message
MOST_FETCHED = 20  # different addresses in one call
FETCH_SECONDS = 8.0  # for one address
ALL_SECONDS = 20.0  # for those of a call together; somebody's program waits
MOST_AT_ONCE = 3  # requests of a process that fetch; slow servers must not hold all of its threads
TURN_SECONDS = 1.0  # so long somebody waits for one of those places
LARGEST_CALL = 25_000_000  # bytes of all files of a call, decoded
LONGEST_NAME_BYTES = 255
ANY_TYPE = "application/octet-stream"

_places = threading.BoundedSemaphore(MOST_AT_ONCE)

_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,60}")
_COMPOSITE = ("multipart/", "message/")  # these have parts of their own, which nobody has looked at
_MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A checked attachment; `path` is where it stands in what the caller sent."""

    path: str
    name: str
    content_type: str
    source: Attachment


def check(attachments: Sequence[Attachment], at: str) -> None:
    """What can be said without the network. Raises Invalid; `at` is as in `checking.check`."""
    if len(attachments) > MOST:
        raise Invalid(
            f"There are {len(attachments)} attachments. {MOST} are the most.",
            field=f"{at}attachments",
        )
    for place, one in enumerate(attachments):
        _check(one, f"{at}attachments[{place}]")


class Collection:
    """The files of one call. Counts what they weigh together; an address is fetched once."""

    def __init__(self) -> None:
        self._fetched: dict[str, bytes] = {}
        self._left = LARGEST_CALL
        self._until = time.monotonic() + ALL_SECONDS

    def files(self, attachments: Sequence[Attachment], at: str) -> tuple[File, ...]:
        """The files of one message. Raises Invalid for the attachment that cannot be had, and TooMany."""
        return tuple(
            self._file(_check(one, f"{at}attachments[{place}]"))
            for place, one in enumerate(attachments)
        )

    def _file(self, wanted: _Wanted) -> File:
        url = wanted.source.url
        if url is None:
            content = _decoded(wanted.source.content or "", f"{wanted.path}.content")
            field = f"{wanted.path}.content"
        else:
            content, field = self._from(url, f"{wanted.path}.url"), f"{wanted.path}.url"
        self._left -= len(content)
        if self._left < 0:
            raise Invalid(
                f"The attachments of one request have at most {LARGEST_CALL // _MEGA} MB together. "
                "Send the messages in several requests.",
                field=field,
            )
        return File(wanted.name, wanted.content_type, content, wanted.source.content_id)

    def _from(self, url: str, path: str) -> bytes:
        if url not in self._fetched:
            if len(self._fetched) >= MOST_FETCHED:
                raise Invalid(
                    f"At most {MOST_FETCHED} different addresses are fetched for one request.",
                    field=path,
                )
            with _place():
                self._fetched[url] = _fetch(url, path, self._until - time.monotonic())
        return self._fetched[url]


def _check(one: Attachment, path: str) -> _Wanted:
    if (one.content is None) == (one.url is None):
        raise Invalid("An attachment has either content (base64) or a url.", field=path)
    if one.url is not None and not outbound.askable(one.url):
        raise Invalid("Give an https address, without a user name in it.", field=f"{path}.url")
    name = _name(one, f"{path}.filename")
    content_type = one.content_type or guess_type(name)[0] or ANY_TYPE
    if not _TYPE.fullmatch(content_type) or content_type.lower().startswith(_COMPOSITE):
        raise Invalid(
            "This can't be the type of a file. Give one like application/pdf, or leave it out.",
            field=f"{path}.content_type",
        )
    return _Wanted(path, name, content_type, one)


def _name(one: Attachment, path: str) -> str:
    if breaks_a_line(one.filename):
        raise Invalid("Leave out line breaks, also encoded ones.", field=path)
    name = one_value(one.filename)
    if not name and one.url is not None:
        name = one_value(unquote(urlsplit(one.url).path.rpartition("/")[2])) or "attachment"
    if not name:
        raise Invalid("Give the file a name, such as invoice.pdf.", field=path)
    if "/" in name or "\\" in name or name in {".", ".."}:
        raise Invalid("Give the name of the file alone, without folders.", field=path)
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise Invalid(f"A file name has at most {LONGEST_NAME_BYTES} bytes.", field=path)
    return name


def _decoded(text: str, path: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except (Base64Error, ValueError):
        raise Invalid(
            "This is not base64 (RFC 4648, 4). Encode the bytes of the file.", field=path
        ) from None


@contextmanager
def _place() -> Iterator[None]:
    """Raises TooMany when others fetch for longer than somebody should wait."""
    if not _places.acquire(timeout=TURN_SECONDS):
        raise TooMany(
            "Several requests are fetching files just now. Send this one again in a moment.",
            retry_after_seconds=5,
        )
    try:
        yield
    finally:
        _places.release()


def _fetch(url: str, path: str, seconds: float) -> bytes:
    """What stands there. No redirect is followed: it could lead where the guard has not looked."""
    if seconds <= 0:
        raise Invalid(
            f"Fetching took longer than {ALL_SECONDS:.0f} seconds altogether.", field=path
        )
    answer = asyncio.run(
        outbound.get(
            url,
            policy=Policy.of(config.current()),
            ca_certificates=config.current().ca,
            seconds=min(seconds, FETCH_SECONDS),
            max_bytes=LARGEST_BODY,
        )
    )
    if isinstance(answer, outbound.Answer):
        if answer.ok:
            return answer.body
        raise Invalid(_status_words(answer.status), field=path)
    if answer.reason == "refused":
        words = (
            "Mailrith does not fetch from there: no public web server was found under this name."
        )
    elif answer.words == outbound.TOO_LONG:
        words = f"This file is too large. {LARGEST_BODY // _MEGA} MB are the most."
    else:
        words = f"Nothing came from there within {FETCH_SECONDS:.0f} seconds. Is the address right?"
    raise Invalid(words, field=path)


def _status_words(status: int) -> str:
    if 300 <= status < 400:
        return f"The server there answered {status}: it leads elsewhere, and redirects are not followed. Give the final address."
    return f"The server there answered {status} instead of the file. Is the address right, and open to everybody?"
