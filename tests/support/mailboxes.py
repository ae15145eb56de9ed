"""The mail host's mailbox: Postfix delivers what comes for bounces@news.rig.test, with anything behind a +, and Dovecot
shows it by IMAP and POP3.

    def test_x(bounce_box):
        bounce_box.put(b"From: ..."), bounce_box.port("imaps"), bounce_box.mails()
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "bounces@rig.test", "a-mailbox-password-with-ünïcode"
ADDRESS = "bounces@news.rig.test"
DOORS = ("imap", "imaps", "pop3", "pop3s")
MISSING = (
    "Dovecot has no IMAP and POP3 here, so no mailbox is read. "
    "(apt-get install dovecot-imapd dovecot-pop3d)"
)
NOBODY = 65534

_DOVECOT = """\
protocols = imap pop3
listen = 127.0.0.1
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%n
ssl = yes
ssl_cert = <{folder}/good.pem
ssl_key = <{folder}/good.pem
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
"""
_NO_DOVECOT = "protocols =\nssl = no\n"
# Somebody who is not there is found out only after the mail was taken, so a report goes back.
_POSTFIX = """\
recipient_delimiter = +
virtual_mailbox_domains = news.rig.test
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {{ bounces@news.rig.test = bounces/ }} }}
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_reject_unlisted_recipient = no
"""


def installed() -> bool:
    """Whether Dovecot can show a mailbox."""
    return all(Path(f"/usr/lib/dovecot/{name}-login").exists() for name in ("imap", "pop3"))


def dovecot(folder: Path, ports: Mapping[str, int]) -> str:
    """What its file says about mailboxes."""
    if not installed():
        return _NO_DOVECOT
    return _DOVECOT.format(folder=folder, **{door: ports[door] for door in DOORS})


def postfix(folder: Path) -> str:
    """What main.cf says about the mailbox."""
    return _POSTFIX.format(folder=folder)


def make_folder(folder: Path) -> None:
    (folder / "mail").mkdir()
    os.chown(folder / "mail", NOBODY, NOBODY)


@dataclass
class BounceBox:
    """The mailbox of USER."""

    host: Any  # a MailHost
    numbers: count

    def port(self, door: str) -> int:
        return self.host.ports[door]

    @property
    def maildir(self) -> Path:
        return self.host.folder / "mail/bounces"

    def put(self, *mails: bytes) -> None:
        """As if they had arrived, in this order."""
        for raw in mails:
            number = next(self.numbers)
            path = self.maildir / "new" / f"{1_700_000_000 + number}.M{number}P1.rig"
            path.write_bytes(raw.replace(b"\r\n", b"\n"))
            os.chown(path, NOBODY, NOBODY)

    def mails(self, folder: str = "") -> list[Path]:
        """What lies there, or in a folder below; seen ones end in S."""
        here = self.maildir / f".{folder}" if folder else self.maildir
        return sorted(path for part in ("new", "cur") for path in (here / part).glob("*"))

    def empty(self) -> None:
        """A mailbox that begins anew, with another UIDVALIDITY."""
        shutil.rmtree(self.maildir, ignore_errors=True)
        for part in ("new", "cur", "tmp"):
            (self.maildir / part).mkdir(parents=True)
        for path in (self.maildir, *self.maildir.rglob("*")):
            os.chown(path, NOBODY, NOBODY)


@pytest.fixture
def bounce_box(mailhost):
    """The mailbox, empty."""
    if not installed():
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    box = BounceBox(mailhost, count(1))
    box.empty()
    return box
