"""The letter of a run: frozen when it is launched, compiled when it is sent."""

import json
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any

from mailrith.accounts.models import Workspace
from mailrith.connections.models import Connection
from mailrith.connections.presets import NOTHING, Carried
from mailrith.content.compiled import CompiledMessage, compile_message
from mailrith.content.document import parse_document
from mailrith.content.footer import Footer
from mailrith.content.letter import compose
from mailrith.core.addresses import domain_of
from mailrith.delivery.models import Run

KEPT = 8  # compiled letters in memory: slices of a few runs take turns


@dataclass(frozen=True)
class FrozenLetter:
    """What everybody of a run gets. Later edits of the broadcast, the connection or the workspace do not reach it."""

    subject: str
    preview_text: str
    from_name: str
    from_email: str
    reply_to: str
    envelope_sender: str
    workspace_name: str
    postal_address: str  # lines joined by line feeds
    list_id: str  # RFC 2919, without brackets
    body_document: dict[str, Any] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """For Run.letter."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "FrozenLetter":
        """From what `to_json` gave; fields of a newer version are ignored."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    @property
    def domain(self) -> str:
        """The domain of From, where the Message-ID belongs."""
        return domain_of(self.from_email)


def freeze(
    *,
    workspace: Workspace,
    connection: Connection,
    subject: str,
    preview_text: str,
    body_document: dict[str, Any],
    reply_to: str = "",
) -> FrozenLetter:
    """The letter as it is now. The envelope sender is the From address."""
    return FrozenLetter(
        subject=subject,
        preview_text=preview_text,
        from_name=connection.from_name,
        from_email=connection.from_email,
        reply_to=reply_to,
        envelope_sender=connection.from_email,
        workspace_name=workspace.name,
        postal_address="\n".join(workspace.postal_lines),
        list_id=f"{workspace.public_id.hex}.{domain_of(connection.from_email)}",
        body_document=body_document,
    )


def compiled(run: Run, letter: FrozenLetter, carried: Carried = NOTHING) -> CompiledMessage:
    """The letter ready to be spliced for each recipient. Raises core.errors.Invalid when it cannot be a mail.

    carried: what the connection's mail service wants in the header. It is not frozen with the letter, since the parts of
    a run may leave through different connections.
    """
    return _compiled(run.public_id.hex, run.source, json.dumps(letter.to_json()), carried)


@lru_cache(KEPT)
def _compiled(run_hex: str, source: str, stored: str, carried: Carried) -> CompiledMessage:
    letter = FrozenLetter.from_json(json.loads(stored))
    return compile_message(
        compose(
            parse_document(letter.body_document),
            subject=letter.subject,
            preview_text=letter.preview_text,
            footer=Footer(letter.workspace_name, letter.postal_address),
            from_name=letter.from_name,
            from_address=letter.from_email,
            list_id=letter.list_id,
            reply_to=letter.reply_to,
            # None of the four is about the recipient (Google's Feedback Loop).
            feedback_id=f"{run_hex}:{letter.list_id.partition('.')[0]}:{source}:mailrith",
            carrier_headers=carried.headers,
            trace=carried.trace,
        )
    )
