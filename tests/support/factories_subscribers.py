"""Subscribers with what hangs on them, and files to import."""

from datetime import UTC, datetime

from mailrith.subscribers import actions

PROOF = actions.Proof(
    "consent", "Sign-up sheet, Dalston seed swap", datetime(2026, 2, 21, tzinfo=UTC)
)


def add(workspace, email="ada@readers.example", name="Ada", proof=PROOF):
    """As the Add Subscriber drawer does it."""
    return actions.add(
        workspace, email=email, name=name, proof=proof, user_id=None, by="Hannah Okafor"
    )
