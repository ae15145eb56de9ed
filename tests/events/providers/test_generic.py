"""Our own JSON form: who may post it, and what each item means."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from mailrith.core import clock
from mailrith.core.strict_json import Unreadable
from mailrith.events.models import FactKind
from mailrith.events.providers import generic
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

SECRET = "whs_7Qm2VtR9cXh4LpZ0bNs8KdEw"


def _verify(headers, body, *secrets):
    return generic.verify(Post(headers, body), Keys(secrets))


BODY = b'{"event": "hard_bounce", "message_id": "<1.a@post.example>"}'


def test_a_signed_body_is_taken():
    assert _verify(_signed(BODY), BODY, SECRET) is None


def test_a_body_changed_by_one_byte_is_refused():
    assert isinstance(_verify(_signed(BODY), BODY + b" ", SECRET), BadSignature)


def test_another_secret_is_refused():
    assert isinstance(_verify(_signed(BODY), BODY, "other"), BadSignature)


def test_for_a_while_after_a_change_both_secrets_are_taken():
    assert _verify(_signed(BODY), BODY, "the-new-one", SECRET) is None


def test_without_a_secret_nothing_is_taken():
    assert isinstance(_verify(_signed(BODY), BODY, ""), BadSignature)


def test_the_moment_is_part_of_what_is_signed():
    moment = _now()
    signature = generic.sign(SECRET, moment, BODY)

    found = _verify({generic.HEADER: f"t={moment + 1},v1={signature}"}, BODY, SECRET)

    assert isinstance(found, BadSignature)


def test_one_right_signature_among_several_is_enough():
    moment = _now()
    signature = generic.sign(SECRET, moment, BODY)

    header = f"t={moment}, v1={'0' * 64}, v1={signature}"

    assert _verify({generic.HEADER: header}, BODY, SECRET) is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1=" + "0" * 64,
        "t=1767225600",
        "t=,v1=",
        "t=-5,v1=" + "0" * 64,
        "t=१,v1=" + "0" * 64,
        "t=" + "9" * 400 + ",v1=" + "0" * 64,
        "v1=é",
        "t=1,v1=" + "0" * 63 + "g",
        "," * 10_000,
    ],
)
def test_a_header_that_cannot_be_right_is_refused_with_a_sentence(header):
    found = _verify({generic.HEADER: header}, BODY, SECRET)

    assert isinstance(found, BadSignature)
    assert found.sentence


@pytest.mark.parametrize(
    ("age", "taken"),
    [
        (timedelta(hours=24), True),  # a relay that comes back after a day
        (timedelta(days=2, hours=23), True),
        (timedelta(days=3, hours=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-20), False),
    ],
)
def test_a_signature_is_good_for_three_days(age, taken):
    moment = int((clock.now() - age).timestamp())

    found = _verify(_signed(BODY, moment), BODY, SECRET)

    assert (found is None) is taken


def test_a_full_event_becomes_a_report():
    body = json.dumps(
        {
            "event": "hard_bounce",
            "message_id": "<1.abc@post.example>",
            "recipient": "Ann@Post.example",
            "occurred_at": "2026-05-06T07:08:09+02:00",
            "id": "ev-1",
            "diagnostic": "550 5.1.1 no such user",
            "enhanced_status": "5.1.1",
            "something": {"else": [1]},
        }
    ).encode()

    assert generic.parse(body) == [
        Report(
            FactKind.HARD_BOUNCE,
            "1.abc@post.example",
            "Ann@Post.example",
            datetime(2026, 5, 6, 5, 8, 9, tzinfo=UTC),
            "ev-1",
            "5.1.1",
            "550 5.1.1 no such user",
        )
    ]


@pytest.mark.parametrize("name", sorted(generic.KINDS))
def test_every_documented_kind_is_read_alone_and_in_an_array(name):
    item = {"event": name, "message_id": "1@a.example"}

    assert generic.parse(json.dumps(item).encode()) == generic.parse(json.dumps([item]).encode())
    assert generic.parse(json.dumps(item).encode())[0].kind == generic.KINDS[name]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (None, "not a JSON object"),
        (5, "not a JSON object"),
        ([], "not a JSON object"),
        ({}, "event is missing"),
        ({"event": None, "message_id": "1@a"}, "event is missing"),
        ({"event": 0, "message_id": "1@a"}, "event has to be a text"),
        ({"event": ["hard_bounce"], "message_id": "1@a"}, "event has to be a text"),
        ({"event": "hard_bounce"}, "message_id is missing"),
        ({"event": "hard_bounce", "message_id": ""}, "message_id is missing"),
        ({"event": "hard_bounce", "message_id": 7}, "message_id has to be a text"),
        ({"event": "hard_bounce", "message_id": True}, "message_id has to be a text"),
        ({"event": "hard_bounce", "message_id": "x" * 999}, "longer than 998"),
        ({"event": "complaint", "message_id": "1@a", "recipient": {"a": 1}}, "recipient has to"),
        ({"event": "complaint", "message_id": "1@a", "id": 5}, "id has to be a text"),
        ({"event": "complaint", "message_id": "1@a", "occurred_at": 17}, "occurred_at has to"),
        ({"event": "complaint", "message_id": "1@a", "occurred_at": "now"}, "occurred_at has to"),
        (
            {"event": "complaint", "message_id": "1@a", "occurred_at": "2026-05-06T07:08:09"},
            "with a zone",
        ),
        (
            {"event": "complaint", "message_id": "1@a", "occurred_at": "0001-01-01T00:00:00+14:00"},
            "occurred_at has to",
        ),
        ({"event": "block", "message_id": "1@a", "enhanced_status": "5.1"}, "look like 5.1.1"),
        ({"event": "block", "message_id": "1@a", "diagnostic": "a\0"}, "no text may have"),
        ({"event": "block", "message_id": "\ud800"}, "no text may have"),
        ({"event": "\ud800", "message_id": "1@a"}, "no text may have"),
    ],
)
def test_one_bad_item_is_refused_in_words_and_spoils_nothing(item, words):
    good = {"event": "delivered", "message_id": "1@a.example"}

    found = generic.parse(json.dumps([good, item, good]).encode())

    assert [type(each) for each in found] == [Report, Unusable, Report]
    assert words in found[1].words
    assert found[1].refused
    json.dumps(found[1].event).encode()
    found[1].event.encode()


@pytest.mark.parametrize(("name", "words"), [("opened", "not used"), ("test", "A test")])
def test_kinds_without_use_are_ignored_not_refused(name, words):
    [found] = generic.parse(json.dumps({"event": name}).encode())

    assert not found.refused
    assert words in found.words


@pytest.mark.parametrize("body", [b"5", b'"text"', b"null", b"true", b"nonsense"])
def test_what_is_neither_object_nor_array_is_refused_whole(body):
    assert isinstance(generic.parse(body), Unreadable)


def test_more_than_a_thousand_events_are_refused_whole():
    assert isinstance(generic.parse(b"[" + b"{}," * 1000 + b"{}]"), Unreadable)
    assert len(generic.parse(b"[" + b"{}," * 999 + b"{}]")) == 1000


def test_a_long_diagnostic_is_cut_to_what_is_kept():
    item = {"event": "block", "message_id": "1@a", "diagnostic": "x" * 5000}

    [found] = generic.parse(json.dumps(item).encode())

    assert len(found.diagnostic) == 1024


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the sample needs openssl")
def test_the_sample_signs_its_body_as_we_check_it(tmp_path):
    lines = generic.sample(
        "https://post.example/hooks/a/b", "<1.a@post.example>", "o'neil@a.example"
    )
    script = tmp_path / "try.sh"
    # A stand-in for curl that prints what would go out.
    script.write_text('curl() { printf "%s\\n" "$@"; }\n' + lines)

    done = subprocess.run(
        ["sh", str(script)],
        capture_output=True,
        text=True,
        check=True,
        env={"SECRET": SECRET, "PATH": "/usr/bin:/bin"},
    )

    sent = done.stdout.splitlines()
    assert sent[0] == "https://post.example/hooks/a/b"
    header = next(line for line in sent if line.startswith(generic.HEADER))
    body = sent[-1].encode()
    assert _verify({generic.HEADER: header.partition(": ")[2]}, body, SECRET) is None
    [report] = generic.parse(body)
    assert report.recipient == "o'neil@a.example"


def test_the_sample_without_a_message_is_a_test_that_changes_nothing():
    assert '"event": "test"' in generic.sample("https://post.example/hooks/a/b")


def _now() -> int:
    return int(clock.now().timestamp())


def _signed(body: bytes, moment: int | None = None) -> dict[str, str]:
    moment = _now() if moment is None else moment
    return {generic.HEADER: f"t={moment},v1={generic.sign(SECRET, moment, body)}"}
