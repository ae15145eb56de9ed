"""What a draft may say. Objections name the field where it stands."""

import uuid

import pytest

from mailrith.connections.models import Provider
from mailrith.content.header_names import RESERVED
from mailrith.core.errors import Invalid, NotFound
from mailrith.messages import actions, attachments, checking, senders
from mailrith.messages.drafts import Attachment, Mailbox
from tests.support import factories
from tests.support.factories_messages import draft

INJECTIONS = ["a\r\nBcc: x@x.test", "a\nb", "a\x00b", "a\u2028b", "=?utf-8?q?a=0Ab?=", "=?utf-8?b?YQpi?="]  # fmt: skip


def objection(wanted):
    """What `check` says without a database: (field, sentence), or None."""
    try:
        checking.check(wanted, "")
        attachments.check(wanted.attachments, "")
    except Invalid as error:
        return error.field, error.message
    return None


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("to[0].email", lambda text: {"to": (Mailbox(text),)}),
        ("to[0].name", lambda text: {"to": (Mailbox("a@b.test", text),)}),
        ("cc[0].name", lambda text: {"cc": (Mailbox("c@b.test", text),)}),
        ("bcc[0].email", lambda text: {"bcc": (Mailbox(text),)}),
        ("reply_to[0].name", lambda text: {"reply_to": (Mailbox("c@b.test", text),)}),
        ("subject", lambda text: {"subject": text}),
        ("headers.X-Order", lambda text: {"headers": (("X-Order", text),)}),
        (
            "attachments[0].filename",
            lambda text: {"attachments": (Attachment(filename=text, content=""),)},
        ),
        (
            "attachments[0].content_type",
            lambda text: {"attachments": (Attachment("a.txt", text, content=""),)},
        ),
    ],
)
def test_a_line_break_is_refused_with_its_field(field, said, text):
    assert objection(draft(**said(text)))[0] == field


@pytest.mark.parametrize("name", [*sorted(RESERVED), "X-Priority", "Importance", "X-SES-Tags", "Content-Type", "X_SMTPAPI", "Sub\r\nject", "a:b", ""])  # fmt: skip
def test_a_header_that_is_ours_or_no_name_is_refused(name):
    assert objection(draft(headers=((name, "x"),)))[0].startswith("headers")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("to", {"to": ()}),
        ("to", {"bcc": tuple(Mailbox(f"p{n}@b.test") for n in range(50))}),
        ("cc[0]", {"cc": (Mailbox("ADA@people.example"),)}),
        ("subject", {"subject": " "}),
        ("subject", {"subject": "x" * 999}),
        ("text", {"text": " ", "html": ""}),
        ("text", {"text": "", "html": "<" * 300_001}),
        ("headers", {"headers": tuple((f"X-H{n}", "x") for n in range(51))}),
        ("headers.x-a", {"headers": (("X-A", "x"), ("x-a", "y"))}),
        ("headers.X-A", {"headers": (("X-A", " "),)}),
        ("to[0].name", {"to": (Mailbox("a@b.test", "n" * 256),)}),
        ("reply_to", {"reply_to": tuple(Mailbox(f"p{n}@b.test") for n in range(6))}),
        ("attachments", {"attachments": (Attachment("a.txt", content=""),) * 21}),
        ("attachments[0]", {"attachments": (Attachment("a.txt"),)}),
        (
            "attachments[0]",
            {"attachments": (Attachment("a.txt", content="", url="https://x.test/a"),)},
        ),
        ("attachments[0].filename", {"attachments": (Attachment(content=""),)}),
        ("attachments[0].filename", {"attachments": (Attachment("../../a", content=""),)}),
        ("attachments[0].filename", {"attachments": (Attachment("a" * 256, content=""),)}),
        (
            "attachments[0].content_type",
            {"attachments": (Attachment("a.eml", "message/rfc822", content=""),)},
        ),
        ("attachments[0].url", {"attachments": (Attachment(url="http://x.test/a"),)}),
        ("attachments[0].url", {"attachments": (Attachment(url="https://u:p@x.test/a"),)}),
        ("attachments[0].url", {"attachments": (Attachment(url="file:///etc/passwd"),)}),
    ],
)
def test_what_does_not_fit_is_named(field, changes):
    found, sentence = objection(draft(**changes))

    assert found == field
    assert sentence.endswith(".")


