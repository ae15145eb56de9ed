"""The guides of docs/ inside of the product, and the ways that lead to them."""

import re

import pytest

from mailrith.connections import actions
from mailrith.connections.presets import PRESETS, tiles
from mailrith.core.db import db
from mailrith.smtp.causes import CAUSES
from mailrith.web.guides import GUIDES, anchor
from tests.support.factories import make_connection


def anchors(page):
    return re.findall(r'<h[123] id="([^"]+)"', page)


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.any_database
def test_each_guide_is_a_page(signed_in, name):
    answer = signed_in.get(f"/guides/{name}")

    assert answer.status_code == 200
    assert f"<title>{GUIDES[name]}".replace("'", "&#39;") in answer.text
    assert len(anchors(answer.text)) > 3
    assert "python -m" not in answer.text
    assert "](" not in answer.text
    assert ".md" not in answer.text
    assert " style=" not in answer.text


@pytest.mark.parametrize("name", ["nothing", "operating", "..%2fREADME", "services.md"])
@pytest.mark.any_database
def test_nothing_else_of_the_machine_is_a_page(signed_in, name):
    assert signed_in.get(f"/guides/{name}").status_code == 404


def test_guides_are_for_those_who_have_signed_in(client, cast):
    assert client.get("/guides/services").location.startswith("/sign-in")


def test_every_service_and_every_cause_has_its_place(signed_in):
    services = anchors(signed_in.get("/guides/services").text)
    causes = anchors(signed_in.get("/guides/troubleshooting").text)

    shown = [preset for _, group in tiles() for preset in group]
    assert {anchor(preset.label) for preset in shown} <= set(services)
    assert {anchor(cause.title) for cause in CAUSES.values()} <= set(causes)
    assert len(PRESETS) > len(shown) > 15


@pytest.mark.parametrize(
    ("service", "section"),
    [
        ("custom-smtp", "custom-smtp"),
        ("amazon-ses", "amazon-ses"),
        ("microsoft-365", "microsoft-365"),
    ],
)
def test_the_form_leads_to_the_guides(signed_in, cast, service, section):
    form = signed_in.get(f"/w/{cast.workspace.slug}/connections/new/{service}").text

    assert f'href="/guides/services#{section}"' in form
    assert section in anchors(signed_in.get("/guides/services").text)
    assert 'href="/guides/sender-identity"' in form


def test_what_went_wrong_leads_to_its_lines(signed_in, cast, smtpd, run_jobs):
    smtpd.answer("MAIL", "553 5.7.1 Not yours")
    connection = make_connection(cast.workspace, port=smtpd.port)
    here = f"/w/{cast.workspace.slug}/connections/{connection.public_id}"
    signed_in.post(f"{here}/verification")
    run_jobs()
    verified = signed_in.get(f"{here}/verification").text
    tried = signed_in.post(f"{here}/test", data={"recipient": "ada@readers.example"}).text
    actions.pause_connection(connection.id, "auth_refused")
    db.session.commit()
    paused = signed_in.get(here).text

    known = anchors(signed_in.get("/guides/troubleshooting").text)
    for page, cause in (
        (verified, "sender_refused"),
        (tried, "sender_refused"),
        (paused, "auth_refused"),
    ):
        led_to = re.findall(r'href="/guides/troubleshooting#([^"]+)"', page)
        assert anchor(CAUSES[cause].title) in led_to
        assert set(led_to) <= set(known)
