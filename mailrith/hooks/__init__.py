"""Provider webhooks in: one address for each connection. Verifies and stores; what the events mean is decided in `events`."""

from flask import Flask


def register(app: Flask) -> None:
    """Put the door before the app: what a person's request goes through costs several times what storing an event does."""
    from mailrith.hooks.door import Door

    app.wsgi_app = Door(app, app.wsgi_app)  # type: ignore[method-assign]
