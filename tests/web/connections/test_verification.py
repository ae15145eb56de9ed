"""Verify: a worker does it, and the page looks on."""

import re
from contextvars import Context
from datetime import timedelta

import pytest

from mailrith.connections.checks import checking, probing
from mailrith.connections.models import CheckState, ConnectionCheck
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.support.cast import sign_in
from tests.support.certificates import server_context
from tests.web.connections.conftest import HTMX, address


@pytest.fixture
def at(home, connection):
    return address(home, connection, "/verification")


def checks():
    db.session.expire_all()
    return db.session.query(ConnectionCheck).all()


def test_pressing_it_asks_a_worker_and_the_panel_looks_again(signed_in, at, smtpd, run_jobs):
    panel = signed_in.post(at, headers=HTMX)

    assert "<html" not in panel.text
    assert "Waiting for a worker" in panel.text
    assert f'hx-get="{at}" hx-trigger="every 500ms"' in panel.text
    assert smtpd.connections == 0
    run_jobs()
    assert smtpd.connections == 1


def test_the_panel_stops_looking_when_it_is_over(signed_in, home, at, connection, smtpd, run_jobs):
    signed_in.post(at, headers=HTMX)
    run_jobs()
    panel = signed_in.get(at, headers=HTMX)
    db.session.expire_all()

    assert panel.status_code == 286
    assert "every 500ms" not in panel.text
    assert re.search(r"Everything passed <time [^>]+>today, ", panel.text)
    assert "220 localhost ESMTP test" in panel.text
    assert connection.verified_at is not None
    assert smtpd.messages == []
    assert "Ready" in signed_in.get(home).text


def test_steps_are_shown_while_the_others_are_still_to_come(
    signed_in, at, connection, monkeypatch, run_jobs
):
    """Looks on from within the conversation, after its second step."""
    seen = []
    real = checking.write_steps

    def look_on(begun, steps):
        real(begun, steps)
        db.session.commit()
        if len(steps) == 2:
            seen.append(signed_in.get(at, headers=HTMX))

    monkeypatch.setattr(checking, "write_steps", look_on)
    signed_in.post(at, headers=HTMX)
    run_jobs()

    (panel,) = seen
    assert panel.status_code == 200
    assert panel.text.count('data-r="pass"') == 2
    assert panel.text.count('data-r="run"') == 1
    assert "Trying it now" in panel.text


def test_a_worker_that_ends_while_the_panel_is_made_does_not_leave_it_untried(
    signed_in, at, monkeypatch, run_jobs
):
    """The panel reads the connection and its check one after the other, and the worker commits in between."""
    real = checking.latest

    def end_first(connection):
        Context().run(run_jobs)  # as another process: what this request is does not reach it
        return real(connection)

    signed_in.post(at, headers=HTMX)
    monkeypatch.setattr(checking, "latest", end_first)
    panel = signed_in.get(at, headers=HTMX)

    assert "Not tried yet" not in panel.text
    assert "Everything passed" in panel.text or "every 500ms" in panel.text


def test_a_refusal_is_explained_with_the_servers_words_escaped(signed_in, at, smtpd, run_jobs):
    smtpd.answer("MAIL", "553 5.7.1 <script>alert(1)</script> not yours")
    signed_in.post(at, headers=HTMX)
    run_jobs()
    page = signed_in.get(at, headers=HTMX).text

    assert "Sender address refused" in page
    assert "</span> From email is not verified" in page, "words are shown as they are written"
    assert "553 5.7.1 &lt;script&gt;" in page
    assert "<script>alert" not in page


def test_times_of_a_certificate_are_dates_and_words_of_a_library_are_named_so(
    signed_in, at, start_smtpd, connection, run_jobs
):
    server = start_smtpd(tls=server_context("expired"))
    connection.port, connection.secure_mode = server.port, "tls"
    db.session.commit()
    signed_in.post(at, headers=HTMX)
    run_jobs()
    page = signed_in.get(at, headers=HTMX).text

    assert "1 February 2020, 00:00 UTC" in page
    assert "<summary>In technical words</summary>" in page
    assert "What the server said" not in page


def test_without_a_script_a_page_of_its_own_reloads_until_it_is_over(signed_in, at, run_jobs):
    answer = signed_in.post(at)
    waiting = signed_in.get(answer.location).text
    run_jobs()
    done = signed_in.get(answer.location).text

    assert answer.status_code == 303
    assert answer.location.endswith("/verification")
    assert '<noscript><meta http-equiv="refresh"' in waiting
    assert "http-equiv" not in done
    assert "Everything passed" in done


def test_no_transaction_is_open_while_the_server_is_asked(signed_in, at, monkeypatch, run_jobs):
    seen = []
    real = probing.try_server

    def watch(*arguments, **named):
        seen.append(db.session().in_transaction())
        return real(*arguments, **named)

    monkeypatch.setattr(probing, "try_server", watch)
    signed_in.post(at)
    run_jobs()

    assert seen == [False]


def test_it_says_so_when_no_worker_takes_it_up(signed_in, at):
    signed_in.post(at)
    (check,) = checks()
    check.created_at = now() - timedelta(seconds=11)
    db.session.commit()
    panel = signed_in.get(at, headers=HTMX)

    assert panel.status_code == 200
    assert "No worker has taken it up yet" in panel.text
    assert "every 500ms" in panel.text


def test_a_check_whose_worker_died_says_nothing_about_the_server(signed_in, at):
    signed_in.post(at)
    (check,) = checks()
    check.state, check.created_at = CheckState.RUNNING, now() - timedelta(hours=1)
    db.session.commit()
    panel = signed_in.get(at, headers=HTMX)

    assert panel.status_code == 286
    assert "its worker did" in panel.text


def test_pressing_twice_is_one_check(signed_in, at):
    signed_in.post(at)
    signed_in.post(at)

    assert len(checks()) == 1


def test_too_many_presses_are_told_so(signed_in, at, monkeypatch):
    monkeypatch.setattr(checking, "CHECKS_AN_HOUR", 0)
    panel = signed_in.post(at, headers=HTMX)

    assert "Wait a little" in panel.text
    assert signed_in.post(at).status_code == 429
    assert checks() == []


def test_somebody_who_may_only_look_sees_the_report_and_asks_for_none(
    signed_in, client, cast, at, run_jobs
):
    signed_in.post(at)
    run_jobs()
    sign_in(client, cast.bob)

    assert "Everything passed" in client.get(at).text
    assert client.post(at).status_code == 403
