"""Whose address may stand in the From of mail that leaves through a server."""

from dataclasses import replace

import pytest

from mailrith.accounts.models import Account
from mailrith.connections import actions, credentials
from mailrith.connections.form import free_mail
from mailrith.connections.form.sending_rules import sendable, sender_problem
from mailrith.core import config
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from tests.support import factories
from tests.support.factories_connections import typed_connection

SMTP = "smtp.northpost.example"


@pytest.fixture
def published(app):
    """An installation with an address of its own."""
    settings = replace(
        config.current(),
        public_url="https://post.mailrith.example",
        system_from="Mailrith <mailrith@mailer.example>",
    )
    config.install(settings)
    return settings


FREE = {
    "Gmail": ("ada@gmail.com", SMTP, "free_mail"),
    "Gmail by its own": ("ada@gmail.com", "smtp.gmail.com", None),
    "Gmail by Google's relay": ("ada@googlemail.com", "smtp-relay.gmail.com", None),
    "a host that only ends alike": ("ada@gmail.com", "notgmail.com", "free_mail"),
    "a host that only begins alike": ("ada@gmail.com", "gmail.com.evil.example", "free_mail"),
    "Outlook": ("ada@outlook.com", SMTP, "free_mail"),
    "Outlook of a country": ("ada@outlook.de", "smtp.office365.com", None),
    "Hotmail of a country": ("ada@hotmail.co.uk", SMTP, "free_mail"),
    "Yahoo": ("ada@yahoo.com", SMTP, "free_mail"),
    "Yahoo of a country": ("ada@yahoo.co.jp", SMTP, "free_mail"),
    "Yahoo by its own": ("ada@yahoo.com.br", "smtp.mail.yahoo.com", None),
    "a domain that only begins alike": ("ada@yahoo.gardening.example", SMTP, None),
    "GMX": ("ada@gmx.net", SMTP, "free_mail"),
    "GMX by its own": ("ada@gmx.at", "mail.gmx.net", None),
    "iCloud": ("ada@icloud.com", SMTP, "free_mail"),
    "iCloud by its own": ("ada@me.com", "smtp.mail.me.com", None),
    "Proton": ("ada@proton.me", SMTP, "free_mail"),
    "AOL": ("ada@aol.com", SMTP, "free_mail"),
    "WEB.DE": ("ada@web.de", SMTP, "free_mail"),
    "Mail.ru": ("ada@mail.ru", SMTP, "free_mail"),
    "QQ": ("ada@qq.com", SMTP, "free_mail"),
    "one's own": ("ada@allotmentpost.example", SMTP, None),
    "below a free one": ("ada@news.gmail.com.allotmentpost.example", SMTP, None),
    "a catcher on this machine": ("ada@gmail.com", "127.0.0.1", None),
}


@pytest.mark.parametrize(("address", "host", "code"), FREE.values(), ids=FREE)
@pytest.mark.any_database
def test_a_free_mailbox_sends_through_its_own_servers_only(cast, address, host, code):
    found = sender_problem(cast.workspace.account_id, address, host)

    assert (found.code if found else None) == code


def test_the_sentence_says_whose_servers():
    assert free_mail.provider_of("gmail.com").name == "Google"
    assert free_mail.provider_of("allotmentpost.example") is None


OWN = {
    "the public name": ("news@post.mailrith.example", True),
    "below it": ("news@eu.post.mailrith.example", True),
    "above it": ("news@mailrith.example", False),
    "beside it": ("news@other.mailrith.example", False),
    "the system's sender": ("news@mailer.example", True),
    "one that only ends alike": ("news@notmailer.example", False),
    "another one": ("news@allotmentpost.example", False),
}


@pytest.mark.parametrize(("address", "ours"), OWN.values(), ids=OWN)
@pytest.mark.any_database
def test_the_installations_own_domains_are_its_operators(cast, published, address, ours):
    account = db.session.get_one(Account, cast.workspace.account_id)
    found = sender_problem(account.id, address, SMTP)
    assert (found.code if found else None) == ("own_domain" if ours else None)
    # The operator's relay on this machine would even sign it.
    relayed = sender_problem(account.id, address, "127.0.0.1")
    assert (relayed is not None) == ours

    account.operator = True
    assert sender_problem(account.id, address, SMTP) is None


def test_named_domains_take_the_place_of_the_usual_ones(cast, published):
    named = replace(published, own_domains=("mailrith.example",))
    account_id = cast.workspace.account_id

    assert sender_problem(account_id, "news@a.mailrith.example", SMTP, named).code == "own_domain"
    assert sender_problem(account_id, "news@mailer.example", SMTP, named) is None
    none = replace(published, own_domains=())
    assert sender_problem(account_id, "news@post.mailrith.example", SMTP, none) is None


def test_a_machine_without_a_public_name_has_no_domain_to_protect(app):
    settings = replace(config.current(), own_domains=None)

    assert not settings.is_own_domain("localhost")
    assert not settings.is_own_domain("127.0.0.1")


@pytest.mark.parametrize("address", ["ada@gmail.com", "news@post.mailrith.example"])
def test_such_a_sender_is_refused_where_it_is_typed(cast, published, address):
    values = typed_connection(cast.workspace, host=SMTP, port=587, from_email=address)
    with pytest.raises(Invalid) as raised:
        actions.create(cast.workspace.account_id, values, cast.alice)
    assert raised.value.field == "from_email"

    allowed = replace(values, from_email="ada@allotmentpost.example")
    connection = actions.create(cast.workspace.account_id, allowed, cast.alice)
    with pytest.raises(Invalid):
        actions.edit(connection, values, cast.alice)


def test_a_sender_that_became_ours_later_is_held_before_a_broadcast(cast, published):
    connection = factories.make_connection(cast.workspace, host=SMTP)
    assert sendable(connection) is None

    later = replace(published, own_domains=("allotmentpost.example",))
    assert sendable(connection, later).code == "own_domain"


def test_a_free_mailbox_is_held_before_a_broadcast(cast, published):
    connection = factories.make_connection(cast.workspace, host=SMTP, from_email="ada@gmail.com")
    assert sendable(connection).code == "free_mail"

    credentials.seal(connection, "host", "smtp.gmail.com")
    assert sendable(connection) is None
