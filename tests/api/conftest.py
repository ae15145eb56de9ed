"""A program with a key: what it asks and what it hears."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from mailrith.accounts.models import User, Workspace
from mailrith.accounts.scopes import READ_AND_WRITE
from tests.support.browser import Browser
from tests.support.cast import Cast
from tests.support.factories_api import key_for
from tests.support.front_door import _forgetful_limits, csrf_on  # noqa: F401 - fixtures


class Program:
    """A client that keeps no cookies."""

    def __init__(self, app: Flask, secret: str | None) -> None:
        self.client = Browser(app, app.response_class, use_cookies=False)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = self.headers | more.pop("headers", {})
        return self.client.open(f"/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> Any:
        return self.ask("POST", path, **more)

    def patch(self, path: str, **more: Any) -> Any:
        return self.ask("PATCH", path, **more)

    def put(self, path: str, **more: Any) -> Any:
        return self.ask("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> Any:
        return self.ask("DELETE", path, **more)


@pytest.fixture
def program_of(app: Flask) -> Callable[..., Program]:
    """program_of(workspace, user, scopes): a program with a new key; without arguments one that has none."""

    def make(
        workspace: Workspace | None = None,
        user: User | None = None,
        scopes: Any = READ_AND_WRITE,
    ) -> Program:
        if workspace is None or user is None:
            return Program(app, None)
        return Program(app, key_for(workspace, user, scopes).secret)

    return make


@pytest.fixture
def program(program_of: Callable[..., Program], cast: Cast) -> Program:
    """Alice's, which may do everything."""
    return program_of(cast.workspace, cast.alice)
