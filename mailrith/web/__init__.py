"""Logged-in pages: one folder a feature, one module a resource. Views are thin; everything real is an action or a query below."""

from importlib import import_module

from flask import Blueprint, Flask

# "module of a blueprint", and whether its pages belong to a workspace (then they are below /w/<workspace>).
BLUEPRINTS: tuple[tuple[str, bool], ...] = (
    ("mailrith.web.home", False),
    ("mailrith.web.palette", True),
)


def register(app: Flask) -> None:
    """Everything that the edge adds to the app."""
    from mailrith.web import access, auth, errors, filters, respond

    auth.register(app)
    access.register(app)
    errors.register(app)
    respond.register(app)
    filters.register(app)
    for module, in_workspace in BLUEPRINTS:
        blueprint: Blueprint = import_module(module).blueprint
        prefix = blueprint.url_prefix or ""
        app.register_blueprint(blueprint, url_prefix=f"/w/<ws>{prefix}" if in_workspace else None)
