"""What may be typed about a connection. Every refusal names its field and is a sentence."""

from dataclasses import replace

import pytest

from mailrith.connections.form.rules import check_servers, cleaned
from mailrith.connections.form.values import Limits
from mailrith.connections.models import AuthMechanism, Provider
from mailrith.core.errors import Invalid
from mailrith.core.network import Policy
from tests.support.certificates import ca_pem, server_chain
from tests.support.factories_connections import typed_connection

TOKEN = {
    "username": "hannah@allotmentpost.example",
    "auth_mechanism": AuthMechanism.XOAUTH2,
    "oauth_client_id": "client-1",
    "oauth_refresh": "refresh",
    "oauth_token_url": "https://login.northpost.example/token",
}
LIMITS = Limits(max_sessions=2)

REFUSED = {
    "no name": ({"name": " "}, "name"),
    "long name": ({"name": "n" * 121}, "name"),
    "line break in the name": ({"name": "a\nb"}, "name"),
    "header in the sender's name": ({"from_name": "Ada\r\nBcc: eve@x.test"}, "from_name"),
    "line separator": ({"from_name": "Ada\u2028"}, "from_name"),
    "next line": ({"from_name": "Ada\u0085Bcc: eve@x.test"}, "from_name"),
    "no sender": ({"from_email": ""}, "from_email"),
    "two senders": ({"from_email": "a@x.example, b@x.example"}, "from_email"),
    "foreign letters": ({"from_email": "jörg@example.com"}, "from_email"),
    "no host": ({"host": ""}, "host"),
    "host with a path": ({"host": "smtp.northpost.example/x"}, "host"),
    "host with a command": ({"host": "smtp.x.example\r\nQUIT"}, "host"),
    "port 0": ({"port": 0}, "port"),
    "port too high": ({"port": 65536}, "port"),
    "NUL in the username": ({"username": "a\x00b", "password": "x"}, "username"),
    "line break in the password": ({"username": "a", "password": "x\r\ny"}, "password"),
    "long password": ({"username": "a", "password": "x" * 1001}, "password"),
    "greeting with a blank": ({"ehlo_name": "mail example"}, "ehlo_name"),
    "greeting with a command": ({"ehlo_name": "mail.example\r\nMAIL FROM:<>"}, "ehlo_name"),
    "bare address as greeting": ({"ehlo_name": "192.0.2.1"}, "ehlo_name"),
    "IPv6 without its tag": ({"ehlo_name": "[2001:db8::1]"}, "ehlo_name"),
    "IPv4 with the other's tag": ({"ehlo_name": "[IPv6:192.0.2.1]"}, "ehlo_name"),
    "no sessions": ({"limits": LIMITS._replace(max_sessions=0)}, "max_sessions"),
    "many sessions": ({"limits": LIMITS._replace(max_sessions=101)}, "max_sessions"),
    "nothing a minute": ({"limits": LIMITS._replace(per_minute=0)}, "per_minute"),
    "less than nothing": ({"limits": LIMITS._replace(per_month=-1)}, "per_month"),
    "nothing a session": (
        {"limits": LIMITS._replace(messages_per_session=0)},
        "messages_per_session",
    ),
    "token over http": (TOKEN | {"oauth_token_url": "http://x.example/token"}, "oauth_token_url"),
    "token with a password": (
        TOKEN | {"oauth_token_url": "https://a:b@x.example/token"},
        "oauth_token_url",
    ),
    "token elsewhere": (TOKEN | {"oauth_token_url": "file:///etc/passwd"}, "oauth_token_url"),
    "token at no host": (TOKEN | {"oauth_token_url": "https:///token"}, "oauth_token_url"),
    "token at a strange port": (
        TOKEN | {"oauth_token_url": "https://x.example:99999/"},
        "oauth_token_url",
    ),
    "not a certificate": ({"ca_certificate": "hello"}, "ca_certificate"),
    "broken certificate": ({"ca_certificate": ca_pem().replace("MII", "XXX")}, "ca_certificate"),
    "private key": ({"ca_certificate": server_chain().decode()}, "ca_certificate"),
    "long certificate": ({"ca_certificate": ca_pem() * 300}, "ca_certificate"),
}


