"""A fresh engine for each test, and slices beside the test."""

from tests.delivery.conftest import _fresh_engine, in_background, until  # noqa: F401 - fixtures
