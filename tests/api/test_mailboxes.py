"""Recipients in one text: what is read, and what is refused."""

import pytest

from mailrith.api import mailboxes
from mailrith.api.message_shapes import MessageRequest


@pytest.mark.parametrize(
    ("text", "name", "email"),
    [
        ("ann@x.example", "", "ann@x.example"),
        (" ann@X.Example ", "", "ann@x.example"),
        ("<ann@x.example>", "", "ann@x.example"),
        ("Ann <ann@x.example>", "Ann", "ann@x.example"),
        ("  Zoë  Łabędź<ann@x.example> ", "Zoë  Łabędź", "ann@x.example"),
        ('"Smith, Ann" <ann@x.example>', "Smith, Ann", "ann@x.example"),
        (r'"Ann \"A\" <b\\>" <ann@x.example>', r'Ann "A" <b\>', "ann@x.example"),
        ("ann@y.example <ann@x.example>", "ann@y.example", "ann@x.example"),
    ],
)
def test_a_text_is_a_name_and_an_address(text, name, email):
    found = mailboxes.read(text)

    assert (found.name, found.email) == (name, email)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ann",
        "Ann <>",
        "Ann <ann@x.example",
        "Ann <ann@x.example> (away)",
        "ann@x.example, ben@x.example",
        "ann@x.example; ben@x.example",
        "Ann <ann@x.example>, Ben <ben@x.example>",
        "Smith, Ann <ann@x.example>",
        '"Ann", "Ben" <ben@x.example>',
        "Ann <ann@x.example, ben@x.example>",
        "Ann\r\nBcc: ben@x.example <ann@x.example>",
        "=?utf-8?q?a=0D=0ABcc:_x?= <ann@x.example>",
        "n" * 256 + " <ann@x.example>",
        '"' + "\\" * 599,
        "<" * 600,
        " " * 601,
    ],
)
def test_whatever_is_not_one_mailbox_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"\.$|\?$"):
        mailboxes.read(text)


def test_texts_and_objects_may_stand_side_by_side_and_a_text_alone():
    body = '{"to": ["Ann <ann@x.example>", {"email": "ben@x.example"}], "cc": "cy@x.example"}'

    read = MessageRequest.model_validate_json(body)

    assert [(one.name, one.email) for one in read.to] == [("Ann", "ann@x.example"), ("", "ben@x.example")]  # fmt: skip
    assert [one.email for one in read.cc] == ["cy@x.example"]
    assert read.bcc == []


def test_the_document_says_that_both_are_taken():
    shape = MessageRequest.model_json_schema()["properties"]["to"]

    assert {"type": "string"} in shape["anyOf"]
    [entries] = [one["items"]["anyOf"] for one in shape["anyOf"] if one.get("type") == "array"]
    assert entries == [{"$ref": "#/$defs/MessageMailbox"}, {"type": "string"}]
