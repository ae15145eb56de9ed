"""The guides of docs/ as pages, so that a field can lead to the lines that explain it."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

from flask import Blueprint, abort, current_app, render_template, url_for
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from mailrith.web.access import signed_in

blueprint = Blueprint("guides", __name__, url_prefix="/guides")

# Those for people who send. What is for whoever runs the installation is read beside its code.
GUIDES = {
    "services": "Mail services",
    "troubleshooting": "Troubleshooting",
    "bounce-mailbox": "Bounce mailbox",
    "sender-identity": "Is your mail believed?",
    "api": "API",
}

_NO_WORD = re.compile(r"[^a-z0-9]+")
_NO_HEAD = re.compile(
    r"<thead>\s*<tr>\s*(?:<th>\s*</th>\s*)+</tr>\s*</thead>"
)  # Markdown wants one
_GUIDE = re.compile(r"([a-z-]+)\.md(#.*)?")


@blueprint.get("/<name>")
@signed_in
def show(name: str) -> str:
    """One guide."""
    if name not in GUIDES:
        abort(404)
    guide = _read(Path(current_app.root_path).parent / "docs" / f"{name}.md")
    return render_template("guides/guide.html", name=name, guides=GUIDES, guide=guide)


@blueprint.app_template_global()
def guide_url(name: str, title: str = "") -> str:
    """Where a guide is, or its section of this title."""
    return url_for("guides.show", name=name, _anchor=anchor(title) or None)


def anchor(title: str) -> str:
    """Where the section of this title is on its page."""
    return _NO_WORD.sub("-", title.lower()).strip("-")


@cache
def _read(path: Path) -> Markup:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(path.read_text())
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor(inline.content))
    for inline in tokens:
        for part in inline.children or ():
            _lead(part)
    page = markdown.renderer.render(tokens, markdown.options, {})
    return Markup(_NO_HEAD.sub("", page))  # noqa: S704 - written by us


def _lead(part: Token) -> None:
    """A link to another guide leads to its page; one that leads out is followed in a tab of its own."""
    if part.type != "link_open":
        return
    href = str(part.attrs["href"])
    found = _GUIDE.fullmatch(href)
    if found is not None and found[1] in GUIDES:
        part.attrSet("href", url_for("guides.show", name=found[1]) + (found[2] or ""))
    elif href.startswith("https://"):
        part.attrSet("target", "_blank")
        part.attrSet("rel", "noopener noreferrer")
