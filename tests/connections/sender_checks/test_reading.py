from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailrith.connections.models import Provider
from mailrith.connections.sender_checks import advice, light, reading
from mailrith.connections.sender_checks.carriers import CARRIERS, SELF, carrier_of
from mailrith.connections.sender_checks.dkim import Key, KeyState
from mailrith.connections.sender_checks.dmarc import Dmarc
from mailrith.connections.sender_checks.lookup import Outcome
from mailrith.connections.sender_checks.proof import Proof, Signature
from mailrith.connections.sender_checks.report import Report, following
from mailrith.connections.sender_checks.rows import State
from mailrith.connections.sender_checks.spf import Spf
from tests.support import factories

SENDER = "hannah@allotmentpost.org"
DOMAIN = "allotmentpost.org"
THEN = datetime(2026, 11, 20, 6, tzinfo=UTC)

GOOD = Report(
    SENDER,
    Spf(Outcome.FOUND, ("v=spf1 mx ~all",), 1, (), "~", (), True),
    (Key(f"mail._domainkey.{DOMAIN}", KeyState.GOOD, "rsa", 2048),),
    Dmarc(Outcome.FOUND, DOMAIN, ("v=DMARC1; p=none",), "none", reports_to=("mailto:d@x.test",)),
)
PROVED = Proof(
    SENDER, SENDER, "mx.google.com", "pass", DOMAIN,
    (Signature(DOMAIN, "mail", "pass", one_click=True),), "pass", "signed",
)  # fmt: skip


@pytest.fixture
def show(cast):
    """The lines about a connection with this report and proof, by name."""
    made = factories.make_connection(
        cast.workspace, from_email=SENDER, host="mail.allotmentpost.org"
    )

    def rows(report, proof=None, provider=Provider.CUSTOM_SMTP):
        made.provider = provider
        made.sender_report = report.as_data()
        if proof:
            route = reading.route_of(made)
            made.sender_report |= {"proof": replace(proof, route=route).as_data()}
        return {row.name: row for row in reading.rows_of(made)}

    rows.connection = made
    return rows


def states(rows):
    return {name: row.state.value for name, row in rows.items()}


def test_a_report_survives_being_stored():
    found = replace(
        GOOD,
        spf=replace(GOOD.spf, problems=(("ptr", "x.test"),)),
        gone=(("dkim", THEN.isoformat()),),
        unanswered=("spf",),
    )

    assert Report.from_data(found.as_data()) == found
    assert Report.from_data({}) is None
    assert Report.from_data({"version": 0}) is None


def test_dns_alone_never_says_passes(show):
    rows = show(GOOD)

    assert states(rows) == {
        "spf": "found", "dkim": "found", "dmarc": "found", "alignment": "found", "one_click": "unknown",
    }  # fmt: skip
    assert "Passes" not in {row.words for row in rows.values()}
    assert light(show.connection) == ("ink", "Sender records found")


def test_a_received_mail_says_passes_and_who_says_so(show):
    rows = show(GOOD, PROVED)

    assert set(states(rows).values()) == {"proved"}
    assert all("mx.google.com" in rows[name].text for name in ("spf", "dkim", "dmarc", "alignment"))
    assert light(show.connection) == ("go", "Sender passes")


ELSEWHERE = replace(GOOD, envelope="bounces.test")
BY_DKIM = replace(PROVED, spf_domain="bounces.test", envelope="bounces.test")


def test_with_bounces_at_another_domain_a_signature_has_to_speak_for_from(show):
    with_key, without = show(ELSEWHERE), show(replace(ELSEWHERE, dkim=()))

    assert with_key["spf"].found == (("bounces.test", "v=spf1 mx ~all"),)
    assert "does not count for allotmentpost.org" in with_key["spf"].text
    assert with_key["alignment"].state == State.FOUND
    assert without["alignment"].state == State.UNKNOWN
    for rows in (with_key, without):
        assert "SPF speaks for that domain and not for allotmentpost.org" in rows["alignment"].text


