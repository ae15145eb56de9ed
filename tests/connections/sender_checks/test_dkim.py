from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailrith.connections.sender_checks import dkim
from mailrith.connections.sender_checks.dkim import KeyState


def public(key, form=PublicFormat.SubjectPublicKeyInfo, encoding=Encoding.DER):
    return b64encode(key.public_key().public_bytes(encoding, form)).decode()


@pytest.fixture(scope="module")
def rsa_2048():
    return rsa.generate_private_key(65537, 2048)


def read(text):
    return dkim.parse(text, "mail._domainkey.post.test")


def test_a_good_key_is_measured(rsa_2048):
    key = read(f"v=DKIM1; k=rsa; p={public(rsa_2048)}")

    assert (key.state, key.kind, key.bits, key.testing) == (KeyState.GOOD, "rsa", 2048, False)
    assert (key.selector, key.domain) == ("mail", "post.test")


def test_a_bare_rsa_key_and_blanks_inside_are_read_too(rsa_2048):
    text = public(rsa_2048, PublicFormat.PKCS1)

    assert read(f"p={text[:40]} {text[40:90]}\t{text[90:]}").bits == 2048


def test_an_ed25519_key_is_good():
    raw = public(ed25519.Ed25519PrivateKey.generate(), PublicFormat.Raw, Encoding.Raw)

    assert read(f"v=DKIM1; k=ed25519; p={raw}").state == KeyState.GOOD


@pytest.mark.parametrize(
    ("tags", "state", "problem"),
    [
        ("v=DKIM1; p=", KeyState.REVOKED, ""),
        ("v=DKIM1; p=%%%", KeyState.BROKEN, "unreadable"),
        ("v=DKIM1; p=MIGf", KeyState.BROKEN, "unreadable"),
        ("v=DKIM1; k=ed25519; p=MIGf", KeyState.BROKEN, "unreadable"),
        ("v=DKIM1", KeyState.BROKEN, "unreadable"),
        ("v=DKIM2; p=KEY", KeyState.BROKEN, "version"),
        ("p=KEY; v=DKIM1", KeyState.BROKEN, "version"),
        ("k=dsa; p=KEY", KeyState.BROKEN, "kind"),
        ("h=sha1; p=KEY", KeyState.BROKEN, "sha1"),
        ("h=sha1:sha256; p=KEY", KeyState.GOOD, ""),
        ("s=tlsrpt; p=KEY", KeyState.BROKEN, "not_for_mail"),
        ("s=email; t=s; p=KEY", KeyState.GOOD, ""),
    ],
)
def test_what_receivers_would_refuse_is_named(rsa_2048, tags, state, problem):
    key = read(tags.replace("KEY", public(rsa_2048)))

    assert (key.state, key.problem) == (state, problem)


def test_a_key_of_another_kind_in_the_place_of_rsa_is_broken():
    assert read(f"p={public(ec.generate_private_key(ec.SECP256R1()))}").state == KeyState.BROKEN


def test_short_keys_are_refused_and_1024_bits_are_not(rsa_2048):
    short = (
        "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL6aTqSaGk9Rvo9mRxjvyBTW8MrT4gDlXoDGZ"
        "zEYPPbFRrA5gBOAGtkl3ll3N0TS8f3zKyS4Vs0ER7S2rkU2nAsCAwEAAQ=="
    )
    key = read(f"p={short}")

    assert (key.state, key.problem, key.bits) == (KeyState.BROKEN, "short", 512)
    assert read(f"p={public(rsa.generate_private_key(65537, 1024))}").state == KeyState.GOOD


def test_a_key_for_testing_says_so(rsa_2048):
    assert read(f"t=y:s; p={public(rsa_2048)}").testing


def test_keys_are_looked_up_where_their_selectors_say(lookup, rsa_2048):
    server, make = lookup
    server.text("mail._domainkey.post.test", f"p={public(rsa_2048)}")
    server.zone["s1._domainkey.post.test", "CNAME"] = ["s1.carrier.test"]
    server.text("s1.carrier.test", f"v=DKIM1; p={public(rsa_2048)}")
    server.text("old._domainkey.post.test", "v=DKIM1; p=")
    server.text("two._domainkey.post.test", "p=", f"p={public(rsa_2048)}")
    server.text("wild._domainkey.post.test", "v=spf1 -all", "hello")
    server.broken["dead._domainkey.post.test"] = "servfail"
    selectors = ("mail", "s1", "old", "two", "wild", "none", "dead", "mail._domainkey.post.test")

    keys = {key.selector: key for key in dkim.examine(make(), "post.test", selectors)}

    assert {name: key.state for name, key in keys.items()} == {
        "mail": KeyState.GOOD,
        "s1": KeyState.GOOD,
        "old": KeyState.REVOKED,
        "two": KeyState.BROKEN,
        "wild": KeyState.ABSENT,
        "none": KeyState.ABSENT,
        "dead": KeyState.FAILED,
    }
    assert keys["s1"].alias == "s1.carrier.test"
    assert len(server.asked) == 7


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Mail ", "mail"),
        ("s1._domainkey", "s1"),
        ("s1._domainkey.post.test.", "s1._domainkey.post.test"),
        ("20260101.pm", "20260101.pm"),
        ("", None),
        ("a b", None),
        ("a;b", None),
        ("é", None),
        ("x" * 300, None),
        ("-a", None),
        ("<b>", None),
    ],
)
def test_what_can_be_a_selector(typed, kept):
    assert dkim.selector_of(typed) == kept
