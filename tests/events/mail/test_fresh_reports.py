"""Reports that Postfix, Exim and OpenSMTPD make at this moment, about mail that could not be delivered."""

import smtplib
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mailrith.events.mail import read_mail
from tests.support import mailhost
from tests.support.mta import foreign
from tests.support.mta.exim import Exim
from tests.support.mta.opensmtpd import OpenSmtpd
from tests.support.mta.postfix import Postfix
from tests.support.smtpd import Smtpd

HOME = "news.rig.test"
# Whom the server behind refuses, and how. MAIL names the person too, behind the +.
REFUSALS = (
    ("RCPT", "<unknown@", "550 5.1.1 <unknown@remote.test>: Recipient address rejected: User unknown"),
    ("RCPT", "<full@", "552 5.2.2 <full@remote.test>: the mailbox is over its quota"),
    ("RCPT", "<policy@", "550 5.7.1 Your network is not welcome here, see our policy"),
    ("MAIL", ".large@", "552 5.3.4 Message size exceeds fixed limit"),
    ("RCPT", "<later@", "451 4.3.0 Local error, try again later"),
)  # fmt: skip
# The person -> what is said about them, each once.
REFUSED = {
    "unknown@remote.test": [("hard", "user_unknown")],
    "full@remote.test": [("soft", "mailbox_full")],
    "policy@remote.test": [("block", "*")],
    "large@remote.test": [("soft", "too_large")],
}
EXPECTED = {
    Postfix: REFUSED
    | {
        "later@remote.test": [("deferred", "*"), ("soft", "*")],
        "a@down.test": [("deferred", "network"), ("soft", "network")],
        "ghost@local.test": [("hard", "user_unknown")],
    },
    Exim: REFUSED
    | {
        "later@slow.test": [("deferred", "*")],
        "later@remote.test": [("soft", "expired")],
        "a@down.test": [("soft", "expired")],
        "full@local.test": [("soft", "expired")],  # it does not say what it waited for
        "ghost@local.test": [("hard", "user_unknown")],
        "a@nowhere.test": [("hard", "*")],
    },
    OpenSmtpd: REFUSED | {"later@remote.test": [("deferred", "*"), ("soft", "expired")]},
}


@dataclass
class Post:
    """The server behind all three. Their reports come back to it."""

    remote: Smtpd
    found: dict = field(default_factory=dict)  # (server, person) -> reports, in order
    _seen: int = 0

    def send(self, server, person):
        name = type(server).__name__.lower()
        sender = f"bounces+{name}.{person.partition('@')[0]}@{HOME}"
        head = f"From: news@{HOME}\r\nTo: {person}\r\nMessage-ID: <{name}.{person}>\r\nSubject: Hello\r\n"
        with smtplib.SMTP(server.host, server.port, timeout=20) as client:
            client.sendmail(sender, person, head + "\r\nHello\r\n" * 20)

    def wait_for(self, servers):
        """Until every person has as many reports as are expected."""
        limit = time.monotonic() + foreign.PATIENCE_SECONDS
        while not all(
            len(self.found.get((type(server), person), ())) >= len(expected)
            for server in servers
            for person, expected in EXPECTED[type(server)].items()
        ):
            assert time.monotonic() < limit, self.found
            self._collect()
            time.sleep(0.02)

    def _collect(self):
        arrived = self.remote.messages[self._seen :]
        self._seen += len(arrived)
        for mail in arrived:
            name = mail.rcpt_to.partition("+")[2].partition(".")[0]
            server = next(kind for kind in EXPECTED if kind.__name__.lower() == name)
            for report in read_mail(mail.content):
                self.found.setdefault((server, report.recipient), []).append(report)


@pytest.fixture(scope="module")
def post():
    """All mails are sent and all reports are there."""
    foreign.skip_unless_there()
    mailhost.skip_unless_there()
    with ExitStack() as stack:
        post = Post(Smtpd().start())
        stack.callback(post.remote.stop)
        for verb, argument, reply in REFUSALS:
            post.remote.answer(verb, reply, argument=argument)
        servers = []
        for kind in EXPECTED:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mta-")))
            folder.chmod(0o755)  # servers with users of their own walk through it
            servers.append(kind(folder, post.remote.port).start())
            stack.callback(servers[-1].stop)
        for server in servers:
            for person in EXPECTED[type(server)]:
                post.send(server, person)
        post.wait_for(servers)
        yield post


@pytest.mark.parametrize(
    ("server", "person"), [(server, person) for server in EXPECTED for person in EXPECTED[server]]
)
def test_a_fresh_report_is_read_as_what_happened_to_whom(post, server, person):
    found = post.found[server, person]
    expected = EXPECTED[server][person]

    for report, (kind, reason) in zip(found, expected, strict=False):
        assert (str(report.kind), reason) == (kind, "*" if reason == "*" else report.reason)
        assert report.recipient == person
        assert report.message_id == f"{server.__name__.lower()}.{person}"
    assert {str(report.kind) for report in found} == {kind for kind, _ in expected}
