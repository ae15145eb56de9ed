import time

import pytest

from mailrith.connections.sender_checks.lookup import Lookup, Outcome
from mailrith.core import setting_values


def test_the_strings_of_a_text_are_joined_without_blanks(lookup):
    server, make = lookup
    server.text("long.test", "v=DKIM1; p=" + "A" * 600)

    answer = make().texts("long.test")

    assert answer.outcome == Outcome.FOUND
    assert answer.texts == ("v=DKIM1; p=" + "A" * 600,)


def test_a_huge_answer_comes_over_tcp_and_is_cut(lookup):
    server, make = lookup
    server.text("huge.test", *(f"{at}" + "x" * 9000 for at in range(3)))

    answer = make().texts("huge.test")

    assert server.tcp_questions == 1
    assert [len(text) for text in answer.texts] == [8192] * 3


def test_a_chain_of_aliases_is_followed_and_named(lookup):
    server, make = lookup
    server.zone["one.test", "CNAME"] = ["two.test"]
    server.zone["two.test", "CNAME"] = ["three.test"]
    server.text("three.test", "here")

    answer = make().texts("one.test")

    assert (answer.texts, answer.alias) == (("here",), "three.test")


def test_aliases_in_a_circle_are_no_answer(lookup):
    server, make = lookup
    server.zone["one.test", "CNAME"] = ["two.test"]
    server.zone["two.test", "CNAME"] = ["one.test"]

    assert make().texts("one.test").outcome == Outcome.FAILED


@pytest.mark.parametrize("kind", ["TXT", "MX", "A"])
def test_nothing_there_is_an_answer(lookup, kind):
    server, make = lookup
    server.zone["other.test", "NS"] = ["ns.test."]
    asking = make()
    ask = {"TXT": asking.texts, "MX": asking.exchanges, "A": lambda n: asking.addresses(n)[0]}[kind]

    for name in ("missing.test", "other.test"):
        answer = ask(name)
        assert getattr(answer, "outcome", answer) == Outcome.NONE


@pytest.mark.parametrize("trouble", ["servfail", "refused", "garbage", "silence"])
def test_trouble_is_told_apart_from_nothing(lookup, trouble, monkeypatch):
    server, make = lookup
    server.broken["bad.test"] = trouble

    assert make(budget=0.3).texts("bad.test").outcome == Outcome.FAILED


@pytest.mark.parametrize(
    "name", ["", ".", "a" * 64 + ".test", "x." * 200, "\udcff.test", "a..test"]
)
def test_a_name_that_cannot_be_is_no_answer(lookup, name):
    assert lookup[1]().texts(name).outcome in {Outcome.FAILED, Outcome.NONE}


def test_each_question_is_asked_once(lookup):
    server, make = lookup
    server.text("a.test", "x")
    asking = make()
    for name in ("a.test", "A.test.", "a.test"):
        assert asking.texts(name).texts == ("x",)

    assert server.asked == [("a.test", "TXT")]


def test_questions_end_with_the_budget(lookup):
    server, make = lookup
    server.text("a.test", "x")
    few = make(questions=1)

    assert few.texts("a.test").outcome == Outcome.FOUND
    assert few.texts("b.test").outcome == Outcome.FAILED
    assert make(budget=0).texts("a.test").outcome == Outcome.FAILED
    assert len(server.asked) == 1


def test_a_silent_server_costs_no_more_than_the_budget(lookup):
    server, make = lookup
    asking = make(budget=0.5)
    for at in range(30):
        server.broken[f"{at}.test"] = "silence"
    began = time.monotonic()
    outcomes = {asking.texts(f"{at}.test").outcome for at in range(30)}

    assert outcomes == {Outcome.FAILED}
    assert len(server.asked) < 30, "the budget ended before the questions did"
    assert time.monotonic() - began < 60


def test_no_name_server_at_all_is_no_answer(monkeypatch):
    import dns.resolver

    def none(*_args, **_more):
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "Resolver", none)

    assert Lookup().texts("a.test").outcome == Outcome.FAILED


def test_bytes_that_are_no_text_do_no_harm(lookup):
    server, make = lookup
    server.text("odd.test", b"v=spf1 \xff\xfe -all", "v=spf1 é ~all")

    assert len(make().texts("odd.test").texts) == 2


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("192.0.2.53", (("192.0.2.53", 53),)),
        ("127.0.0.1#5353, 2001:db8::53", (("127.0.0.1", 5353), ("2001:db8::53", 53))),
        ("ns.example.org", None),
        ("192.0.2.53#dns", None),
        ("192.0.2.53#70000", None),
    ],
)
def test_an_operator_names_the_name_servers(text, servers):
    if servers is None:
        with pytest.raises(ValueError):
            setting_values.dns_servers(text)
    else:
        assert setting_values.dns_servers(text) == servers
