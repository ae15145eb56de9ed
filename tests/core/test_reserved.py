import pytest

from mailrith.core.reserved import reserved


@pytest.mark.parametrize(
    ("address", "made_up"),
    [
        ("a@readers.example", True),
        ("a@mail.test", True),
        ("a@EXAMPLE.org", True),
        ("a@list.example.com.", True),
        ("a@localhost", True),
        ("a@gmail.com", False),
        ("a@myexample.com", False),
        ("a@example.com.au", False),
        ("a@test.org", False),
    ],
)
def test_made_up_domains_are_known(address: str, made_up: bool) -> None:
    assert reserved(address) is made_up
