import pytest

from mailrith.connections.sender_checks import dmarc
from mailrith.connections.sender_checks.domains import aligned, organisational
from mailrith.connections.sender_checks.lookup import Outcome


def read(text, domain="post.test", at="post.test"):
    return dmarc.parse(text, at, domain)


def test_a_policy_is_read():
    found = read("v=DMARC1; p=Reject; pct=50; adkim=s; aspf=s; rua=mailto:a@x.test,mailto:b@y.test")

    assert found.usable
    assert (found.policy, found.percent, found.strict_dkim, found.strict_spf) == (
        "reject", 50, True, True,
    )  # fmt: skip
    assert found.reports_to == ("mailto:a@x.test", "mailto:b@y.test")


@pytest.mark.parametrize(
    ("text", "policy", "problems"),
    [
        ("v=DMARC1; p=none", "none", ()),
        ("v=DMARC1;p=quarantine;", "quarantine", ()),
        ("v=DMARC1; p=", "none", ("policy",)),
        ("v=DMARC1", "none", ("policy",)),
        ("v=DMARC1; p=maybe; rua=mailto:a@x.test", "none", ()),
        ("v=DMARC1; p=none; ; pct", "", ("unreadable",)),
        ("v=DMARC1; p=none p=reject", "none", ("policy",)),
        ("v=DMARC1; p=none; pct=banana", "none", ()),
    ],
)
def test_what_is_wrong_is_named(text, policy, problems):
    found = read(text)

    assert (found.policy, found.problems) == (policy, problems)
    assert found.percent == 100


def test_a_subdomain_is_under_the_policy_for_subdomains():
    text = "v=DMARC1; p=none; sp=reject"

    assert read(text, "news.post.test").policy == "reject"
    assert read(text).policy == "none"


def test_it_is_looked_up_at_the_domain_and_then_at_the_registered_one(lookup):
    server, make = lookup
    server.text("_dmarc.example.co.uk", "other words", "v=DMARC1; p=reject")

    found = dmarc.examine(make(), "news.mail.example.co.uk")

    assert (found.at, found.policy) == ("example.co.uk", "reject")
    assert server.asked == [
        ("_dmarc.news.mail.example.co.uk", "TXT"),
        ("_dmarc.example.co.uk", "TXT"),
    ]


def test_two_records_are_none_and_a_wrong_version_is_no_record(lookup):
    server, make = lookup
    server.text("_dmarc.two.test", "v=DMARC1; p=none", "v=DMARC1; p=reject")
    server.text("_dmarc.odd.test", "v=dmarc1; p=none", "v=DMARC2; p=none", "p=none; v=DMARC1")
    server.broken["_dmarc.dead.test"] = "servfail"

    assert dmarc.examine(make(), "two.test").problems == ("several",)
    assert dmarc.examine(make(), "odd.test").outcome == Outcome.NONE
    assert dmarc.examine(make(), "dead.test").outcome == Outcome.FAILED


@pytest.mark.parametrize(
    ("domain", "own"),
    [
        ("news.example.co.uk", "example.co.uk"),
        ("example.com.", "example.com"),
        ("A.B.Example.COM", "example.com"),
        ("co.uk", "co.uk"),
        ("ada.github.io", "ada.github.io"),
        ("x.post.test", "post.test"),
        ("bounce.xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
    ],
)
def test_the_registered_domain(domain, own):
    assert organisational(domain) == own


def test_alignment_is_relaxed_or_strict():
    assert aligned("bounce.post.test", "news.post.test")
    assert not aligned("bounce.post.test", "post.test", strict=True)
    assert aligned("Post.test", "post.test.", strict=True)
    assert not aligned("ada.github.io", "bob.github.io")
    assert not aligned("", "post.test")
