"""Addresses that could carry something else: refused where they come in, and once more before they go out."""

import io

import pytest

from mailrith.connections import trials
from mailrith.core.clock import now
from mailrith.core.errors import Invalid
from mailrith.delivery import jobs
from mailrith.subscribers import actions
from mailrith.subscribers.consents import Proof
from mailrith.subscribers.files import Layout
from mailrith.subscribers.rows import Parser, Refusal
from tests.support import factories
from tests.support import factories_delivery as make

# What a reader of `RCPT TO:<...>` could take for more than one address, or for none.
UNMAILABLE = (
    "a@x> AUTH=",
    "a@x.example> AUTH=<b@y.example",
    "<a@x.example>",
    '"a b"@x.example',
    '"a@x.example>"@y.example',
    "a@x.example,b@y.example",
    "a@x.example;b@y.example",
    "a@[127.0.0.1]",
    "a@[IPv6:::1]",
    "a@127.0.0.1",
    "a@x.example\r\nRCPT TO:<eve@y.example",
    "a@x.example\nDATA",
    "a\0@x.example",
    "a\x85@x.example",
    "a\u2028b@x.example",
    "a\u200db@x.example",
    "a b@x.example",
    "a@x.example SIZE=1",
    "a@" + "x" * 250 + ".example",
    "a" * 65 + "@x.example",
    "a@bücher..example",
    "a@\u202ex.example",
    "a\uff20x.example",
    "@relay.example:a@x.example",
    "a%b@x@y.example",
    "!a",
)


@pytest.mark.parametrize("text", UNMAILABLE, ids=ascii)
def test_an_import_takes_nobody_of_this_kind(text):
    cell = text.replace('"', '""')
    file = io.BytesIO(f'email\n"{cell}"\n"{cell}"\nada@b.example\n'.encode())
    layout = Layout("utf-8", ",", ["email"], [])

    *refused, ada = list(Parser(layout, {"email": 0}, b"salt").read(file))

    assert refused
    assert all(isinstance(row, Refusal) and row.reason for row in refused)
    assert ada.email == "ada@b.example"


@pytest.mark.parametrize("text", UNMAILABLE, ids=ascii)
@pytest.mark.any_database
def test_nobody_of_this_kind_is_added_or_moved_to(cast, text):
    ada = factories.make_subscriber(cast.workspace)
    proof = Proof("consent", "sheet", now())

    with pytest.raises(Invalid):
        actions.add(cast.workspace, email=text, name="", proof=proof, user_id=None, by="Alice")
    with pytest.raises(Invalid):
        actions.edit(cast.workspace, ada, email=text, name="", by="Alice")


@pytest.mark.parametrize("text", UNMAILABLE, ids=ascii)
@pytest.mark.any_database
def test_no_test_mail_goes_to_one(cast, smtpd, text):
    connection = factories.make_connection(cast.workspace, port=smtpd.port)

    with pytest.raises(Invalid):
        trials.prepare(connection, text, cast.alice)


def test_one_that_stands_in_a_row_all_the_same_never_reaches_the_wire(session, smtpd):
    """As if it had been stored by another program."""
    run, _ = make.make_sending_run(smtpd, len(UNMAILABLE) + 1)
    for delivery, text in zip(make.deliveries(run), UNMAILABLE, strict=False):
        # PostgreSQL stores no NUL at all.
        make.change(delivery, email=text.replace("\0", "\x01")[:254])

    jobs.send_slice(run.id)

    assert make.states(run) == {"failed": len(UNMAILABLE), "sent": 1}
    assert len(smtpd.messages) == 1
    assert [command for command in smtpd.commands if command.startswith("RCPT")] == [
        f"RCPT TO:<{smtpd.recipients[0]}>"
    ]
