from dataclasses import fields
from pathlib import Path

import pytest

from mailrith.app import ROOT
from mailrith.core import config
from tests.support.certificates import ca_pem

KEYS = "k1:" + "A" * 43
GOOD = {
    "MAILRITH_KEYS": KEYS,
    "MAILRITH_DATABASE_URL": "postgresql://u:p@db/mailrith",
    "MAILRITH_REDIS_URL": "redis://cache:6379/0",
}


def test_the_three_needed_settings_are_enough() -> None:
    settings = config.load(GOOD)

    assert settings.database_url == "postgresql+psycopg://u:p@db/mailrith"
    assert not settings.public_https


def test_every_problem_is_said_at_once() -> None:
    with pytest.raises(config.BadSettings) as caught:
        config.load({"MAILRITH_DATABASE_URL": "mysql://x", "MAILRITH_UNDO_SECONDS": "soon"})

    message = str(caught.value)
    for name in (
        "MAILRITH_DATABASE_URL",
        "MAILRITH_UNDO_SECONDS",
        "MAILRITH_KEYS",
        "MAILRITH_REDIS_URL",
    ):
        assert name in message


def test_a_misspelled_name_is_refused() -> None:
    with pytest.raises(config.BadSettings, match="MAILRITH_PUBLICURL is not a setting"):
        config.load(GOOD | {"MAILRITH_PUBLICURL": "https://x.example"})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(KEYS + "\n")
    without = {name: value for name, value in GOOD.items() if name != "MAILRITH_KEYS"}

    settings = config.load(without | {"MAILRITH_KEYS_FILE": str(file)})

    assert settings.keys[0].id == "k1"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(config.BadSettings, match="cannot read"):
        config.load(GOOD | {"MAILRITH_KEYS_FILE": str(tmp_path / "absent")})


def test_secrets_are_not_in_the_printed_settings() -> None:
    shown = repr(config.load(GOOD | {"MAILRITH_SYSTEM_SMTP_URL": "smtp://me:hunter2@mail.example"}))

    assert "u:p@" not in shown
    assert "hunter2" not in shown
    assert "AAAA" not in shown


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://news.example.org", True),
        ("http://news.example.org", False),
        ("https://localhost", False),
        ("https://127.0.0.1", False),
        ("https://192.168.1.4", False),
        ("https://mailrith", False),
    ],
)
def test_only_a_public_https_address_lets_mail_out(url: str, public: bool) -> None:
    assert config.load(GOOD | {"MAILRITH_PUBLIC_URL": url}).public_https is public


BAD = {
    "a key that is too short": ("KEYS", "k1:AAAA", "new-key"),
    "a database of another make": ("DATABASE_URL", "mysql://x", "postgresql://"),
    "a queue of another make": ("REDIS_URL", "amqp://x", "redis://"),
    "an address without a host": ("PUBLIC_URL", "https://", "https://news.example.org"),
    "an address with a sign-in": ("PUBLIC_URL", "https://a:b@x.example", "full address"),
    "a port that does not exist": ("PUBLIC_URL", "https://x.example:99999", "full address"),
    "a system server of another make": ("SYSTEM_SMTP_URL", "http://x", "smtps://"),
    "a system server without a host": ("SYSTEM_SMTP_URL", "smtp://", "smtps://"),
    "a password with a slash": ("SYSTEM_SMTP_URL", "smtp://u:canary/x@h:25", "%2F"),
    "a sender without an address": ("SYSTEM_FROM", "Mailrith", "Mailrith <mailrith@example.org>"),
    "a sender with two addresses": ("SYSTEM_FROM", "a@x.example, b@x.example", "SYSTEM_FROM"),
    "no sender": ("SYSTEM_FROM", "", "Mailrith <mailrith@example.org>"),
    "a sender with a line break": ("SYSTEM_FROM", "A\nB <a@x.example>", "SYSTEM_FROM"),
    "a sender that few servers take": ("SYSTEM_FROM", "jörg@x.example", "not an address"),
    "a name in the offered sender": ("DEFAULT_FROM", "News <news@x.example>", "not an address"),
    "an offered server of another make": ("DEFAULT_SMTP_URL", "ftp://x", "smtps://"),
    "a domain with a blank": ("OWN_DOMAINS", "x.example,y z", "'y' is not a domain"),
    "an address as a domain": ("OWN_DOMAINS", "a@x.example", "is not a domain"),
    "no certificate": ("CA", "hello", "not a certificate"),
    "a network with a typing mistake": ("ALLOWED_NETWORKS", "10.0.0.0/33", "10.0.0.0/33"),
    "a port in words": ("ALLOWED_PORTS", "smtp", "25,1025"),
    "port 0": ("ALLOWED_PORTS", "0", "25,1025"),
    "a lease of nothing": ("LEASE_SECONDS", "0", "more than 0"),
    "less than nothing": ("UNDO_SECONDS", "-1", "whole number"),
    "neither yes nor no": ("DEMO", "perhaps", "neither yes nor no"),
    "half open": ("SIGN_UP", "half", "open, closed"),
}


@pytest.mark.parametrize(("name", "value", "hint"), BAD.values(), ids=BAD)
def test_a_bad_value_is_named_with_the_way_out(name: str, value: str, hint: str) -> None:
    with pytest.raises(config.BadSettings) as caught:
        config.load(GOOD | {f"MAILRITH_{name}": value})

    message = str(caught.value)
    assert message.startswith(f"MAILRITH_{name}")
    assert hint in message
    assert "canary" not in message


@pytest.mark.parametrize(
    "value",
    [
        "Mailrith <mailrith@example.org>",
        "mailrith@example.org",
        "Mailrith <mailrith@localhost>",
        '"Mailrith, the post" <mailrith@example.org>',
    ],
)
def test_a_system_sender_is_kept_as_it_is_written(value: str) -> None:
    assert config.load(GOOD | {"MAILRITH_SYSTEM_FROM": value}).system_from == value


OFFER = {
    "MAILRITH_DEFAULT_SMTP_URL": "smtps://u:hunter2@smtp.example.org",
    "MAILRITH_DEFAULT_FROM": "news@example.org",
}


def test_an_offer_is_a_server_and_a_sender() -> None:
    settings = config.load(GOOD | OFFER)

    assert settings.default_from == "news@example.org"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("left_out", OFFER)
def test_half_an_offer_is_refused(left_out: str) -> None:
    half = {name: value for name, value in OFFER.items() if name != left_out}

    with pytest.raises(config.BadSettings, match=f"{left_out} is not set, but"):
        config.load(GOOD | half)


def test_an_authority_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("Northpost CA\n" + ca_pem())

    assert config.load(GOOD | {"MAILRITH_CA_FILE": str(file)}).ca == ca_pem()


def test_domains_are_kept_in_lower_case_ascii() -> None:
    settings = config.load(GOOD | {"MAILRITH_OWN_DOMAINS": "Example.org, bücher.example"})

    assert settings.own_domains == ("example.org", "xn--bcher-kva.example")
    assert config.load(GOOD | {"MAILRITH_OWN_DOMAINS": ""}).own_domains == ()


def test_every_setting_is_in_the_operators_guide() -> None:
    guide = (ROOT / "docs" / "operating.md").read_text()
    names = {f"MAILRITH_{field.name.upper()}" for field in fields(config.Settings)}
    written = {"MAILRITH_CA": "MAILRITH_CA_FILE"}

    assert not {name for name in names if f"`{written.get(name, name)}`" not in guide}
