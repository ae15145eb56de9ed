"""The WSGI application, for any server: `gunicorn wsgi:app`. Settings come from MAILRITH_* (see docs/operating.md)."""

from mailrith.app import create_app
from mailrith.core import config

app = create_app(config.load())
