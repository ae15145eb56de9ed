import pytest

from mailrith.connections.sender_checks import authentication_results, proof
from mailrith.connections.sender_checks.proof import Proof
from mailrith.core.errors import Invalid
from tests.connections.sender_checks import mails
from tests.connections.sender_checks.mails import ID, SENDER, source


def read(text, known=(ID,)):
    return proof.read(text, SENDER, set(known))


@pytest.mark.parametrize(
    ("results", "server"),
    [(mails.GMAIL, "mx.google.com"), (mails.MICROSOFT, ""), (mails.ICLOUD, "bimi.icloud.com")],
)
def test_a_mail_that_passed_is_read_at_each_mailbox_provider(results, server):
    found = read(source(results))

    assert found.server == server
    assert (found.spf, found.spf_domain, found.dmarc) == ("pass", "allotmentpost.org", "pass")
    assert [(one.domain, one.selector, one.outcome) for one in found.signatures] == [
        ("allotmentpost.org", "mail", "pass")
    ]
    assert found.one_click == "signed"
    assert not found.rewritten
    assert found.selectors == ("mail",)


def test_a_proof_survives_being_stored():
    found = read(source())

    assert Proof.from_data(found.as_data()) == found
    assert Proof.from_data({}) is None


def test_results_that_somebody_else_wrote_below_do_not_count():
    below = f"Authentication-Results: mine.test; spf=none\r\n{mails.GMAIL}"

    found = read(source(below))

    assert (found.server, found.spf, found.dmarc) == ("mine.test", "none", "")
    assert found.signatures[0].outcome == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", proof.NOT_A_SOURCE),
        ("Hello,\n\nif you can read it, it works.", proof.NOT_A_SOURCE),
        ("\x00\xff" * 2000, proof.NOT_A_SOURCE),
        ("From: x\n" * 5000, proof.NOT_A_SOURCE),
        (source(message_id="<other@x.test>", trial=None), proof.NOT_OURS),
        (source(results="X-Nothing: here"), None),
    ],
)
def test_everything_else_is_refused_with_a_sentence(text, sentence):
    if sentence is None:
        text = "\r\n".join(
            line for line in text.split("\r\n") if "authentication-results" not in line.lower()
        )
        sentence = proof.NOBODY_CHECKED
    with pytest.raises(Invalid) as raised:
        read(text)

    assert raised.value.message == sentence
    assert raised.value.field == "source"


def test_a_test_mail_whose_message_id_was_replaced_is_still_known():
    found = read(source(message_id="<0102-replaced@eu-west-1.amazonses.com>"))

    assert found.spf == "pass"


def test_headers_that_are_not_signed_are_told_from_those_that_were_taken_out():
    unsigned = source(signatures=[mails.signature(headers="from:to:subject")])

    assert read(unsigned).one_click == "unsigned"
    assert read(source(one_click=False)).one_click == "missing"
    assert read(source(mails.GMAIL.replace("dkim=pass", "dkim=fail"))).one_click == "unsigned"


def test_signatures_of_two_domains_get_their_own_results():
    results = (
        "Authentication-Results: mx.google.com; dkim=pass header.i=@allotmentpost.org header.s=s2;"
        " dkim=fail header.i=@carrier.test header.s=k"
    )
    found = read(
        source(
            results,
            [
                mails.signature("carrier.test", "k"),
                mails.signature(selector="s1"),
                mails.signature("news.allotmentpost.org", "s2"),
                mails.signature(selector="s2"),
            ],
        )
    )

    assert [one.outcome for one in found.signatures] == ["fail", "", "", "pass"]
    assert found.selectors == ("s1", "s2._domainkey.news.allotmentpost.org", "s2")


def test_a_from_that_was_replaced_is_seen():
    found = read(source(sender="Hannah <allotmentpost@4711.brevosend.com>"))

    assert found.rewritten
    assert found.arrived_from == "allotmentpost@4711.brevosend.com"


def test_what_is_wrapped_in_junk_is_still_a_mail():
    assert read("\ufeff\r\n\r\n" + source().replace("\r\n", "\n")).spf == "pass"


@pytest.mark.parametrize(
    ("value", "server", "results"),
    [
        ("example.org 1; none", "example.org", []),
        ('"mx.x.test"; spf=pass', "mx.x.test", [("spf", "pass")]),
        ("x.test; spf = pass smtp.mailfrom = a@b.test", "x.test", [("spf", "pass")]),
        ("x.test; dkim/1=pass (a (nested; comment) dmarc=fail) header.d=a", "x.test", [("dkim", "pass")]),
        ('x.test; spf=fail reason="a; dkim=pass"', "x.test", [("spf", "fail")]),
        ("x.test (evil; dmarc=pass; spf=none", "x.test", []),
        ("", "", []),
        (";;;===;;()((", "", []),
        ("x.test; " + "spf=pass;" * 5000, "x.test", [("spf", "pass")] * 30),
    ],
)  # fmt: skip
def test_a_field_is_read_as_the_standard_says(value, server, results):
    found = authentication_results.parse(value)

    assert found.server == server
    assert [(one.method, one.outcome) for one in found.results] == results


@pytest.mark.parametrize(
    "junk", ["a" * 250_000, "(" * 250_000, '"' * 250_000, " =" * 120_000, "a.=" * 80_000]
)
def test_a_field_without_end_takes_no_time(junk):
    assert authentication_results.parse(f"mx.test; spf=pass {junk};").server == "mx.test"


def test_blanks_around_the_equals_sign_and_quotes_do_not_hide_a_domain():
    found = authentication_results.parse('x.test; spf=pass smtp.mailfrom = "a b@c.test"')

    assert found.results[0].properties == {"smtp.mailfrom": "a b@c.test"}
