"""create_app(): settings, extensions, blueprints, error handlers and receivers, wired once."""

from pathlib import Path

from flask import Flask, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from mailrith import api, hooks, public, web
from mailrith.accounts import models as _accounts
from mailrith.broadcasts import models as _broadcasts
from mailrith.broadcasts import receivers as _broadcast_receivers
from mailrith.connections import models as _connections
from mailrith.connections import setups as _setups
from mailrith.connections.mailbox import models as _mailboxes
from mailrith.core import config, leases, logs, tokens
from mailrith.core.db import db, set_read_only
from mailrith.delivery import models as _delivery
from mailrith.delivery import receivers as _delivery_receivers
from mailrith.events import models as _events
from mailrith.events import receivers as _event_receivers
from mailrith.events import timeline as _event_timeline
from mailrith.messages import models as _messages
from mailrith.messages import receivers as _message_receivers
from mailrith.subscribers import models as _subscribers
from mailrith.suppression import models as _suppression

# Every module that defines tables, so that the metadata is whole in each process.
TABLES = (
    leases,
    _accounts,
    _broadcasts,
    _connections,
    _mailboxes,
    _setups,
    _delivery,
    _events,
    _messages,
    _subscribers,
    _suppression,
)

ROOT = Path(__file__).parent.parent
READING = frozenset({"GET", "HEAD", "OPTIONS"})

csrf = CSRFProtect()


def create_app(settings: config.Settings) -> Flask:
    """A Flask app of these settings, which also become `config.current()`."""
    config.install(settings)
    logs.configure(settings.log_format)
    app = Flask(
        "mailrith", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config.from_mapping(_flask_config(settings))
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.before_request(_choose_transaction)
    app.teardown_request(_end_transaction_mode)
    db.init_app(app)
    csrf.init_app(app)
    web.register(app)
    public.register(app)
    hooks.register(app)
    api.register(app)
    _delivery_receivers.register()
    _event_receivers.register()
    _event_timeline.register()
    _broadcast_receivers.register()
    _message_receivers.register()
    return app


def _flask_config(settings: config.Settings) -> dict[str, object]:
    secure = settings.public_url.startswith("https://")
    engine: dict[str, object] = {"pool_pre_ping": True}
    if settings.is_sqlite:
        engine["connect_args"] = {"timeout": 10}
    return {
        "SECRET_KEY": tokens.derive(settings.keys[0], "session").hex(),
        "SECRET_KEY_FALLBACKS": [tokens.derive(key, "session").hex() for key in settings.keys[1:]],
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "SESSION_COOKIE_NAME": "mailrith",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "WTF_CSRF_SSL_STRICT": secure,
        "MAX_FORM_MEMORY_SIZE": 2_000_000,  # bytes of a form's text fields
        "MAX_CONTENT_LENGTH": 2_500_000,  # bytes of a request; uploads raise it for themselves
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _choose_transaction() -> None:
    # A GET cannot write, by the database's own word; anything else takes SQLite's write lock at once.
    set_read_only(request.method in READING)


def _end_transaction_mode(error: BaseException | None) -> None:
    # The thread's next piece of work must not inherit it.
    set_read_only(False)
