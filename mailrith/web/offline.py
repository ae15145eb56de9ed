"""The page for a line that is gone, and the script that keeps it in the browser."""

from pathlib import Path

from flask import Blueprint, Response, current_app, render_template

blueprint = Blueprint("offline", __name__)


@blueprint.get("/offline")
def show() -> str:
    """The page itself; it knows nobody."""
    return render_template("errors/offline.html", chrome=None)


@blueprint.get("/service-worker.js")
def worker() -> Response:
    """At the root, as a service worker reaches only what is below its own address."""
    script = Path(current_app.static_folder or "") / "js" / "service-worker.js"
    response = Response(script.read_bytes(), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response
