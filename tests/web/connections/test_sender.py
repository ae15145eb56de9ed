import io
from base64 import b64encode

import pytest

from mailrith.connections.models import Connection, ConnectionTrial
from mailrith.connections.sender_checks import jobs, reading
from mailrith.connections.sender_checks.report import Report
from mailrith.core.db import db
from tests.connections.sender_checks import mails
from tests.support import factories, resolver
from tests.support.cast import sign_in
from tests.support.html import faults

DOMAIN = "allotmentpost.org"
KEY = "v=DKIM1; k=ed25519; p=" + b64encode(bytes(32)).decode()

names = resolver.names  # a fixture
SUBPAGES = ("/check", "/selectors", "/selectors/forget", "/proof")


@pytest.fixture
def connection(cast, names):
    return factories.make_connection(
        cast.workspace, from_email=mails.SENDER, host="mail.allotmentpost.org", port=587
    )


@pytest.fixture
def page(cast, connection):
    return f"/w/{cast.workspace.slug}/connections/{connection.public_id}/sender"


@pytest.fixture
def trial(connection):
    return factories.save(
        ConnectionTrial(connection_id=connection.id, recipient="ada@gmail.com", message_id=mails.ID)
    )


def fresh(connection):
    db.session.expire_all()
    return db.session.get(Connection, connection.id)


def test_looking_at_the_page_asks_no_name_server(signed_in, page, names, connection):
    answer = signed_in.get(page)

    assert answer.status_code == 200
    assert "Not looked up yet" in answer.text
    assert names.asked == []
    assert fresh(connection).sender_report == {}
    assert faults(answer.text) == []


def test_check_again_is_a_job_and_the_page_waits_for_it(
    signed_in,
    page,
    names,
    connection,
    run_jobs,
):
    names.text(DOMAIN, "v=spf1 mx ~all")
    begun = signed_in.post(page + "/check", headers={"HX-Request": "true"})

    assert names.asked == []
    assert 'hx-trigger="every 1s"' in begun.text
    assert "<html" not in begun.text
    run_jobs()
    done = signed_in.get(page, headers={"HX-Request": "true"})
    assert "hx-trigger" not in done.text
    assert "v=spf1 mx ~all" in done.text
    assert faults(signed_in.get(page).text) == []


def test_without_a_script_check_again_leads_back_to_the_page(signed_in, page, connection):
    answer = signed_in.post(page + "/check")

    assert answer.status_code == 303
    assert answer.location.endswith("/sender")
    assert "Reload this page" in signed_in.get(page).text


def test_a_check_that_nobody_takes_up_says_so(signed_in, page, connection):
    connection.sender_report = {"asked_at": "2026-01-01T00:00:00+00:00"}
    db.session.commit()
    text = signed_in.get(page).text

    assert "Nobody has looked yet" in text
    assert "every 1s" not in text


def test_records_are_shown_as_text_and_what_to_publish_can_be_copied(
    signed_in,
    page,
    names,
    connection,
):
    names.text(DOMAIN, "v=spf1 <script>alert(1)</script> -all")
    jobs.check(connection.id)
    text = signed_in.get(page).text

    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    assert "v=spf1 mx a:mail.allotmentpost.org -all" in text
    assert 'data-copy="publish-spf"' in text
    assert f"v=DMARC1; p=none; rua=mailto:dmarc@{DOMAIN}" in text
    assert "Passes</span>" not in text


def test_a_pasted_mail_proves(signed_in, page, names, connection, trial):
    names.text(f"mail._domainkey.{DOMAIN}", KEY)
    jobs.check(connection.id)
    answer = signed_in.post(page + "/proof", data={"source": mails.source()})

    assert answer.status_code == 303
    assert reading.proof_of(fresh(connection)).server == "mx.google.com"
    text = signed_in.get(page).text
    assert "mx.google.com says that the signature" in text
    assert "<code" in text
    assert ">mail</code>" in text
    assert faults(text) == []


def test_an_uploaded_mail_proves(signed_in, page, connection, trial):
    file = (io.BytesIO(mails.source().encode()), "test.eml")
    signed_in.post(page + "/proof", data={"file": file}, content_type="multipart/form-data")

    assert reading.proof_of(fresh(connection)) is not None


def test_anything_else_is_refused_beside_the_box_and_stays_in_it(signed_in, page, connection):
    answer = signed_in.post(page + "/proof", data={"source": "Hello <b>Ada</b>"})

    assert answer.status_code == 422
    assert "not the full source of a mail" in answer.text
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;" in answer.text
    assert faults(answer.text) == []


def test_selectors_are_added_and_forgotten(signed_in, page, connection):
    assert signed_in.post(page + "/selectors", data={"selector": "S1"}).status_code == 303
    assert fresh(connection).dkim_selectors == ["s1"]
    wrong = signed_in.post(page + "/selectors", data={"selector": "not one"})
    assert wrong.status_code == 422
    assert "short name" in wrong.text
    signed_in.post(page + "/selectors/forget", data={"selector": "s1"})
    assert fresh(connection).dkim_selectors == []


@pytest.mark.parametrize("why", ["reserved", "demo", "nowhere"])
def test_where_nobody_is_asked_the_page_says_why(signed_in, page, connection, why):
    connection.sender_report = Report(connection.from_email, skipped=why).as_data()
    db.session.commit()
    text = signed_in.get(page).text

    assert reading.SKIPPED[why].split("'")[0] in text.replace("&#39;", "'")
    assert "Check again" not in text


def test_name_servers_are_not_asked_without_end(signed_in, page, connection):
    answers = {signed_in.post(page + "/check").status_code for _ in range(121)}

    assert answers == {303, 429}


def test_somebody_who_may_only_look_changes_nothing(client, cast, page, connection):
    sign_in(client, cast.bob)

    shown = client.get(page)
    assert shown.status_code == 200
    assert "Read it" not in shown.text
    assert "Check" not in shown.text.partition("<main")[2]
    assert [client.post(page + sub).status_code for sub in SUBPAGES] == [403] * len(SUBPAGES)
    assert fresh(connection).sender_report == {}


def test_a_stranger_finds_nothing(client, cast, page, connection, trial):
    sign_in(client, cast.carol)
    other = page.replace(cast.workspace.slug, cast.elsewhere.slug)

    for address in (page, other):
        assert client.get(address).status_code == 404
        assert {client.post(address + sub).status_code for sub in SUBPAGES} == {404}
    assert fresh(connection).sender_report == {}


def test_a_real_test_mail_comes_back_and_proves(signed_in, cast, names, smtpd):
    """The whole way: sent by Mailrith, stamped by a receiver, pasted by a person."""
    names.text(f"mail._domainkey.{DOMAIN}", KEY)
    sent = factories.make_connection(cast.workspace, from_email=mails.SENDER, port=smtpd.port)
    here = f"/w/{cast.workspace.slug}/connections/{sent.public_id}"
    signed_in.post(here + "/test", data={"recipient": "ada@gmail.example"})
    (arrived,) = smtpd.messages
    content = arrived.content.decode().replace("Message-ID:", "X-Was:")
    stamps = f"{mails.GMAIL}\r\n{mails.signature()}\r\nMessage-ID: <0102@eu-west-1.amazonses.com>"

    answer = signed_in.post(here + "/sender/proof", data={"source": f"{stamps}\r\n{content}"})

    assert answer.status_code == 303
    found = reading.proof_of(fresh(sent))
    assert (found.spf, found.dmarc, found.one_click) == ("pass", "pass", "signed")
