"""Subscribers with what hangs on them, and files to import."""

import io
from datetime import UTC, datetime

from mailrith.core.db import db
from mailrith.subscribers import actions, imports, jobs
from mailrith.subscribers.consents import Proof

PROOF = Proof("consent", "Sign-up sheet, Dalston seed swap", datetime(2026, 2, 21, tzinfo=UTC))


def add(workspace, email="ada@readers.example", name="Ada", proof=PROOF):
    """As the Add Subscriber drawer does it."""
    return actions.add(
        workspace, email=email, name=name, proof=proof, user_id=None, by="Hannah Okafor"
    )


def receive(workspace, content, *, user_id=1, file_name="seed-swap.csv"):
    """An uploaded file; `content` is text or bytes."""
    data = content if isinstance(content, bytes) else content.encode()
    brought = imports.receive(workspace, user_id, file_name, io.BytesIO(data))
    db.session.commit()
    return brought


def ready(workspace, content, *, existing="merge", tags=(), **places):
    """An import that has been mapped, consented and checked."""
    brought = receive(workspace, content)
    imports.map_columns(
        brought, places or imports.guess(brought.dialect["columns"]), existing=existing, tags=tags
    )
    imports.state_consent(brought, PROOF)
    db.session.commit()
    jobs.check_import(brought.id)
    db.session.refresh(brought)
    return brought


def bring(workspace, content, **choices):
    """An import carried out to its end."""
    brought = ready(workspace, content, **choices)
    imports.start(brought)
    db.session.commit()
    jobs.run_import(brought.id)
    db.session.refresh(brought)
    return brought
