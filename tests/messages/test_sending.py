"""Messages on the wire, on both databases."""

import email

from mailrith.messages.drafts import Mailbox
from tests.support import factories_messages as make


def test_each_recipient_gets_the_message_by_itself_and_nobody_sees_bcc(session, smtpd, run_jobs):
    workspace = make.sender_through(smtpd)
    [message] = make.accept(
        workspace,
        make.draft(
            "ada@people.example",
            cc=(Mailbox("ben@people.example", "Ben"),),
            bcc=(Mailbox("cy@people.example", "Cy"),),
        ),
    )

    run_jobs()

    assert make.states(message) == ["sent"] * 3
    assert smtpd.recipients == ["ada@people.example", "ben@people.example", "cy@people.example"]
    for found in smtpd.messages:
        read = email.message_from_bytes(found.content)
        assert (read["To"], read["Cc"]) == ("ada@people.example", '"Ben" <ben@people.example>')
        assert read["Bcc"] is None
        assert b"cy@" not in found.content
        assert read["Message-ID"] == f"<{message.message_id}>"
        assert read["Auto-Submitted"] == "auto-generated"
        assert not [name for name in read if name.startswith("List-") or name == "Precedence"]
