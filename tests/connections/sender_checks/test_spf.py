from ipaddress import ip_address

import pytest

from mailrith.connections.sender_checks import spf
from mailrith.connections.sender_checks.lookup import Outcome
from mailrith.connections.sender_checks.spf_record import is_spf, parse

DOMAIN = "post.test"


def problems(found):
    return [code for code, _ in found.problems]


@pytest.fixture
def publish(lookup):
    server, make = lookup

    def put(*records, addresses=(), **others):
        server.text(DOMAIN, *records)
        for name, value in others.items():
            server.text(f"{name}.test", value)
        return spf.examine(make(), DOMAIN, tuple(ip_address(a) for a in addresses))

    put.server, put.make = server, make
    return put


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("v=spf1", True),
        ("V=SPF1 -all", True),
        ("v=spf10 -all", False),
        ("v=spf1;a", False),
        ("", False),
    ],
)
def test_what_claims_to_be_a_record(text, claims):
    assert is_spf(text) is claims


@pytest.mark.parametrize(
    "word",
    ["include", "include:", "foo:bar", "ip4:1.2.3", "ip4:::1", "ip6:1.2.3.4", "all:x", "all/24",
     "a:b/c", "a/" + "9" * 5000, "redirect=", "é", "++all"],
)  # fmt: skip
def test_words_that_cannot_be_read_are_named(word):
    assert parse(f"v=spf1 {word} -all").unreadable == (word[:80],)


@pytest.mark.parametrize(
    "word",
    ["a", "-a:x.test/24", "mx//64", "a/24//64", "ip4:10.0.0.0/8", "ip6:2001:db8::/32", "~all", "?ptr",
     "exists:%{i}._s.x.test", "exp=x.test", "unknown=thing", "INCLUDE:x.test"],
)  # fmt: skip
def test_words_of_the_standard_are_read(word):
    assert parse(f"v=spf1 {word}").unreadable == ()


def test_a_record_is_followed_to_its_ends(publish):
    found = publish(
        "v=spf1 mx include:one.test ~all", one="v=spf1 include:two.test -all", two="v=spf1 a -all"
    )

    assert found.usable
    assert (found.lookups, found.includes, found.everybody) == (4, ("one.test", "two.test"), "~")


def test_no_record_and_no_answer_are_two_things(publish):
    assert publish("google-site-verification=x").outcome == Outcome.NONE
    publish.server.broken[DOMAIN] = "servfail"
    assert spf.examine(publish.make(), DOMAIN).outcome == Outcome.FAILED


def test_two_records_are_none(publish):
    found = publish("v=spf1 mx -all", "v=spf1 a -all")

    assert problems(found) == ["several"]
    assert len(found.records) == 2


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("v=spf1 +all", "everybody"),
        ("v=spf1 all", "everybody"),
        ("v=spf1 include:missing.test -all", "include_missing"),
        ("v=spf1 include:twice.test -all", "include_several"),
        ("v=spf1 include:dead.test -all", "unanswered"),
        ("v=spf1 ptr -all", "ptr"),
        ("v=spf1 inlcude:x.test -all", "unreadable"),
        ("v=spf1 include:post.test -all", "twice"),
        ("v=spf1 é -all", "unreadable"),
    ],
)
def test_what_is_wrong_is_found(publish, record, code):
    publish.server.text("twice.test", "v=spf1 -all", "v=spf1 a -all")
    publish.server.broken["dead.test"] = "servfail"

    assert code in problems(publish(record))


def test_over_ten_lookups_are_counted_across_includes(publish):
    inner = "v=spf1 " + " ".join(f"a:h{at}.test" for at in range(9)) + " -all"
    found = publish("v=spf1 include:one.test mx -all", one=inner)

    assert found.problems == (("too_many", "11"),)
    assert publish("v=spf1 include:one.test -all", one=inner).problems == ()


def test_a_record_that_includes_a_hundred_is_not_followed_forever(publish):
    for at in range(200):
        publish.server.text(f"n{at}.test", f"v=spf1 include:n{at + 1}.test -all")
    found = publish("v=spf1 include:n0.test -all")

    assert "too_many" in problems(found)
    assert len(publish.server.asked) < 40


def test_a_redirect_brings_its_own_ending(publish):
    assert publish("v=spf1 redirect=one.test", one="v=spf1 +all").everybody == "+"
    assert publish("v=spf1 redirect=one.test -all", one="v=spf1 +all").everybody == "-"


@pytest.mark.parametrize(
    ("record", "covered"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", True),
        ("v=spf1 ip4:192.0.3.0/24 -all", False),
        ("v=spf1 a:mail.test -all", True),
        ("v=spf1 a:mail.test/24 -all", True),
        ("v=spf1 mx -all", True),
        ("v=spf1 -ip4:192.0.2.7 +ip4:192.0.2.0/24 -all", False),
        ("v=spf1 include:one.test -all", True),
        ("v=spf1 redirect=one.test", True),
        ("v=spf1 include:two.test -all", False),
        ("v=spf1 exists:%{i}.test -all", None),
        ("v=spf1 ptr -all", None),
        ("v=spf1 include:nowhere.test -all", None),
        ("v=spf1 a:dead.test -all", None),
    ],
)
def test_whether_the_server_may_send(publish, record, covered):
    publish.server.zone["mail.test", "A"] = ["192.0.2.7"]
    publish.server.zone[DOMAIN, "MX"] = ["10 mail.test"]
    publish.server.broken["dead.test"] = "servfail"
    found = publish(
        record,
        one="v=spf1 ip4:192.0.2.7 -all",
        two="v=spf1 -all",
        addresses=["192.0.2.7"],
    )

    assert found.covers is covered
    assert spf.examine(publish.make(), DOMAIN).covers is None, "no address, no verdict"
