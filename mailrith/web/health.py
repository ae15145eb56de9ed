"""Is it alive, is it ready, and how much is waiting: for load balancers and Prometheus, not for people."""

import hmac

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from mailrith.core import config, queue
from mailrith.core.db import db
from mailrith.delivery import queries as deliveries

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> tuple[dict[str, str], int]:
    """The process answers."""
    return {"status": "ok"}, 200


@blueprint.get("/readyz")
def ready() -> tuple[dict[str, str], int]:
    """The database and the queue answer too. 503 when one does not."""
    parts = {"database": _database(), "queue": "ok" if queue.reachable() else "away"}
    healthy = all(state == "ok" for state in parts.values())
    return parts, 200 if healthy else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Gauges in Prometheus' text format, for whoever presents `Authorization: Bearer <MAILRITH_METRICS_TOKEN>`."""
    token = config.current().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        abort(404)
    registry = CollectorRegistry()
    waiting = Gauge("mailrith_jobs_waiting", "Jobs in a queue", ["queue"], registry=registry)
    for name, length in queue.lengths().items():
        waiting.labels(name).set(length)
    Gauge("mailrith_workers", "Workers with a pulse", registry=registry).set(
        len(queue.worker_names())
    )
    runs = Gauge("mailrith_runs", "Unfinished sendings by phase", ["phase"], registry=registry)
    for phase, count in deliveries.unfinished_runs().items():
        runs.labels(phase).set(count)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "away"
    return "ok"
