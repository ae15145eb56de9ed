from tests.hooks.conftest import _nobody_is_called  # noqa: F401 - for every test here
