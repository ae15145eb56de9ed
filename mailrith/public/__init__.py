"""What subscribers see: the newsletter speaks, not Mailrith. Nothing here is written by opening a page, and nothing needs a cookie."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the pages. The signed token in the address is the permission, so their forms carry no CSRF token."""
    from mailrith.public import unsubscribing

    app.extensions["csrf"].exempt(unsubscribing.blueprint)
    app.register_blueprint(unsubscribing.blueprint)