@pytest.mark.parametrize(("change", "field"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_names_its_field(change, field):
    with pytest.raises(Invalid) as raised:
        cleaned(typed_connection(**change))

    assert raised.value.field == field
    assert raised.value.message.endswith((".", "-----."))


def test_a_certificate_that_ran_out_is_said_with_its_day():
    chain = server_chain("expired").decode()
    leaf = chain[chain.index("-----BEGIN CERTIFICATE-----") :]

    with pytest.raises(Invalid, match="ran out on 01 February 2020"):
        cleaned(typed_connection(ca_certificate=leaf))


def test_a_refused_private_key_is_not_in_the_sentence():
    with pytest.raises(Invalid) as raised:
        cleaned(typed_connection(ca_certificate=server_chain().decode()))

    assert "private key" in raised.value.message
    assert "BEGIN" not in raised.value.message


KEPT = {
    "name": ("name", "  Northpost ", "Northpost"),
    "sender": ("from_email", " hannah@ALLOTMENTPOST.example ", "hannah@allotmentpost.example"),
    "host": ("host", " SMTP.Northpost.example. ", "smtp.northpost.example"),
    "foreign host": ("host", "post.bücher.example", "post.xn--bcher-kva.example"),
    "greeting": ("ehlo_name", " Mail.Example.org ", "mail.example.org"),
    "literal": ("ehlo_name", "[192.0.2.1]", "[192.0.2.1]"),
    "IPv6 literal": ("ehlo_name", "[IPv6:2001:DB8::0:1]", "[IPv6:2001:db8::1]"),
    "authority": ("ca_certificate", "subject=CN = X\r\n" + ca_pem(), ca_pem()),
    "two authorities": ("ca_certificate", ca_pem() + "\n\n" + ca_pem(), ca_pem() * 2),
}


@pytest.mark.parametrize(("name", "typed", "stored"), KEPT.values(), ids=KEPT)
def test_values_are_kept_in_one_form(name, typed, stored):
    assert getattr(cleaned(typed_connection(**{name: typed})), name) == stored


def test_a_password_sign_in_keeps_nothing_of_a_token():
    password = {"auth_mechanism": AuthMechanism.LOGIN, "password": "x", "oauth_secret": "y"}
    values = cleaned(typed_connection(**TOKEN | password))

    assert (values.oauth_client_id, values.oauth_secret, values.oauth_refresh) == ("", "", "")
    assert values.password == "x"


def test_a_token_sign_in_keeps_no_password():
    values = cleaned(typed_connection(**TOKEN, password="x"))

    assert values.password == ""
    assert values.uses_token


def test_no_sign_in_is_allowed_nothing_in_clear():
    values = cleaned(typed_connection(allow_clear_auth=True))

    assert not values.allow_clear_auth


def test_the_operators_server_keeps_only_what_a_person_may_choose():
    typed = typed_connection(
        provider=Provider.INSTALLATION,
        username="hannah",
        password="x",
        verify_certificate=False,
        from_email="",
        limits=LIMITS,
    )
    values = cleaned(typed)

    assert (values.host, values.username, values.password, values.from_email) == ("",) * 4
    assert values.verify_certificate
    assert (values.name, values.limits) == (typed.name, LIMITS)


def test_secrets_are_not_in_what_is_printed():
    values = typed_connection(
        **TOKEN | {"oauth_secret": "canary-1", "oauth_refresh": "canary-2"},
        password="canary-3",
        host="canary.example",
    )

    assert "canary" not in repr(values)
    assert "canary" not in repr(replace(values, username="canary-4"))


HOSTS = {
    "metadata": ({"host": "169.254.169.254", "port": 587}, "host"),
    "private": ({"host": "10.0.0.1", "port": 587}, "host"),
    "loopback in disguise": ({"host": "2130706433", "port": 587}, "host"),
    "mapped": ({"host": "::ffff:10.0.0.1", "port": 587}, "host"),
    "port 25": ({"host": "192.0.32.7", "port": 25}, "port"),
    "token at the metadata host": (
        TOKEN | {"host": "192.0.32.7", "port": 587, "oauth_token_url": "https://169.254.169.254/t"},
        "oauth_token_url",
    ),
    "token on this machine": (
        TOKEN | {"host": "192.0.32.7", "port": 587, "oauth_token_url": "http://127.0.0.1:9/t"},
        "oauth_token_url",
    ),
    "token at a database's port": (
        TOKEN | {"host": "192.0.32.7", "port": 587, "oauth_token_url": "https://192.0.32.7:5432/t"},
        "oauth_token_url",
    ),
}


@pytest.mark.parametrize(("change", "field"), HOSTS.values(), ids=HOSTS)
def test_no_server_of_a_private_network_is_taken(change, field):
    with pytest.raises(Invalid) as raised:
        check_servers(typed_connection(**change), Policy())

    assert raised.value.field == field


def test_public_servers_are_taken_and_the_operators_is_not_asked_about():
    public = TOKEN | {"host": "192.0.32.7", "oauth_token_url": "https://192.0.32.7/token"}
    check_servers(typed_connection(**public, port=587), Policy())

    check_servers(typed_connection(host="", port=0, provider=Provider.INSTALLATION), Policy())
