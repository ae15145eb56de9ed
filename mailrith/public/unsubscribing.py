"""`/u/<token>`: the page behind the unsubscribe link, its button, and the one-click POST of mail programs (RFC 8058).

Scanners open every link of a mail, so GET and HEAD write nothing. The token holds ids and a hash, never the address.
"""

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request

from mailrith.accounts.models import Workspace
from mailrith.core.db import db
from mailrith.subscribers import actions, links, returning
from mailrith.subscribers.links import UnsubscribeClaim

ONE_CLICK = "One-Click"  # RFC 8058, section 3.1: the body is List-Unsubscribe=One-Click
MAX_BODY = 64_000  # bytes; a mail program sends thirty

blueprint = Blueprint("unsubscribing", __name__)


@dataclass(frozen=True)
class Publisher:
    """Whose newsletter it is, as its readers know it."""

    name: str
    postal_address: str
    tagline: str | None = None


@blueprint.get("/u/test")
def test() -> Response:
    """Behind the links of a test mail: shows the page, and can unsubscribe nobody."""
    return _page("test")


@blueprint.post("/u/test")
def test_pressed() -> Response:
    """Nothing happens, and the page says so."""
    return (
        _plain("This was a test mail. Nobody was unsubscribed.") if _one_click() else _page("test")
    )


@blueprint.get("/u/<token>")
def ask(token: str) -> Response:
    """Ask, and write nothing."""
    claim = links.read_unsubscribe(token)
    if claim is None:
        return _page("broken", status=404)
    email, left = actions.claimed_email(claim)
    return _page("already" if left else "ask", claim, email=email)


@blueprint.post("/u/<token>")
def leave(token: str) -> Response:
    """Unsubscribe at once, for a person and for a mail program alike."""
    request.max_content_length = MAX_BODY
    claim = links.read_unsubscribe(token)
    if claim is None:
        return _page("broken", status=404)
    undoable = returning.may_return(claim)
    by_program = _one_click()
    result = actions.unsubscribe(claim, SOURCES[by_program])
    back = returning.return_token(claim) if undoable and not result.already else None
    db.session.commit()
    if by_program:
        return _plain("You are unsubscribed.")
    state = "already" if result.already else "done"
    return _page(state, claim, email=result.email, token=token, back=back)


@blueprint.post("/u/<token>/back")
def come_back(token: str) -> Response:
    """It was a mistake: only from the page that the press itself opened, and only for a while."""
    request.max_content_length = MAX_BODY
    claim = links.read_unsubscribe(token)
    if claim is None:
        return _page("broken", status=404)
    returned = returning.come_back(claim, request.form.get("back", ""))
    db.session.commit()
    email, _ = actions.claimed_email(claim)
    return _page(
        "back" if returned else "late", claim, email=email, status=200 if returned else 409
    )


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Links of this kind belong in no cache, no index and no Referer."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


SOURCES = {
    True: "Pressed Unsubscribe in their mail program",
    False: "Pressed Unsubscribe at the foot of a mail",
}


def _one_click() -> bool:
    return request.form.get("List-Unsubscribe") == ONE_CLICK


def _page(
    state: str, claim: UnsubscribeClaim | None = None, *, status: int = 200, **shown: object
) -> Response:
    publisher = _publisher(claim) if claim else None
    page = render_template(f"public/unsubscribing/{state}.html", publisher=publisher, **shown)
    return make_response(page, status)


def _publisher(claim: UnsubscribeClaim) -> Publisher | None:
    workspace = db.session.get(Workspace, claim.workspace_id)
    if workspace is None:
        return None
    return Publisher(workspace.name, "\n".join(workspace.postal_lines))


def _plain(sentence: str) -> Response:
    response = make_response(f"{sentence}\n")
    response.mimetype = "text/plain"
    return response
