"""The app on its sample data, served on loopback by a thread of this process, and the states that pictures need."""

import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from mailrith.accounts.models import User, Workspace
from mailrith.app import create_app
from mailrith.core import config, setting_values
from mailrith.core.db import db
from mailrith.demo import pages, sample
from mailrith.demo.valkey import EmbeddedValkey
from mailrith.structure import upgrade
from mailrith.web import chrome
from tests.screens import states
from tests.support.cast import sign_in


@dataclass
class World:
    """What the table of screens needs to know to name an address."""

    app: Flask
    base: str
    ids: dict[str, Any] = field(default_factory=dict)  # whatever `states` put there

    def has(self, endpoint: str) -> bool:
        return endpoint in self.app.view_functions

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of an endpoint, with the sample's workspace filled in."""
        with self.app.test_request_context("/"):
            if self.app.url_map.is_endpoint_expecting(endpoint, "ws"):
                values.setdefault("ws", self.ids["workspace"].slug)
            from flask import url_for

            return self.base + url_for(endpoint, **values)

    def cookie(self, user: User) -> dict[str, str]:
        """The session of `user`, for a browser."""
        client = self.app.test_client()
        sign_in(client, user)
        found = client.get_cookie("mailrith")
        assert found is not None
        host = urlsplit(self.base).hostname or "127.0.0.1"
        return {"name": "mailrith", "value": found.value, "domain": host, "path": "/"}


@contextmanager
def running() -> Iterator[World]:
    """A world of its own, gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        valkey = EmbeddedValkey(folder, persistent=False)
        valkey.start()
        stack.callback(valkey.stop)
        app = create_app(_settings(folder, valkey.url))
        with app.app_context():
            upgrade()
            sample.ensure(smtp_port=2525)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        app.register_blueprint(pages.blueprint)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        stack.callback(server.shutdown)
        chrome._pulse[valkey.url] = (float("inf"), True)  # as if a worker were there
        world = World(app, f"http://127.0.0.1:{server.server_port}")
        with app.app_context():
            world.ids["user"] = db.session.scalar(select(User).where(User.email == sample.EMAIL))
            world.ids["workspace"] = db.session.scalar(select(Workspace))
            states.make(world.ids)
            for row in (
                world.ids["user"],
                world.ids["workspace"],
                world.ids["empty"],
                world.ids["newcomer"],
                world.ids["homeless"],
            ):
                db.session.refresh(row)
            db.session.expunge_all()
        yield world


def _settings(folder: Path, redis_url: str) -> config.Settings:
    return config.Settings(
        keys=(config.Key("k1", bytes(range(32))),),
        database_url=f"sqlite:///{folder}/screens.db",
        redis_url=redis_url,
        data_dir=folder / "data",
        allowed_networks=setting_values.networks("127.0.0.0/8 ::1/128"),
        system_smtp_url="smtp://127.0.0.1:2525",
        demo=True,
    )
