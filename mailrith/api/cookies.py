"""No session below /v1: extensions of the pages look into it after each request, which would say Vary: Cookie here too."""

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin


class PageSessions(SecureCookieSessionInterface):
    """Flask's sessions, but for the API."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Neither a cookie nor a word about cookies, when the answer is the API's."""
        if request.blueprint != "api":
            super().save_session(app, session, response)
