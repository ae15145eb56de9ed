"""A subject that would break a header, however it is written, is refused while it is typed, and no word is lost."""

import pytest

from mailrith.core.db import db

HIDDEN_BREAK = "=?utf-8?q?Plots=0D=0ABcc=3A_somebody=40people.example?="


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (HIDDEN_BREAK, "one line"),
        ("Plots\u2028and sheds", "one line"),
        ("x" * 10_000, "998"),
    ],
)
def test_it_gets_a_sentence_and_the_letter_stays_on_the_page(signed_in, at, draft, subject, words):
    answer = signed_in.post(
        at("letter"),
        data={"version": 1, "subject": subject, "preview_text": "", "markdown": "Kept."},
    )
    db.session.refresh(draft)

    assert answer.status_code == 422
    assert words in answer.text
    assert "Kept." in answer.text
    assert (draft.subject, draft.version) == ("The hungry gap", 1)
