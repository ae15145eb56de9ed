from tests.support.front_door import _forgetful_limits, csrf_on, inbox, statements  # noqa: F401 - fixtures