def test_a_bounce_address_below_the_same_domain_counts_unless_dmarc_is_strict(show):
    below = replace(GOOD, envelope="bounces.allotmentpost.org", dkim=())
    strict = replace(below, dmarc=replace(GOOD.dmarc, strict_spf=True))

    assert "counts for allotmentpost.org too" in show(below)["spf"].text
    assert "bounces.allotmentpost.org on the envelope" in show(below)["alignment"].text
    assert "has to speak for allotmentpost.org" in show(strict)["alignment"].text


def test_a_record_that_is_missing_is_published_where_bounces_go(show):
    row = show(replace(ELSEWHERE, spf=Spf(Outcome.NONE)))["spf"]

    assert row.text == "bounces.test has no SPF record."
    assert row.publish.host == "bounces.test"


def test_a_received_mail_with_bounces_elsewhere_passes_by_its_signature_alone(show):
    rows = show(ELSEWHERE, BY_DKIM)
    unsigned = show(ELSEWHERE, replace(BY_DKIM, signatures=()))["alignment"]

    assert rows["spf"].text.endswith("does not count for allotmentpost.org: see Alignment.")
    assert "DKIM passed for allotmentpost.org" in rows["alignment"].text
    assert "take a bounce address at allotmentpost.org" in unsigned.notes[0]


def test_a_proof_with_another_envelope_is_none(show):
    show(ELSEWHERE, PROVED)
    assert reading.proof_of(show.connection) is None
    show(GOOD, BY_DKIM)
    assert reading.proof_of(show.connection) is None


def test_a_proof_of_another_server_or_sender_is_none(show):
    show(GOOD, PROVED)
    connection = show.connection
    assert reading.proof_of(connection)
    connection.port = 2525
    assert reading.proof_of(connection) is None
    connection.port = 1025
    connection.from_email = "other@allotmentpost.org"
    assert reading.proof_of(connection) is None
    assert reading.report_of(connection) is None
    assert light(connection) == ("", "Sender not checked yet")


@pytest.mark.parametrize(
    ("change", "name", "short"),
    [
        ({"spf": Spf(Outcome.NONE)}, "spf", "No SPF record"),
        (
            {"spf": Spf(Outcome.FOUND, ("v=spf1 a", "v=spf1 mx"), problems=(("several", "2"),))},
            "spf",
            "Several SPF records",
        ),
        (
            {"spf": replace(GOOD.spf, problems=(("too_many", "14"),))},
            "spf",
            "SPF record is broken",
        ),
        (
            {"spf": replace(GOOD.spf, everybody="+", problems=(("everybody", ""),))},
            "spf",
            "SPF allows everybody",
        ),
        ({"dkim": (Key("x._domainkey.y", KeyState.REVOKED),)}, "dkim", "DKIM key is unusable"),
        ({"dmarc": Dmarc(Outcome.NONE)}, "dmarc", "No DMARC record"),
        (
            {"dmarc": replace(GOOD.dmarc, problems=("several",))},
            "dmarc",
            "DMARC record is broken",
        ),
    ],
)
@pytest.mark.any_database
def test_what_mailbox_providers_ask_for_is_missed(show, change, name, short):
    rows = show(replace(GOOD, **change))

    assert rows[name].state == State.WRONG
    assert rows[name].short == short
    assert light(show.connection)[0] == "warn"
    assert light(show.connection)[1].startswith(short)


@pytest.mark.parametrize(
    ("change", "name", "short"),
    [
        ({"spf": "fail"}, "spf", "SPF failed in a test"),
        ({"dmarc": "fail"}, "dmarc", "DMARC failed in a test"),
        ({"signatures": ()}, "dkim", "DKIM did not pass in a test"),
        (
            {"signatures": (Signature("carrier.test", "k", "pass"),)},
            "dkim",
            "DKIM did not pass in a test",
        ),
        (
            {"signatures": (Signature(DOMAIN, "mail", "fail"),)},
            "dkim",
            "DKIM did not pass in a test",
        ),
        ({"one_click": "unsigned"}, "one_click", "One-click unsubscribe is not signed"),
        ({"one_click": "missing"}, "one_click", "One-click unsubscribe was taken out"),
        ({"arrived_from": "x@brevosend.com"}, "alignment", "The From address was replaced"),
        (
            {"spf_domain": "carrier.test", "signatures": ()},
            "alignment",
            "Nothing passed for your domain",
        ),
    ],
)
@pytest.mark.any_database
def test_a_received_mail_that_did_not_pass_is_believed_over_the_records(show, change, name, short):
    rows = show(GOOD, replace(PROVED, **change))

    assert (rows[name].state, rows[name].short) == (State.WRONG, short)


