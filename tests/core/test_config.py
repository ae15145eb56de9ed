from pathlib import Path

import pytest

from mailrith.core import config

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
