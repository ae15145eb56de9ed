from tests.support.resolver import lookup, names  # noqa: F401 - fixtures