@pytest.mark.parametrize(
    "change",
    [
        {"spf": Spf(Outcome.NONE)},
        {"spf": replace(GOOD.spf, problems=(("several", "2"),))},
        {"dkim": (Key(f"mail._domainkey.{DOMAIN}", KeyState.REVOKED),)},
        {"dmarc": Dmarc(Outcome.NONE)},
    ],
)
@pytest.mark.any_database
def test_an_old_proof_does_not_outlive_its_record(show, change):
    rows = show(replace(GOOD, **change), PROVED)

    assert rows[next(iter(change))].state == State.WRONG


def test_strict_alignment_wants_the_very_domain(show):
    strict = replace(GOOD, dmarc=replace(GOOD.dmarc, strict_dkim=True, strict_spf=True))
    proof = replace(
        PROVED,
        spf_domain=f"bounce.{DOMAIN}",
        signatures=(Signature(f"news.{DOMAIN}", "mail", "pass"),),
    )

    assert show(strict, proof)["alignment"].state == State.WRONG
    assert show(GOOD, proof)["alignment"].state == State.PROVED


def test_a_service_with_an_envelope_of_its_own_needs_no_spf_record(show):
    nothing = replace(GOOD, spf=Spf(Outcome.NONE))

    row = show(nothing, provider=Provider.POSTMARK)["spf"]
    assert row.state == State.QUIET
    assert (row.publish.kind, row.publish.host) == ("CNAME", f"pm-bounces.{DOMAIN}")
    assert show(nothing, provider=Provider.FASTMAIL)["spf"].state == State.WRONG
    linked = replace(nothing, return_path="pm.mtasv.net")
    assert show(linked, provider=Provider.POSTMARK)["spf"].state == State.FOUND
    proof = replace(PROVED, spf_domain="pm.mtasv.net")
    assert "pm.mtasv.net" in show(nothing, proof, Provider.POSTMARK)["spf"].text
    assert show(nothing, proof, Provider.POSTMARK)["spf"].state == State.PROVED


def test_no_key_is_sure_only_where_the_service_has_fixed_selectors(show):
    absent = replace(GOOD, dkim=(Key(f"x._domainkey.{DOMAIN}"),))

    assert show(absent)["dkim"].state == State.UNKNOWN
    assert show(absent, provider=Provider.AMAZON_SES)["dkim"].state == State.UNKNOWN
    assert show(absent, provider=Provider.RESEND)["dkim"].state == State.WRONG


def test_nobody_is_told_to_publish_at_a_mailbox_provider(show):
    show.connection.from_email = "hannah@gmail.com"
    nothing = Report("hannah@gmail.com", Spf(Outcome.NONE), (), Dmarc(Outcome.NONE))
    rows = show(nothing, provider=Provider.GMAIL)

    assert {rows[name].state for name in ("spf", "dkim", "dmarc")} == {State.QUIET}
    assert not any(row.publish for row in rows.values())
    assert "belongs to Google" in rows["dmarc"].text
    ours = show(nothing, provider=Provider.INSTALLATION)
    assert "whoever runs Mailrith" in ours["spf"].text


def test_nobody_asked_says_so(show):
    for why in reading.SKIPPED:
        assert show(Report(SENDER, skipped=why)) == {}
        assert light(show.connection) == ("", "Sender not checked")


