from dataclasses import replace

import pytest

from mailrith.core import config, secrets
from tests.conftest import KEY

PLACE = "connections:7:password"


def test_a_sealed_secret_opens_in_its_own_place() -> None:
    assert secrets.open_sealed(secrets.seal("hunter2", place=PLACE), place=PLACE) == "hunter2"


def test_a_secret_copied_to_another_row_does_not_open() -> None:
    sealed = secrets.seal("hunter2", place=PLACE)

    with pytest.raises(secrets.Unreadable):
        secrets.open_sealed(sealed, place="connections:8:password")


def test_the_plain_text_is_not_in_the_sealed_bytes() -> None:
    assert b"hunter2" not in secrets.seal("hunter2", place=PLACE)


def test_both_keys_open_during_a_rotation(settings: config.Settings) -> None:
    sealed = secrets.seal("hunter2", place=PLACE)

    config.install(replace(settings, keys=(config.Key("k2", b"x" * 32), KEY)))

    assert secrets.open_sealed(sealed, place=PLACE) == "hunter2"
    assert not secrets.sealed_with_current_key(sealed)


def test_a_lost_key_is_said_clearly(settings: config.Settings) -> None:
    sealed = secrets.seal("hunter2", place=PLACE)

    config.install(replace(settings, keys=(config.Key("k2", b"x" * 32),)))

    with pytest.raises(secrets.Unreadable, match="MAILRITH_KEYS"):
        secrets.open_sealed(sealed, place=PLACE)


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x02k1" + b"0" * 40])
def test_bytes_that_were_never_sealed_do_not_open(broken: bytes) -> None:
    with pytest.raises(secrets.Unreadable):
        secrets.open_sealed(broken, place=PLACE)


@pytest.fixture(autouse=True)
def settings() -> config.Settings:
    settings = config.Settings(keys=(KEY,), database_url="sqlite://", redis_url="redis://")
    config.install(settings)
    return settings
