"""The demo's web application: Mailrith, and the pages of the local inbox beside it."""

from flask import Flask

from mailrith.app import create_app
from mailrith.core import config
from mailrith.demo import pages


def create_demo_app(settings: config.Settings) -> Flask:
    """The app with the inbox in it."""
    app = create_app(settings)
    app.register_blueprint(pages.blueprint)
    return app


def __getattr__(name: str) -> Flask:
    """`mailrith.demo.web:app` for gunicorn, made when it is asked for and not when the module is imported."""
    if name == "app":
        return create_demo_app(config.load())
    raise AttributeError(name)
