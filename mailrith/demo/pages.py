"""`/inbox`: what the demo has sent. No sign-in, because a mail with a confirmation link is read before one can sign in."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask import url_for as address_of
from werkzeug.wrappers import Response as BaseResponse

from mailrith.core import config
from mailrith.demo import reading
from mailrith.demo.mailbox import Letter, Mailbox
from mailrith.demo.reading import Parts

PAGE = 50  # messages in one list
# The mail's own styles and pictures, and nothing that runs. It cannot reach this page, nor the cookies of Mailrith.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:; font-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")


@dataclass(frozen=True)
class Row:
    """A message as the list shows it."""

    letter: Letter
    parts: Parts
    snippet: str
    arrived: datetime


@blueprint.get("")
def index() -> Response:
    """The newest message that fits the search, beside the list."""
    letters = _found()
    return _page(letters, letters[0] if letters else None)


@blueprint.get("/list")
def rows() -> Response:
    """Only the list, for the page to renew."""
    shown = request.args.get("open", type=int)
    return make_response(render_template("inbox/_list.html", **_list(_found()), open_id=shown))


@blueprint.get("/<int:letter_id>")
def show(letter_id: int) -> Response:
    """One message beside the list."""
    return _page(_found(), _letter(letter_id))


@blueprint.get("/<int:letter_id>/html")
def html(letter_id: int) -> Response:
    """The message's own HTML, for the frame. Its links open in a new window."""
    source = reading.parts_of(_letter(letter_id)).html
    opened = '<base target="_blank">'
    framed, found = re.subn(r"(?i)<head[^>]*>", lambda head: head[0] + opened, source, count=1)
    response = make_response(framed if found else opened + source)
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response


@blueprint.get("/<int:letter_id>.eml")
def download(letter_id: int) -> Response:
    """The message as it came."""
    response = make_response(_letter(letter_id).raw)
    response.mimetype = "message/rfc822"
    response.headers["Content-Disposition"] = f"attachment; filename=letter-{letter_id}.eml"
    return response


@blueprint.post("/<int:letter_id>/read")
def mark_read(letter_id: int) -> tuple[str, int]:
    """It has been opened. The page says so by itself; opening alone writes nothing."""
    _box().mark_read(letter_id)
    return "", 204


@blueprint.post("/<int:letter_id>/delete")
def delete(letter_id: int) -> BaseResponse:
    """Remove one."""
    _box().delete(letter_id)
    return redirect(address_of(".index"), 303)


@blueprint.post("/empty")
def empty() -> BaseResponse:
    """Remove all."""
    _box().empty()
    return redirect(address_of(".index"), 303)


def _page(letters: list[Letter], letter: Letter | None) -> Response:
    row = _row(letter) if letter else None
    page = render_template(
        "inbox/index.html",
        **_list(letters),
        open_id=letter.id if letter else None,
        row=row,
        one_click=_path_here(row.parts.one_click) if row else "",
        port=urlsplit(config.current().system_smtp_url or "").port,
    )
    return make_response(page)


def _list(letters: list[Letter]) -> dict[str, object]:
    total, unread = _box().counts()
    older = letters[-1].id if len(letters) == PAGE else None
    shown = [_row(letter) for letter in letters]
    return {"rows": shown, "total": total, "unread": unread, "older": older, "text": _text()}


def _row(letter: Letter) -> Row:
    arrived = datetime.fromtimestamp(letter.arrived, UTC)
    return Row(letter, reading.parts_of(letter), reading.snippet_of(letter), arrived)


def _found() -> list[Letter]:
    return _box().find(_text(), before=request.args.get("before", type=int), limit=PAGE)


def _text() -> str:
    return request.args.get("q", "")[:200]


def _letter(letter_id: int) -> Letter:
    letter = _box().get(letter_id) if letter_id < 1 << 62 else None
    return letter or abort(404)


def _box() -> Mailbox:
    return Mailbox(config.current().data_dir)


def _path_here(link: str) -> str:
    """The link without its host when it is ours: the browser may know this machine by another name."""
    return link.removeprefix(config.current().public_url)
