import io
from pathlib import Path

import pytest

from mailrith.core import config, storage
from tests.conftest import KEY


def test_what_was_saved_can_be_read_until_it_is_deleted() -> None:
    saved = storage.save("imports", io.BytesIO(b"a,b\n"), limit_bytes=10)
    assert saved
    key, size = saved

    with storage.opened(key) as file:
        assert (file.read(), size) == (b"a,b\n", 4)
    storage.delete(key)
    with pytest.raises(FileNotFoundError), storage.opened(key):
        pass


def test_too_much_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert storage.save("imports", io.BytesIO(b"x" * 11), limit_bytes=10) is None
    assert not list((tmp_path / "files" / "imports").iterdir())


@pytest.mark.parametrize(
    "key", ["../secret", "imports/../../etc", "imports/a.b", "/etc/passwd", "imports"]
)
def test_a_key_that_is_not_ours_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a key"), storage.opened(key):
        pass


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path) -> None:
    config.install(
        config.Settings(
            keys=(KEY,), database_url="sqlite://", redis_url="redis://", data_dir=tmp_path
        )
    )
