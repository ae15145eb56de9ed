"""What was refused at a webhook: counted with its time and its sentence, so that the page can say since when. Never a body."""

from sqlalchemy.dialects import postgresql, sqlite

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events import queries
from mailrith.events.models import HookRefusals


def note(connection_id: int, sentence: str) -> None:
    """Count one. The count begins anew after a request that was taken. The caller commits."""
    moment = now()
    taken = queries.last_request_at(connection_id)
    dialect = db.session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    fresh = {
        "first_at": moment,
        "last_at": moment,
        "count": 1,
        "sentence": sentence[:300],
    }
    row = db.session.get(HookRefusals, connection_id, populate_existing=True)
    again = row is not None and (taken is None or row.last_at > taken)
    more = {**fresh, "first_at": HookRefusals.first_at, "count": HookRefusals.count + 1}
    db.session.execute(
        insert(HookRefusals)
        .values(connection_id=connection_id, **fresh)
        .on_conflict_do_update(index_elements=["connection_id"], set_=more if again else fresh)
        .execution_options(synchronize_session=False)
    )
