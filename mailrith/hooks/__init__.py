"""Provider webhooks in: one address for each connection. Verifies and stores; what the events mean is decided in `events`."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the endpoint. Its requests prove themselves by a secret and a signature, so they carry no CSRF token."""
    from mailrith.hooks.endpoint import blueprint

    app.extensions["csrf"].exempt(blueprint)
    app.register_blueprint(blueprint)