def test_what_fits_passes():
    whole = draft(
        cc=(Mailbox("ben@people.example", 'Ben "B" O\'Neil, PhD'),),
        subject="=?utf-8?q?plain_looking?=",
        headers=(("X-Order", "4711"), ("X-Nom", "Zoë")),
        attachments=(Attachment("ré.pdf", content="AAAA"), Attachment(url="https://x.test/")),
    )

    assert objection(whole) is None


def test_in_a_call_of_several_the_field_says_which_message(session):
    workspace = factories.make_workspace()
    bad = draft(attachments=(Attachment("a.txt", content=""), Attachment(url="gopher://x.test")))

    with pytest.raises(Invalid) as raised:
        actions.check(workspace, [draft(), draft(), bad])

    assert raised.value.field == "messages[2].attachments[1].url"


def test_one_request_has_at_most_a_hundred_messages(session):
    with pytest.raises(Invalid, match="100 are the most"):
        actions.check(factories.make_workspace(), [draft()] * 101)


def test_another_workspaces_connection_is_not_there(session):
    workspace = factories.make_workspace()
    strange = factories.make_connection(factories.make_workspace())

    for id_ in (strange.public_id, uuid.uuid4()):
        with pytest.raises(NotFound):
            actions.check(workspace, [draft(connection_id=id_)])


def test_a_workspace_without_a_connection_is_told_so(session):
    with pytest.raises(senders.NoConnection):
        actions.check(factories.make_workspace(), [draft()])


def test_a_connection_that_no_waiting_mends_is_refused_at_once(session):
    workspace = factories.make_workspace()
    factories.make_connection(workspace, host="mail.example.net")  # and no public https address

    with pytest.raises(senders.Unusable, match="MAILRITH_PUBLIC_URL"):
        actions.check(workspace, [draft()])


@pytest.mark.parametrize(
    ("own", "provider", "asked", "allowed"),
    [
        ("hannah@post.example", Provider.CUSTOM_SMTP, "shop@post.example", True),
        ("hannah@post.example", Provider.CUSTOM_SMTP, "HANNAH@post.example", True),
        ("hannah@post.example", Provider.CUSTOM_SMTP, "shop@news.post.example", False),
        ("hannah@post.example", Provider.CUSTOM_SMTP, "ceo@bank.example", False),
        ("hannah@gmail.com", Provider.CUSTOM_SMTP, "somebody@gmail.com", False),
        ("hannah@gmail.com", Provider.CUSTOM_SMTP, "hannah@gmail.com", True),
        ("hannah@post.example", Provider.CUSTOM_SMTP, "shop@post.example\r\nBcc: x@x.test", False),
    ],
)
@pytest.mark.any_database
def test_from_is_the_connections_address_or_another_one_at_its_own_domain(
    session, own, provider, asked, allowed
):
    workspace = factories.make_workspace()
    factories.make_connection(workspace, from_email=own, provider=provider)
    wanted = draft(from_email=asked, from_name="Shop")

    if allowed:
        [checked] = actions.check(workspace, [wanted], single=True)
        assert checked.way.sender.email.lower() == asked.lower()
        assert checked.way.sender.name == "Shop"
    else:
        with pytest.raises(Invalid) as raised:
            actions.check(workspace, [wanted], single=True)
        assert raised.value.field == "from_email"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("text", {"text": "x" * 40_000}),
        ("html", {"html": "x" * 40_000}),
        ("attachments", {"attachments": (Attachment("a", content="AAAA" * 10_000),)}),
    ],
)
def test_what_is_too_large_to_be_sent_is_refused_as_it_would_be_sent(
    session, monkeypatch, field, changes
):
    monkeypatch.setattr(actions, "LARGEST_BODY", actions.HEADROOM + 30_000)
    workspace = factories.make_workspace()
    factories.make_connection(workspace)
    checked = actions.check(workspace, [draft(**changes)], single=True)

    with pytest.raises(Invalid, match="MB are the most") as raised:
        actions.compose(checked)

    assert raised.value.field == field