def test_a_record_that_goes_is_remembered_until_it_is_back():
    gone = following(GOOD, replace(GOOD, dmarc=Dmarc(Outcome.NONE)), THEN)
    later = following(gone, replace(GOOD, dmarc=Dmarc(Outcome.NONE)), THEN + timedelta(days=9))
    back = following(later, GOOD, THEN + timedelta(days=10))

    assert gone.gone_since("dmarc") == later.gone_since("dmarc") == THEN
    assert back.gone == ()
    assert following(None, replace(GOOD, dmarc=Dmarc(Outcome.NONE)), THEN).gone == ()


def test_a_record_that_has_gone_is_named(show):
    gone = following(GOOD, replace(GOOD, dkim=(Key(f"mail._domainkey.{DOMAIN}"),)), THEN)
    row = show(gone)["dkim"]

    assert row.short == "DKIM record has gone"
    assert "20 November 2026" in row.text


def test_no_answer_keeps_what_was_known():
    silent = replace(
        GOOD,
        spf=Spf(),
        dmarc=Dmarc(),
        dkim=(Key(f"mail._domainkey.{DOMAIN}", KeyState.FAILED),),
    )
    kept = following(GOOD, silent, THEN)

    assert (kept.spf, kept.dkim, kept.dmarc) == (GOOD.spf, GOOD.dkim, GOOD.dmarc)
    assert kept.unanswered == ("spf", "dkim", "dmarc")
    assert kept.gone == ()
    assert following(GOOD, replace(silent, sender="x@y.test"), THEN).unanswered == ()


@pytest.mark.parametrize(
    ("records", "provider", "value"),
    [
        ((), Provider.FASTMAIL, "v=spf1 include:spf.messagingengine.com ~all"),
        ((), Provider.CUSTOM_SMTP, "v=spf1 mx a:mail.x.test ~all"),
        (
            ("v=spf1 include:_spf.google.com -all",),
            Provider.FASTMAIL,
            "v=spf1 include:_spf.google.com include:spf.messagingengine.com -all",
        ),
        (
            ("v=spf1 a mx ~all", "v=spf1 mx ip4:192.0.2.0/24 -all"),
            Provider.FASTMAIL,
            "v=spf1 a mx ip4:192.0.2.0/24 include:spf.messagingengine.com ~all",
        ),
        (("v=spf1 mx +all",), Provider.CUSTOM_SMTP, "v=spf1 mx a:mail.x.test ~all"),
        (
            ("v=spf1 include:zohomail.eu ~all",),
            Provider.ZOHO,
            "v=spf1 include:zohomail.eu ~all",
        ),
        (
            ("v=spf1 foo:bar -ip4:192.0.2.7 ?a:b.test/24 exp=x.test redirect=_spf.x.test",),
            Provider.CUSTOM_SMTP,
            "v=spf1 -ip4:192.0.2.7 ?a:b.test/24 mx a:mail.x.test redirect=_spf.x.test",
        ),
    ],
)
def test_the_record_to_publish_keeps_what_is_there(records, provider, value):
    found = advice.spf("x.test", records, carrier_of(provider), "mail.x.test")

    assert found.value == value
    assert found.instead is bool(records)


@pytest.mark.parametrize(
    ("host", "value"),
    [
        ("8.8.8.8", "v=spf1 mx ip4:8.8.8.8 ~all"),
        ("2001:4860::8", "v=spf1 mx ip6:2001:4860::8 ~all"),
        ("127.0.0.1", "v=spf1 mx ~all"),
        ("", "v=spf1 mx ~all"),
    ],
)
def test_a_server_without_a_name_is_named_by_its_number_if_the_world_knows_that(host, value):
    assert advice.spf("x.test", (), SELF, host).value == value


def test_the_policy_to_publish_stands_at_the_registered_domain():
    found = advice.dmarc("news.post.co.uk")

    assert (found.host, found.value) == (
        "_dmarc.post.co.uk", "v=DMARC1; p=none; rua=mailto:dmarc@post.co.uk",
    )  # fmt: skip


def test_every_service_is_known():
    nothing = {Provider.CUSTOM_SMTP, Provider.INSTALLATION, Provider.LOCAL_CATCHER}

    assert set(CARRIERS) == set(Provider) - nothing
    assert all(carrier_of(one) is SELF for one in nothing)
    assert all(carrier.where for carrier in CARRIERS.values())
