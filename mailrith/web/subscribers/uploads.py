"""Room for large files, and a sentence instead of a broken connection for those that are too large."""

from typing import Any

from flask import abort, redirect, request, url_for

from mailrith.core import config

MEGABYTE = 1 << 20
FORM_BYTES = 3 * MEGABYTE  # what a form holds beside its file
PATIENCE = 4  # so many times the limit is read to its end; what is longer is cut off
CHUNK = 1 << 18


def megabytes() -> int:
    """The largest file, in MB."""
    return config.current().upload_megabytes


def make_room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Runs before anything looks at the form: raise the limit for the upload, or turn it away with a sentence."""
    if endpoint != "imports.upload":
        return
    limit = megabytes() * MEGABYTE + FORM_BYTES
    request.max_content_length = limit
    length = request.content_length or 0
    if length <= limit:
        return
    # A browser that is cut off while it sends shows "connection reset", and no sentence of ours.
    if length <= limit * PATIENCE:
        while request.environ["wsgi.input"].read(min(CHUNK, length)):
            length -= CHUNK
            if length <= 0:
                break
    slug = request.path.split("/")[2]
    abort(redirect(url_for("imports.create", ws=slug, too_big=1), 303))
