"""A small broadcast in the nursery itself, so that statements, templates and letters are compiled once and not in every child.

Afterwards every connection, thread and loop of it is gone: what is forked shares nothing that is open.
"""

import importlib
from collections.abc import Iterable

from flask import Flask

from mailrith.core import config, queue
from mailrith.core.db import db, transaction_mode
from mailrith.delivery import jobs
from mailrith.delivery.sending import engine


def rehearse(app: Flask, run_id: int, periodic: Iterable[str]) -> None:
    """Freeze and send the run, and do all periodic work (dotted names) once, in this process."""
    with app.app_context(), transaction_mode(read_only=False):
        jobs.freeze(run_id)
        jobs.start_due()
        jobs.send_slice(run_id)
        for name in periodic:
            module, _, job = name.rpartition(".")
            getattr(importlib.import_module(module), job)()
        db.session.remove()
        db.engine.dispose()
    engine.current().close()
    engine._engine = None
    queue._shared(config.current().redis_url).close()
    queue._shared.cache_clear()
