"""The command line as an operator meets it, in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mailrith.app import ROOT
from mailrith.core import setting_values


def mailrith(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("MAILRITH_")}
    return subprocess.run(
        [sys.executable, "-m", "mailrith.cli", *arguments],
        env=inherited | settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_new_key_is_one_that_the_settings_take() -> None:
    key = mailrith("admin", "new-key").stdout.strip()

    assert setting_values.keys(key)[0].id.startswith("k")


def test_missing_settings_are_named_in_a_sentence() -> None:
    done = mailrith("db", "upgrade")

    assert done.returncode == 1
    assert "MAILRITH_KEYS is not set" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelled_setting_stops_the_start(settings: dict[str, str]) -> None:
    done = mailrith("worker", **settings, MAILRITH_REDISURL="redis://cache")

    assert done.returncode == 1
    assert "MAILRITH_REDISURL is not a setting" in done.stderr


def test_an_empty_database_gets_its_tables_and_its_first_owner(settings: dict[str, str]) -> None:
    upgraded = mailrith("db", "upgrade", **settings)
    link = mailrith("admin", "owner-link", **settings)

    assert upgraded.stdout.strip() == "The database is up to date."
    assert link.stdout.startswith("https://news.example.org/welcome/")


def test_serving_without_tables_says_what_to_do(settings: dict[str, str]) -> None:
    done = mailrith("serve", **settings)

    assert (done.returncode, done.stderr.strip()) == (
        1,
        "Error: The database is not ready. Run `mailrith db upgrade` first.",
    )


def test_the_first_start_prints_the_link_for_the_first_owner(with_tables: dict[str, str]) -> None:
    done = mailrith("serve", "--bind", "127.0.0.1:notaport", **with_tables)

    assert "https://news.example.org/welcome/" in done.stdout


def test_an_unknown_workspace_is_said_so(with_tables: dict[str, str]) -> None:
    done = mailrith("broadcast", "list", "nowhere", **with_tables)

    assert (done.returncode, done.stderr.strip()) == (1, "Error: There is no workspace 'nowhere'.")


def test_secrets_are_sealed_again_by_one_command(with_tables: dict[str, str]) -> None:
    done = mailrith("secrets", "rotate", **with_tables)

    assert done.returncode == 0
    assert done.stdout.strip() == "Sealed again: 0. Under the newest key already: 0."


def test_only_somebody_who_signs_in_here_becomes_an_operator(with_tables: dict[str, str]) -> None:
    done = mailrith("admin", "operator", "ada@example.org", **with_tables)

    assert (done.returncode, done.stderr.strip()) == (
        1,
        "Error: Nobody signs in here as ada@example.org.",
    )


def settings_in(folder: Path) -> dict[str, str]:
    return {
        "MAILRITH_KEYS": "k1:" + "A" * 43,
        "MAILRITH_DATABASE_URL": f"sqlite:///{folder}/mailrith.db",
        "MAILRITH_REDIS_URL": "unix:///nowhere.sock",
        "MAILRITH_PUBLIC_URL": "https://news.example.org",
        "MAILRITH_DATA_DIR": str(folder),
    }


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    return settings_in(tmp_path)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables and no row."""
    folder = tmp_path_factory.mktemp("upgraded")
    mailrith("db", "upgrade", **settings_in(folder)).check_returncode()
    return folder / "mailrith.db"


@pytest.fixture
def with_tables(settings: dict[str, str], upgraded: Path, tmp_path: Path) -> dict[str, str]:
    """Settings of an installation that was upgraded and never used."""
    shutil.copy(upgraded, tmp_path)
    return settings


def test_a_raw_bounce_is_classified_one_line_for_each_report(tmp_path: Path) -> None:
    bounce = tmp_path / "bounce.eml"
    bounce.write_text(
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice\nReturn-Path: <>\n\n"
        "<a@list.example>:\nRemote host said: 550 5.1.1 no such user\n\n"
        "<b@list.example>:\nRemote host said: 552 5.2.2 mailbox full\n"
    )
    done = mailrith("events", "classify", str(bounce))
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert [(item["recipient"], item["kind"]) for item in found] == [
        ("a@list.example", "hard"),
        ("b@list.example", "soft"),
    ]
    assert found[0]["file"] == str(bounce)


def test_a_provider_s_body_is_parsed_one_line_for_each_event(tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text('[{"event": "hard_bounce", "message_id": "<1@a.example>", "id": "7"}]')
    done = mailrith("events", "parse", "--provider", "generic", str(body))
    (found,) = [json.loads(line) for line in done.stdout.splitlines()]

    assert (found["kind"], found["provider_event_id"]) == ("hard_bounce", "7")


def test_an_unknown_provider_is_named_beside_the_known_ones(tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text("{}")
    done = mailrith("events", "parse", "--provider", "pigeon", str(body))

    assert done.returncode == 1
    assert "no provider 'pigeon'" in done.stderr
    assert "sendgrid" in done.stderr
