"""Logged-in pages: one folder a feature, one module a resource. Views are thin; everything real is an action or a query below."""

from importlib import import_module

from flask import Blueprint, Flask

# "module of a blueprint", and whether its pages belong to a workspace (then they are below /w/<workspace>).
BLUEPRINTS: tuple[tuple[str, bool], ...] = (
    ("mailrith.web.home", False),
    ("mailrith.web.health", False),
    ("mailrith.web.auth.signing_in", False),
    ("mailrith.web.auth.signing_up", False),
    ("mailrith.web.auth.resetting", False),
    ("mailrith.web.auth.first_owner", False),
    ("mailrith.web.workspaces.workspaces", False),
    ("mailrith.web.settings.profile", False),
    ("mailrith.web.settings.workspace", True),
    ("mailrith.web.settings.policy", True),
    ("mailrith.web.settings.api_keys", True),
    ("mailrith.web.broadcasts.broadcasts", True),
    ("mailrith.web.broadcasts.letters", True),
    ("mailrith.web.broadcasts.audiences", True),
    ("mailrith.web.broadcasts.reviews", True),
    ("mailrith.web.broadcasts.tests", True),
    ("mailrith.web.broadcasts.sendings", True),
    ("mailrith.web.broadcasts.doubts", True),
    ("mailrith.web.broadcasts.reports", True),
    ("mailrith.web.connections.connections", True),
    ("mailrith.web.connections.creating", True),
    ("mailrith.web.connections.history", True),
    ("mailrith.web.connections.verification", True),
    ("mailrith.web.connections.trials", True),
    ("mailrith.web.connections.webhooks", True),
    ("mailrith.web.connections.event_mapping", True),
    ("mailrith.web.connections.events", True),
    ("mailrith.web.connections.mailbox", True),
    ("mailrith.web.connections.removal", True),
    ("mailrith.web.connections.routing", True),
    ("mailrith.web.connections.sender", True),
    ("mailrith.web.connections.setups", True),
    ("mailrith.web.subscribers.subscribers", True),
    ("mailrith.web.subscribers.bulk", True),
    ("mailrith.web.subscribers.imports", True),
    ("mailrith.web.tags.tags", True),
    ("mailrith.web.suppressions.suppressions", True),
    ("mailrith.web.palette", True),
    ("mailrith.web.guides", False),
    ("mailrith.web.offline", False),
)


def register(app: Flask) -> None:
    """Everything that the edge adds to the app."""
    from mailrith.web import access, auth, chrome, errors, filters, headers, limits, respond

    auth.register(app)
    access.register(app)
    errors.register(app)
    respond.register(app)
    filters.register(app)
    headers.register(app)
    limits.register(app)
    chrome.register(app)
    for module, in_workspace in BLUEPRINTS:
        blueprint: Blueprint = import_module(module).blueprint
        prefix = blueprint.url_prefix or ""
        app.register_blueprint(blueprint, url_prefix=f"/w/<ws>{prefix}" if in_workspace else None)
