import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailrith.connections.presets import PRESETS
from mailrith.content import header_names
from mailrith.core.errors import Invalid

PRODUCT = [
    "From", "Sender", "To", "Cc", "Bcc", "Reply-To", "Return-Path", "Message-ID", "In-Reply-To", "References", "Date", "Content-Type",
    "Content-Transfer-Encoding", "MIME-Version", "DKIM-Signature", "Received", "Authentication-Results", "X-Original-To", "Delivered-To",
]  # fmt: skip
OURS = [
    "Subject", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Precedence", "Feedback-ID", "Resent-To", "ARC-Seal",
    "X-Mailrith-Delivery", "X-SMTPAPI", "X-SES-CONFIGURATION-SET", "X-PM-Message-Stream", "X-Mailgun-Recipient-Variables", "X-MJ-Vars",
    "Resend-Idempotency-Key", "X-MC-Track",
]  # fmt: skip


@pytest.mark.parametrize("name", [*PRODUCT, *OURS])
@pytest.mark.parametrize(
    "change",
    [
        str, str.lower, str.upper, str.swapcase, lambda name: f"{name} ", lambda name: f" {name}", lambda name: f"{name}\t",
        lambda name: f"{name}\xa0", lambda name: f"{name}\u200b", lambda name: f"{name}:", lambda name: f"{name}\r\nX",
        lambda name: name.replace("-", "_"), lambda name: name.replace("-", "\u2010"),
        # wide letters, and Cyrillic ones that look the same
        lambda name: "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in name),
        lambda name: name.translate(str.maketrans("BTSFMRDoecaxp", "ВТЅҒМᎡᎠоесахр")),
    ],
)  # fmt: skip
def test_reserved_name_is_refused_however_it_is_spelled(name, change) -> None:
    with pytest.raises(Invalid) as refusal:
        header_names.refuse_reserved(change(name))

    assert refusal.value.field == "headers"


@pytest.mark.parametrize(
    "name", ["", "X:Y", "X Y", "X\0", "X\n", "X-" + "a" * 80, "é", "x(y)", '"X"']
)
def test_name_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        header_names.refuse_reserved(name)


@pytest.mark.parametrize(
    "name", ["X-Campaign", "Comments", "Keywords", "X-Tomato", "Organization", "X-Entity-Ref-ID"]
)
def test_other_names_are_kept(name: str) -> None:
    assert header_names.refuse_reserved(name) == name


@given(st.text(max_size=70))
def test_what_is_kept_is_a_plain_name(name: str) -> None:
    try:
        kept = header_names.refuse_reserved(name)
    except Invalid:
        return
    assert kept == name
    assert name.isascii()
    assert not set(name) & set("\r\n\0\t :")
    assert name.lower() not in header_names.RESERVED


def test_no_header_of_a_mail_service_can_be_set_by_people() -> None:
    names = [
        name
        for preset in PRESETS.values()
        for name in (
            *(header for header, _ in preset.headers),
            *(header for header, _ in preset.option_headers),
            *([preset.trace.header] if preset.trace else []),
        )
    ]

    assert len(names) > 10
    for name in names:
        assert header_names.check_own(name) == name
        with pytest.raises(Invalid, match="set by Mailrith"):
            header_names.refuse_reserved(name)


@pytest.mark.parametrize("name", ["From", "bcc", "Content-Type", "List-Unsubscribe", "X Y", ""])
def test_a_mail_service_gets_no_header_that_stands_in_every_letter(name: str) -> None:
    with pytest.raises(Invalid):
        header_names.check_own(name)
