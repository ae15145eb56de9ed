"""The installation's own mail: written here, kept as rows, sent by a job through the operator's SMTP server."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from mailrith.accounts.models import SystemMail
from mailrith.core import addresses, config, queue
from mailrith.core.db import db

TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "mail"
SUBJECT_CHARS = 200  # ours are short; what people named things is cut


def configured() -> bool:
    """Whether this installation can send mail of its own."""
    return config.current().system_smtp_url is not None


def write(name: str, recipient: str, /, **words: Any) -> SystemMail | None:
    """Send the mail `name` of templates/mail (name.subject.txt, name.txt, name.html), filled with `words`."""
    letters = _letters()
    subject, text, html = (
        letters.get_template(name + ending).render(words)
        for ending in (".subject.txt", ".txt", ".html")
    )
    return send(recipient, subject, text.strip() + "\n", html)


def send(recipient: str, subject: str, text: str, html: str = "") -> SystemMail | None:
    """Keep the mail, and hand it to a job after the commit. None, and a line in the log, when there is no server for it."""
    subject = " ".join(subject.split())[:SUBJECT_CHARS]
    if not configured():
        structlog.get_logger().warning(
            "system_mail_not_sent",
            why="MAILRITH_SYSTEM_SMTP_URL is not set",
            recipient=addresses.mask(recipient),
            subject=subject,
        )
        return None
    mail = SystemMail(recipient=recipient, subject=subject, body_text=text, body_html=html)
    db.session.add(mail)
    db.session.flush()
    queue.enqueue("mailrith.accounts.jobs.post_system_mail", mail.id)
    return mail


@lru_cache(maxsize=1)
def _letters() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
